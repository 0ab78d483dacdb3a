/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/prometheus/template_builtin.h"

#define PRINTED_BYTES ((size_t)8192)

/* ---- comparing: only what is of one kind, as in Go ---- */

enum comparison { COMPARES_LESS, COMPARES_EQUAL, COMPARES_MORE, COMPARES_NOT };

static bool compare(struct template_run *r, const struct template_value *a,
                    const struct template_value *b, enum comparison *result) {
    if (a->kind != b->kind && (a->kind > VALUE_TEXT || b->kind > VALUE_TEXT))
        return run_fail(r, "non-comparable types %s and %s", value_type(a), value_type(b));
    if (a->kind != b->kind)
        return run_fail(r, "incompatible types for comparison: %s and %s", value_type(a),
                        value_type(b));
    int order = 0;
    switch (a->kind) {
    case VALUE_BOOL: order = a->as.truth - b->as.truth; break;
    case VALUE_INT: order = (a->as.whole > b->as.whole) - (a->as.whole < b->as.whole); break;
    case VALUE_FLOAT:
        order = (a->as.number > b->as.number) - (a->as.number < b->as.number);
        *result = COMPARES_NOT; /* NaN */
        if (order == 0 && a->as.number != b->as.number) return true;
        break;
    case VALUE_TEXT: {
        size_t len = a->as.text.len < b->as.text.len ? a->as.text.len : b->as.text.len;
        order = memcmp(a->as.text.at, b->as.text.at, len);
        if (order == 0) order = (a->as.text.len > len) - (b->as.text.len > len);
        break;
    }
    case VALUE_NIL: break;
    default: return run_fail(r, "non-comparable type %s", value_type(a));
    }
    *result = order < 0 ? COMPARES_LESS : order > 0 ? COMPARES_MORE : COMPARES_EQUAL;
    return true;
}

static bool ordered(struct template_run *r, const struct template_value *arguments,
                    enum comparison *result) {
    if (arguments[0].kind == VALUE_BOOL || arguments[0].kind == VALUE_NIL)
        return run_fail(r, "invalid type for comparison: %s", value_type(&arguments[0]));
    return compare(r, &arguments[0], &arguments[1], result);
}

BUILTIN(eq) {
    enum comparison c = COMPARES_NOT;
    if (count == 1) return run_fail(r, "missing argument for comparison");
    for (uint32_t i = 1; i < count && c != COMPARES_EQUAL; i++)
        if (!compare(r, &arguments[0], &arguments[i], &c)) return false;
    *out = value_bool(c == COMPARES_EQUAL);
    return true;
}

BUILTIN(ne) {
    enum comparison c = COMPARES_NOT;
    (void)count;
    if (!compare(r, &arguments[0], &arguments[1], &c)) return false;
    *out = value_bool(c != COMPARES_EQUAL);
    return true;
}

BUILTIN(lt) {
    enum comparison c = COMPARES_NOT;
    (void)count;
    if (!ordered(r, arguments, &c)) return false;
    *out = value_bool(c == COMPARES_LESS);
    return true;
}

BUILTIN(le) {
    enum comparison c = COMPARES_NOT;
    (void)count;
    if (!ordered(r, arguments, &c)) return false;
    *out = value_bool(c == COMPARES_LESS || c == COMPARES_EQUAL);
    return true;
}

/* Go has them as the opposites of le and lt, for NaN too. */
BUILTIN(gt) {
    if (!builtin_le(r, arguments, count, out)) return false;
    out->as.truth = !out->as.truth;
    return true;
}

BUILTIN(ge) {
    if (!builtin_lt(r, arguments, count, out)) return false;
    out->as.truth = !out->as.truth;
    return true;
}

BUILTIN(negate) {
    (void)r, (void)count;
    *out = value_bool(!value_truth(&arguments[0]));
    return true;
}

/* ---- parts ---- */

BUILTIN(len) {
    const struct template_value *v = &arguments[0];
    (void)count;
    if (v->kind == VALUE_TEXT)
        *out = value_int((int64_t)v->as.text.len);
    else if (v->kind == VALUE_LABELS)
        *out = value_int(v->as.labels.count);
    else if (v->kind == VALUE_SAMPLES)
        *out = value_int(v->as.samples.count);
    else
        return run_fail(r, "len of type %s", value_type(v));
    return true;
}

static bool index_once(struct template_run *r, const struct template_value *of,
                       const struct template_value *by, struct template_value *out) {
    struct template_value name;
    if (of->kind == VALUE_LABELS && by->kind == VALUE_TEXT)
        return run_text(r, by->as.text.at, by->as.text.len, &name) &&
               value_field(r, of, name.as.text.at, out);
    bool is_text = of->kind == VALUE_TEXT;
    if ((of->kind != VALUE_SAMPLES && !is_text) || by->kind != VALUE_INT)
        return run_fail(r, "can't index item of type %s with %s", value_type(of), value_type(by));
    uint64_t count = is_text ? of->as.text.len : of->as.samples.count;
    if (by->as.whole < 0 || (uint64_t)by->as.whole >= count)
        return run_fail(r, "index out of range: %lld", (long long)by->as.whole);
    if (is_text)
        *out = value_int((uint8_t)of->as.text.at[by->as.whole]);
    else
        *out = (struct template_value){VALUE_SAMPLE, {.sample = &of->as.samples.at[by->as.whole]}};
    return true;
}

