/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Go's printf over a template's values: %v %s %q %d %t %x %X %f %F %e %E %g %G %c %T %%, with
 * flags, width and precision; what does not fit is written into the result as Go writes it. */
#include "sim/prometheus/number.h"
#include "sim/prometheus/template_parts.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define PIECE_BYTES  ((size_t)4096)
#define NUMBER_WIDTH 200 /* widths and precisions beyond are cut, as for any number */

struct directive {
    bool minus, plus, sharp, space, zero, has_precision;
    int width, precision;
    char verb[8]; /* one character */
};

static const char *read_number(const char *s, const char *end, int *out) {
    for (*out = 0; s < end && *s >= '0' && *s <= '9'; s++)
        if (*out < NUMBER_WIDTH) *out = *out * 10 + (*s - '0');
    if (*out > NUMBER_WIDTH) *out = NUMBER_WIDTH;
    return s;
}

static const char *read_directive(const char *s, const char *end, struct directive *d) {
    *d = (struct directive){0};
    for (; s < end; s++) {
        if (*s == '-')
            d->minus = true;
        else if (*s == '+')
            d->plus = true;
        else if (*s == '#')
            d->sharp = true;
        else if (*s == ' ')
            d->space = true;
        else if (*s == '0')
            d->zero = true;
        else
            break;
    }
    s = read_number(s, end, &d->width);
    if (s < end && *s == '.') {
        d->has_precision = true;
        s = read_number(s + 1, end, &d->precision);
    }
    size_t len = s < end ? utf8_sequence(s, (size_t)(end - s)) : 0;
    if (len == 0 && s < end) len = 1;
    memcpy(d->verb, s, len);
    return s + len;
}

static size_t characters(const char *s, size_t len) {
    size_t n = 0;
    for (size_t i = 0; i < len; i++) n += ((uint8_t)s[i] & 0xC0) != 0x80;
    return n;
}

static void pad(struct writer *out, const struct directive *d, const char *s, size_t len) {
    size_t n = characters(s, len), width = (size_t)d->width;
    for (size_t i = n; !d->minus && i < width; i++) write_text(out, d->zero ? "0" : " ");
    write_bytes(out, s, len);
    for (size_t i = n; d->minus && i < width; i++) write_text(out, " ");
}

/* A number's sign goes before the zeros that pad it. */
static void pad_number(struct writer *out, struct directive d, const char *s) {
    bool has_sign = *s == '-' || *s == '+' || *s == ' ';
    if (d.zero && !d.minus && has_sign && d.width > 0) {
        write_bytes(out, s, 1);
        d.width--;
        s++;
    }
    if (d.minus) d.zero = false;
    pad(out, &d, s, strlen(s));
}

static void bad_verb(struct writer *out, const struct directive *d,
                     const struct template_value *v) {
    write_text(out, "%!");
    write_text(out, d->verb);
    write_text(out, "(");
    if (v->kind == VALUE_NIL) {
        write_text(out, "<nil>)");
        return;
    }
    write_text(out, value_type(v));
    write_text(out, "=");
    value_print(v, out);
    write_text(out, ")");
}

static void print_float(struct writer *out, const struct directive *d, double v) {
    char text[NUMBER_WIDTH + 400], format[8] = "%.*f", *at = text;
    if (signbit(v) && !isnan(v))
        *at++ = '-';
    else if (d->plus)
        *at++ = '+';
    else if (d->space)
        *at++ = ' ';
    v = fabs(v);
    bool is_general = *d->verb == 'v' || *d->verb == 'g' || *d->verb == 'G';
    format[3] = *d->verb == 'v' ? 'g' : *d->verb;
    struct directive padded = *d;
    if (isnan(v) || isinf(v)) {
        if (isinf(v) && at == text) *at++ = '+';
        memcpy(at, isnan(v) ? "NaN" : "Inf", 4);
        padded.zero = false;
    } else if (is_general && !d->has_precision) {
        number_go(at, v);
        for (char *e = at; *d->verb == 'G' && *e; e++)
            if (*e == 'e') *e = 'E';
    } else {
        snprintf(at, sizeof text - 2, format, d->has_precision ? d->precision : 6, v);
    }
    pad_number(out, padded, text);
}

static void print_int(struct writer *out, const struct directive *d, int64_t v) {
    char text[NUMBER_WIDTH + 40], *at = text;
    uint64_t magnitude = v < 0 ? -(uint64_t)v : (uint64_t)v;
    if (v < 0)
        *at++ = '-';
    else if (d->plus)
        *at++ = '+';
    else if (d->space)
        *at++ = ' ';
    int digits = d->has_precision ? d->precision : 1;
    const char *format = *d->verb == 'x'   ? "%.*llx"
                         : *d->verb == 'X' ? "%.*llX"
                         : *d->verb == 'o' ? "%.*llo"
                                           : "%.*llu";
    if (d->sharp && *d->verb == 'x') {
        memcpy(at, "0x", 2);
        at += 2;
    }
    snprintf(at, NUMBER_WIDTH + 30, format, digits, (unsigned long long)magnitude);
    pad_number(out, *d, text);
}

