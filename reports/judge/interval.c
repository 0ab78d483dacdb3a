/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/judge/interval.h"
#include <math.h>

double interval_z(double tail) {
    double low = 0, high = 40;
    for (int k = 0; k < 80; k++) {
        double middle = (low + high) / 2;
        if (0.5 * erfc(middle / sqrt(2)) > tail)
            low = middle;
        else
            high = middle;
    }
    return low;
}

static struct share_of sane(struct share_of s) {
    if (s.whole < 0) s.whole = 0;
    if (s.part < 0) s.part = 0;
    if (s.part > s.whole) s.part = s.whole;
    return s;
}

struct bounds_of interval_wilson(struct share_of share, double z) {
    share = sane(share);
    if (share.whole == 0) return (struct bounds_of){0, 0, 1};
    double n = (double)share.whole, p = (double)share.part / n, zz = z * z;
    double centre = p + zz / (2 * n), root = z * sqrt(p * (1 - p) / n + zz / (4 * n * n));
    double low = (centre - root) / (1 + zz / n), high = (centre + root) / (1 + zz / n);
    return (struct bounds_of){fmax(0, low), p, fmin(1, high)};
}

struct bounds_of interval_newcombe(struct share_of a, struct share_of b, double z) {
    struct bounds_of x = interval_wilson(a, z), y = interval_wilson(b, z);
    double difference = x.share - y.share;
    return (struct bounds_of){difference - hypot(x.share - x.low, y.high - y.share), difference,
                              difference + hypot(x.high - x.share, y.share - y.low)};
}

/* Permutations of m by their inversions, as shares of all: each further element stands behind so
 * many of the former with equal chance. */
int64_t interval_falling(uint32_t count, double level) {
    enum { MOST = 32 * 31 / 2 };
    double share[MOST + 1] = {1}, sum = 0;
    if (count > 32) return -1;
    for (uint32_t m = 2; m <= count; m++)
        for (int64_t k = (int64_t)m * (m - 1) / 2; k >= 0; k--) {
            double mixed = 0;
            for (int64_t less = 0; less < m && less <= k; less++) mixed += share[k - less];
            share[k] = mixed / m;
        }
    int64_t falling = -1;
    for (int64_t k = 0; k <= (int64_t)count * (count - 1) / 2; k++) {
        sum += share[k];
        if (sum > level) break;
        falling = k;
    }
    return falling;
}
