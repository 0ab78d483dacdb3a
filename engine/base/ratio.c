/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/base/ratio.h"
#include "engine/base/check.h"
#include "engine/base/text.h"

static int64_t saturated(int128 v) {
    return v > INT64_MAX ? INT64_MAX : v < INT64_MIN ? INT64_MIN : (int64_t)v;
}

int64_t muldiv(int64_t a, int64_t b, int64_t c) {
    ASSERT(c > 0);
    int128 product = (int128)a * b;
    int128 quotient = product / c;
    if (product % c < 0) quotient--; /* C truncates; a floor is the same on both sides of zero */
    return saturated(quotient);
}

int64_t ppm_of(int64_t part, int64_t whole) { return muldiv(part, PPM_ONE, whole); }
int64_t ppm_mul(int64_t value, int64_t ppm) { return muldiv(value, ppm, PPM_ONE); }

uint64_t isqrt64(uint64_t n) { return isqrt128(n); }

/* One binary digit of the root a round, from the highest. */
uint64_t isqrt128(uint128 n) {
    uint64_t high = (uint64_t)(n >> 64), low = (uint64_t)n;
    if (n == 0) return 0;
    int top = high ? 127 - __builtin_clzll(high) : 63 - __builtin_clzll(low);
    uint128 root = 0;
    for (uint128 bit = (uint128)1 << (top & ~1); bit != 0; bit >>= 2) {
        if (n >= root + bit) {
            n -= root + bit;
            root = (root >> 1) + bit;
        } else {
            root >>= 1;
        }
    }
    return (uint64_t)root;
}

bool share_parse(const char *s, size_t len, int64_t *ppm) {
    bool percent = len > 0 && s[len - 1] == '%';
    size_t digits = percent ? len - 1 : len;
    int128 value;
    if (digits == 0 || read_decimal(s, digits, percent ? 4 : 6, &value) != digits) return false;
    if (value > INT64_MAX) return false;
    *ppm = (int64_t)value;
    return true;
}

int share_format(char *buffer, size_t size, int64_t ppm) {
    char text[32];
    struct writer w = writer_of(text, sizeof text);
    write_share(&w, ppm);
    ASSERT(!w.overflow);
    if (size > 0) {
        size_t fits = w.len < size ? w.len : size - 1;
        memcpy(buffer, text, fits);
        buffer[fits] = '\0';
    }
    return (int)w.len;
}