BUILTIN(index) {
    *out = arguments[0];
    for (uint32_t i = 1; i < count; i++) {
        struct template_value of = *out;
        if (!index_once(r, &of, &arguments[i], out)) return false;
    }
    return true;
}

BUILTIN(slice) {
    bool is_text = arguments[0].kind == VALUE_TEXT;
    *out = arguments[0];
    if (!is_text && out->kind != VALUE_SAMPLES)
        return run_fail(r, "can't slice item of type %s", value_type(out));
    if (count > 3) return run_fail(r, "too many slice indexes: %u", count - 1);
    int64_t size = is_text ? (int64_t)out->as.text.len : out->as.samples.count;
    int64_t ends[2] = {0, size};
    for (uint32_t i = 1; i < count; i++) {
        if (arguments[i].kind != VALUE_INT)
            return run_fail(r, "cannot index slice/array with type %s", value_type(&arguments[i]));
        ends[i - 1] = arguments[i].as.whole;
        if (ends[i - 1] < 0 || ends[i - 1] > size)
            return run_fail(r, "index out of range: %lld", (long long)ends[i - 1]);
    }
    if (ends[0] > ends[1])
        return run_fail(r, "invalid slice index: %lld > %lld", (long long)ends[0],
                        (long long)ends[1]);
    if (is_text) {
        *out = value_text(out->as.text.at + ends[0], (size_t)(ends[1] - ends[0]));
    } else {
        out->as.samples.at += ends[0];
        out->as.samples.count = (uint32_t)(ends[1] - ends[0]);
    }
    return true;
}

/* ---- printing ---- */

static bool printed(struct template_run *r, const struct template_value *arguments, uint32_t count,
                    bool line, struct writer *w) {
    for (uint32_t i = 0; i < count; i++) {
        bool texts =
            i > 0 && (arguments[i].kind == VALUE_TEXT || arguments[i - 1].kind == VALUE_TEXT);
        if (i > 0 && (line || !texts)) write_text(w, " ");
        value_print(&arguments[i], w);
    }
    if (line) write_text(w, "\n");
    return !w->overflow || run_fail(r, "what is printed is longer than 8 KiB");
}

static bool print(struct template_run *r, const struct template_value *arguments, uint32_t count,
                  bool line, struct template_value *out) {
    char text[PRINTED_BYTES];
    struct writer w = writer_of(text, sizeof text);
    return printed(r, arguments, count, line, &w) && run_text(r, text, w.len, out);
}

BUILTIN(print) { return print(r, arguments, count, false, out); }
BUILTIN(println) { return print(r, arguments, count, true, out); }

static void write_html_escaped(struct writer *out, const char *s, size_t len) {
    for (size_t i = 0; i < len; i++) switch (s[i]) {
        case '<': write_text(out, "&lt;"); break;
        case '>': write_text(out, "&gt;"); break;
        case '&': write_text(out, "&amp;"); break;
        case '\'': write_text(out, "&#39;"); break;
        case '"': write_text(out, "&#34;"); break;
        default: write_bytes(out, s + i, 1);
        }
}

void write_query_escaped(struct writer *out, const char *s, size_t len) {
    static const char hex[] = "0123456789ABCDEF";
    for (size_t i = 0; i < len; i++) {
        char c = s[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                     c == '-' || c == '_' || c == '.' || c == '~';
        const char escaped[] = {'%', hex[(uint8_t)c >> 4], hex[(uint8_t)c & 15], '\0'};
        if (plain)
            write_bytes(out, s + i, 1);
        else
            write_text(out, c == ' ' ? "+" : escaped);
    }
}

static bool escaped(struct template_run *r, const struct template_value *arguments, uint32_t count,
                    void (*write)(struct writer *, const char *, size_t),
                    struct template_value *out) {
    char text[PRINTED_BYTES], result[PRINTED_BYTES];
    struct writer w = writer_of(text, sizeof text), e = writer_of(result, sizeof result);
    if (!printed(r, arguments, count, false, &w)) return false;
    write(&e, text, w.len);
    return e.overflow ? run_fail(r, "what is escaped is longer than 8 KiB")
                      : run_text(r, result, e.len, out);
}

BUILTIN(html) { return escaped(r, arguments, count, write_html_escaped, out); }
BUILTIN(urlquery) { return escaped(r, arguments, count, write_query_escaped, out); }