static void print_hex(struct writer *out, const struct directive *d, const char *s, size_t len) {
    char pair[4];
    for (size_t i = 0; i < len; i++) {
        snprintf(pair, sizeof pair, *d->verb == 'x' ? "%02x" : "%02X", (unsigned)(uint8_t)s[i]);
        write_text(out, pair);
    }
}

/* A precision counts the characters that are printed. */
static void print_text(struct writer *out, const struct directive *d, const char *s, size_t len) {
    if (d->has_precision) {
        size_t left = (size_t)d->precision, at = 0;
        while (at < len && left > 0) {
            size_t step = utf8_sequence(s + at, len - at);
            at += step > 0 ? step : 1;
            left--;
        }
        len = at;
    }
    if (*d->verb == 'x' || *d->verb == 'X') {
        print_hex(out, d, s, len);
        return;
    }
    if (*d->verb != 'q') {
        pad(out, d, s, len);
        return;
    }
    char quoted[PIECE_BYTES];
    struct writer w = writer_of(quoted, sizeof quoted);
    write_json_string(&w, s, len);
    out->overflow |= w.overflow;
    pad(out, d, quoted, w.len);
}

static void print_character(struct writer *out, const struct directive *d, int64_t c) {
    char text[4];
    size_t len = 1;
    uint32_t u = c < 0 || c > 0x10FFFF || (c >= 0xD800 && c < 0xE000) ? 0xFFFD : (uint32_t)c;
    static const uint8_t first[] = {0, 0, 0xC0, 0xE0, 0xF0};
    len = u < 0x80 ? 1 : u < 0x800 ? 2 : u < 0x10000 ? 3 : 4;
    for (size_t i = len - 1; i > 0; i--, u >>= 6) text[i] = (char)(0x80 | (u & 0x3F));
    text[0] = (char)(first[len] | u);
    pad(out, d, text, len);
}

static void print_value(struct writer *out, const struct directive *d,
                        const struct template_value *v) {
    const char *verb = d->verb;
    if (verb[0] == 'T') {
        pad(out, d, value_type(v), strlen(value_type(v)));
    } else if (v->kind == VALUE_FLOAT && strchr("vfFeEgG", verb[0])) {
        print_float(out, d, v->as.number);
    } else if (v->kind == VALUE_INT && strchr("vdxXo", verb[0])) {
        print_int(out, d, v->as.whole);
    } else if (v->kind == VALUE_INT && verb[0] == 'c') {
        print_character(out, d, v->as.whole);
    } else if (v->kind == VALUE_TEXT && strchr("vsqxX", verb[0])) {
        print_text(out, d, v->as.text.at, v->as.text.len);
    } else if (v->kind == VALUE_BOOL && strchr("vt", verb[0])) {
        pad(out, d, v->as.truth ? "true" : "false", v->as.truth ? 4 : 5);
    } else if (v->kind == VALUE_NIL && verb[0] == 'v') {
        pad(out, d, "<nil>", 5);
    } else if (v->kind > VALUE_TEXT && strchr("vs", verb[0])) {
        char text[PIECE_BYTES];
        struct writer w = writer_of(text, sizeof text);
        value_print(v, &w);
        out->overflow |= w.overflow;
        pad(out, d, text, w.len);
    } else {
        bad_verb(out, d, v);
    }
}

static void print_extra(struct writer *out, const struct template_value *values, uint32_t count) {
    write_text(out, "%!(EXTRA ");
    for (uint32_t i = 0; i < count; i++) {
        if (i > 0) write_text(out, ", ");
        write_text(out, values[i].kind == VALUE_NIL ? "<nil>" : value_type(&values[i]));
        if (values[i].kind == VALUE_NIL) continue;
        write_text(out, "=");
        value_print(&values[i], out);
    }
    write_text(out, ")");
}

bool go_printf(struct template_run *r, struct template_value *arguments, uint32_t count,
               struct template_value *out) {
    char text[PIECE_BYTES];
    struct writer w = writer_of(text, sizeof text);
    const char *s = arguments[0].as.text.at, *end = s + arguments[0].as.text.len;
    uint32_t next = 1;
    while (s < end) {
        const char *percent = memchr(s, '%', (size_t)(end - s));
        write_bytes(&w, s, (size_t)((percent ? percent : end) - s));
        if (!percent) break;
        struct directive d;
        s = read_directive(percent + 1, end, &d);
        if (d.verb[0] == '\0') {
            write_text(&w, "%!(NOVERB)");
        } else if (d.verb[0] == '%') {
            write_text(&w, "%");
        } else if (d.verb[0] == '*' || d.verb[0] == '[') {
            return run_fail(r, "printf's \"%%%s\" is not supported", d.verb);
        } else if (next == count) {
            write_text(&w, "%!");
            write_text(&w, d.verb);
            write_text(&w, "(MISSING)");
        } else {
            print_value(&w, &d, &arguments[next++]);
        }
    }
    if (next < count) print_extra(&w, arguments + next, count - next);
    if (w.overflow) return run_fail(r, "what printf writes is longer than 4 KiB");
    return run_text(r, text, w.len, out);
}
