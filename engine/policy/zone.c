/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/policy/zone.h"
#include "engine/policy/zone_rule.h"

#define COUNT_MAX 4096 /* changes in a file: the longest has some 240 */

/* ---- bytes with an end ---- */

struct bytes {
    const uint8_t *at, *end;
    bool short_of;
};

static const uint8_t *take(struct bytes *b, size_t len) {
    static const uint8_t nothing[44];
    if (len > (size_t)(b->end - b->at)) {
        b->short_of = true;
        return nothing;
    }
    b->at += len;
    return b->at - len;
}

static int64_t number_at(const uint8_t *s, size_t width) {
    uint64_t v = s[0] & 0x80 ? UINT64_MAX : 0; /* two's complement, the sign first */
    for (size_t k = 0; k < width; k++) v = v << 8 | s[k];
    return (int64_t)v;
}

/* ---- the file's own changes ---- */

struct header {
    uint32_t isut, isstd, leap, time, type, chars;
    uint8_t version;
};

static const char *read_header(struct bytes *b, struct header *h) {
    const uint8_t *s = take(b, 44);
    if (b->short_of || memcmp(s, "TZif", 4) != 0) return "no TZif file";
    uint32_t *const counts[] = {&h->isut, &h->isstd, &h->leap, &h->time, &h->type, &h->chars};
    h->version = s[4];
    for (size_t k = 0; k < ARRAY_LEN(counts); k++) {
        int64_t count = number_at(s + 20 + 4 * k, 4);
        if (count < 0 || count > COUNT_MAX) return "a count that is out of range";
        *counts[k] = (uint32_t)count;
    }
    return NULL;
}

static size_t block_size(const struct header *h, size_t width) {
    return h->time * (width + 1) + h->type * 6u + h->chars + h->leap * (width + 4) + h->isstd +
           h->isut;
}

static const char *read_block(struct bytes *b, const struct header *h, size_t width,
                              struct zone *zone, struct zone_change *changes) {
    struct bytes block = {.at = take(b, block_size(h, width))};
    if (b->short_of) return "an end that is missing";
    const uint8_t *times = block.at, *indices = times + h->time * width, *types = indices + h->time;
    if (h->leap > 0) return "leap seconds, which are not counted here";
    if (h->type == 0) return "no type of local time";
    zone->first_offset = (int32_t)number_at(types, 4);
    for (uint32_t k = 0; k < h->time; k++) {
        if (indices[k] >= h->type) return "a type that it does not have";
        changes[k].at = number_at(times + k * width, width);
        changes[k].offset = (int32_t)number_at(types + indices[k] * 6, 4);
        if (k > 0 && changes[k].at <= changes[k - 1].at) return "changes that are not in order";
    }
    for (uint32_t k = 0; k < h->type; k++) {
        int64_t offset = number_at(types + k * 6, 4);
        if (offset < -26 * 3600 || offset > 26 * 3600) return "an offset that is out of range";
    }
    zone->count = h->time;
    return NULL;
}

static struct zone_change *room(struct arena *arena, uint32_t of_file) {
    return ARENA_NEW(arena, struct zone_change, of_file + ZONE_RULE_CHANGES_MAX);
}

const char *zone_read(struct zone *zone, struct arena *arena, const void *bytes, size_t len) {
    struct bytes b = {.at = bytes, .end = (const uint8_t *)bytes + len};
    struct header h;
    *zone = (struct zone){0};
    const char *wrong = read_header(&b, &h);
    if (wrong) return wrong;
    size_t width = 4;
    if (h.version >= '2') { /* again in 64 bits */
        take(&b, block_size(&h, 4));
        wrong = read_header(&b, &h);
        if (wrong) return wrong;
        width = 8;
    }
    struct zone_change *changes = room(arena, h.time);
    zone->changes = changes;
    wrong = read_block(&b, &h, width, zone, changes);
    if (wrong || width == 4) return wrong;
    const char *footer = (const char *)b.at;
    size_t left = (size_t)(b.end - b.at);
    const char *close = left > 1 ? memchr(footer + 1, '\n', left - 1) : NULL;
    if (!close || footer[0] != '\n') return "no footer";
    return zone_rule_add(zone, changes, footer + 1, (size_t)(close - footer) - 1);
}

bool zone_name_good(const char *name) {
    size_t len = strlen(name), part = 0;
    if (len == 0 || len > 64) return false;
    for (size_t k = 0; k < len; k++) {
        char c = name[k];
        bool good = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                    c == '_' || c == '+' || c == '-';
        if (c == '/' ? part == 0 : !good) return false;
        part = c == '/' ? 0 : part + 1;
    }
    return part > 0;
}

/* ---- asking ---- */

/* Changes at or before it. */
static uint32_t changes_until(const struct zone *zone, int64_t utc) {
    uint32_t low = 0, high = zone->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (zone->changes[middle].at <= utc)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static int32_t offset_after(const struct zone *zone, uint32_t changes) {
    return changes == 0 ? zone->first_offset : zone->changes[changes - 1].offset;
}

int32_t zone_offset(const struct zone *zone, int64_t utc) {
    return offset_after(zone, changes_until(zone, utc));
}

/* Between two changes the clocks run on: each stretch near by is asked for the local time. */
struct zone_instants zone_instants(const struct zone *zone, int64_t local) {
    enum { NEAR = 27 * 3600 }; /* more than any offset */
    struct zone_instants found = {0};
    bool any = false;
    uint32_t first = changes_until(zone, local - NEAR), last = changes_until(zone, local + NEAR);
    for (uint32_t k = first; k <= last; k++) {
        int64_t begin = k == 0 ? INT64_MIN : zone->changes[k - 1].at;
        int64_t end = k == zone->count ? INT64_MAX : zone->changes[k].at;
        int64_t utc = local - offset_after(zone, k);
        if (utc < begin || utc >= end) continue;
        if (!any) found.earliest = utc;
        found.latest = utc;
        any = true;
    }
    for (uint32_t k = first; !any && k < last; k++) {
        const struct zone_change *change = &zone->changes[k];
        if (local < change->at + offset_after(zone, k) || local >= change->at + change->offset)
            continue;
        found = (struct zone_instants){change->at, change->at, true};
        any = true;
    }
    return found;
}
