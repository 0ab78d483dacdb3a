/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/judge/wire.h"

enum shape { SHAPE_INT, SHAPE_BYTES, SHAPE_ARRAY, SHAPE_MAP, SHAPE_OTHER };
struct head {
    enum shape shape;
    uint64_t value; /* integer's bits, length in bytes, or count */
    size_t skip;    /* of OTHER: payload bytes without meaning here */
};

bool wire_fail(struct wire *w, const char *wrong) {
    if (!w->wrong) w->wrong = wrong;
    return false;
}

static size_t left(const struct wire *w) { return w->len - w->at; }

static bool big_endian(struct wire *w, size_t width, uint64_t *out) {
    if (left(w) < width) return wire_fail(w, "the bytes end within a value");
    uint64_t v = 0;
    for (size_t i = 0; i < width; i++) v = v << 8 | w->bytes[w->at++];
    *out = v;
    return true;
}

static uint64_t sign_extend(uint64_t v, size_t width) {
    unsigned shift = (unsigned)(64 - 8 * width);
    return (uint64_t)((int64_t)(v << shift) >> shift);
}

/* The formats from 0xc4 on that carry a number of the given width after their first byte. */
static bool head_sized(struct wire *w, struct head *h, enum shape shape, size_t width) {
    h->shape = shape;
    return big_endian(w, width, &h->value);
}

static bool head_long(struct wire *w, uint8_t first, struct head *h) {
    switch (first) {
    case 0xc0: h->shape = SHAPE_OTHER; return true; /* nil */
    case 0xc2:
    case 0xc3:
        h->shape = SHAPE_INT;
        h->value = first & 1u;
        return true;
    case 0xc4:
    case 0xc5:
    case 0xc6: return head_sized(w, h, SHAPE_BYTES, (size_t)1 << (first - 0xc4));
    case 0xc7:
    case 0xc8:
    case 0xc9: /* ext: a type byte follows the length */
        if (!head_sized(w, h, SHAPE_OTHER, (size_t)1 << (first - 0xc7))) return false;
        h->skip = (size_t)h->value + 1;
        return true;
    case 0xca:
    case 0xcb: /* floats have no place in a trace, but can be stepped over */
        h->shape = SHAPE_OTHER;
        h->skip = first == 0xca ? 4 : 8;
        return true;
    case 0xcc:
    case 0xcd:
    case 0xce:
    case 0xcf: return head_sized(w, h, SHAPE_INT, (size_t)1 << (first - 0xcc));
    case 0xd0:
    case 0xd1:
    case 0xd2:
    case 0xd3: {
        size_t width = (size_t)1 << (first - 0xd0);
        if (!head_sized(w, h, SHAPE_INT, width)) return false;
        h->value = sign_extend(h->value, width);
        return true;
    }
    case 0xd4:
    case 0xd5:
    case 0xd6:
    case 0xd7:
    case 0xd8: /* fixext */
        h->shape = SHAPE_OTHER;
        h->skip = ((size_t)1 << (first - 0xd4)) + 1;
        return true;
    case 0xd9:
    case 0xda:
    case 0xdb: return head_sized(w, h, SHAPE_BYTES, (size_t)1 << (first - 0xd9));
    case 0xdc:
    case 0xdd: return head_sized(w, h, SHAPE_ARRAY, (size_t)2 << (first - 0xdc));
    case 0xde:
    case 0xdf: return head_sized(w, h, SHAPE_MAP, (size_t)2 << (first - 0xde));
    default: return wire_fail(w, "0xc1 is no MessagePack format");
    }
}

static bool head_read(struct wire *w, struct head *h) {
    *h = (struct head){0};
    if (w->wrong) return false;
    if (left(w) == 0) return wire_fail(w, "the bytes end where a value should begin");
    uint8_t first = w->bytes[w->at++];
    if (first < 0x80)
        *h = (struct head){SHAPE_INT, first, 0};
    else if (first < 0x90)
        *h = (struct head){SHAPE_MAP, first & 15u, 0};
    else if (first < 0xa0)
        *h = (struct head){SHAPE_ARRAY, first & 15u, 0};
    else if (first < 0xc0)
        *h = (struct head){SHAPE_BYTES, first & 31u, 0};
    else if (first >= 0xe0)
        *h = (struct head){SHAPE_INT, sign_extend(first, 1), 0};
    else if (!head_long(w, first, h))
        return false;
    bool counts = h->shape == SHAPE_ARRAY || h->shape == SHAPE_MAP || h->shape == SHAPE_BYTES;
    if (counts && h->value > left(w)) return wire_fail(w, "a count larger than the bytes left");
    if (h->skip > left(w)) return wire_fail(w, "the bytes end within a value");
    return true;
}

/* Reads a head of the shape wanted; on another one the cursor stays where the value began, so that
 * the error names its place. */
static bool head_expect(struct wire *w, enum shape shape, const char *wrong, struct head *h) {
    size_t began = w->at;
    if (!head_read(w, h)) return false;
    if (h->shape == shape) return true;
    w->at = began;
    return wire_fail(w, wrong);
}

bool wire_int(struct wire *w, int64_t *out) {
    struct head h;
    if (!head_expect(w, SHAPE_INT, "expected an integer", &h)) return false;
    *out = (int64_t)h.value;
    return true;
}

bool wire_array(struct wire *w, uint32_t *count) {
    struct head h;
    if (!head_expect(w, SHAPE_ARRAY, "expected an array", &h)) return false;
    *count = (uint32_t)h.value;
    return true;
}

bool wire_bytes(struct wire *w, struct rec_view *out) {
    struct head h;
    if (!head_expect(w, SHAPE_BYTES, "expected text or bytes", &h)) return false;
    *out = (struct rec_view){w->bytes + w->at, (size_t)h.value};
    w->at += (size_t)h.value;
    return true;
}

bool wire_value(struct wire *w, struct rec_view *out) {
    size_t began = w->at;
    for (uint64_t pending = 1; pending > 0; pending--) {
        struct head h;
        if (!head_read(w, &h)) return false;
        if (h.shape == SHAPE_BYTES) w->at += (size_t)h.value;
        if (h.shape == SHAPE_OTHER) w->at += h.skip;
        if (h.shape == SHAPE_ARRAY) pending += h.value;
        if (h.shape == SHAPE_MAP) pending += 2 * h.value;
        /* each value still owed takes a byte at least */
        if (pending - 1 > left(w)) return wire_fail(w, "a count larger than the bytes left");
    }
    *out = (struct rec_view){w->bytes + began, w->at - began};
    return true;
}

bool wire_at_array(const struct wire *w) {
    if (w->wrong || left(w) == 0) return false;
    uint8_t first = w->bytes[w->at];
    return (first >= 0x90 && first < 0xa0) || first == 0xdc || first == 0xdd;
}
