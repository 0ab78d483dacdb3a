/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/compare.h"
#include "engine/base/check.h"
#include "engine/base/ratio.h"

/* Upper quantiles of the normal distribution, tails in 1e-12 by steps of sqrt 2, z in millionths,
 * rounded up. Between two rows a straight line lies above the curve, which is convex: interpolating
 * never makes z smaller than the truth. */
static const struct {
    int64_t tail, z_micro;
} quantiles[] = {
    {INT64_C(500000000000), 0},       {INT64_C(353553390593), 375745},
    {INT64_C(250000000000), 674490},  {INT64_C(176776695296), 927719},
    {INT64_C(125000000000), 1150350}, {INT64_C(88388347648), 1350747},
    {INT64_C(62500000000), 1534121},  {INT64_C(44194173824), 1703962},
    {INT64_C(31250000000), 1862732},  {INT64_C(22097086912), 2012245},
    {INT64_C(15625000000), 2153875},  {INT64_C(11048543456), 2288695},
    {INT64_C(7812500000), 2417560},   {INT64_C(5524271728), 2541160},
    {INT64_C(3906250000), 2660068},   {INT64_C(2762135864), 2774759},
    {INT64_C(1953125000), 2885635},   {INT64_C(1381067932), 2993040},
    {INT64_C(976562500), 3097270},    {INT64_C(690533966), 3198579},
    {INT64_C(488281250), 3297194},    {INT64_C(345266983), 3393311},
    {INT64_C(244140625), 3487105},    {INT64_C(172633491), 3578731},
    {INT64_C(122070312), 3668330},    {INT64_C(86316745), 3756025},
    {INT64_C(61035156), 3841931},     {INT64_C(43158372), 3926149},
    {INT64_C(30517578), 4008773},     {INT64_C(21579186), 4089887},
    {INT64_C(15258789), 4169570},     {INT64_C(10789593), 4247892},
    {INT64_C(7629394), 4324920},      {INT64_C(5394796), 4400713},
    {INT64_C(3814697), 4475329},      {INT64_C(2697398), 4548819},
    {INT64_C(1907348), 4621232},      {INT64_C(1348699), 4692612},
    {INT64_C(953674), 4763002},       {INT64_C(674349), 4832440},
    {INT64_C(476837), 4900965},       {INT64_C(337174), 4968610},
    {INT64_C(238418), 5035407},       {INT64_C(168587), 5101387},
    {INT64_C(119209), 5166579},       {INT64_C(84293), 5231011},
};

/* Below the table: further out than 1 / (1e6 * any number of looks that fits 64 bits). */
#define Z_BEYOND_MILLI 11000

int64_t compare_z_milli(int64_t alpha_ppm, int64_t looks) {
    ASSERT(alpha_ppm > 0 && looks > 0);
    int64_t tail = muldiv(alpha_ppm, 1000000, looks);
    if (tail >= quantiles[0].tail) return 0;
    for (size_t i = 1; i < ARRAY_LEN(quantiles); i++) {
        if (tail < quantiles[i].tail) continue;
        int64_t width = quantiles[i - 1].tail - quantiles[i].tail;
        int64_t drop = muldiv(quantiles[i].z_micro - quantiles[i - 1].z_micro,
                              tail - quantiles[i].tail, width);
        return (quantiles[i].z_micro - drop + 999) / 1000;
    }
    return Z_BEYOND_MILLI;
}

/* Bounds are worked out in 1e-9 and rounded outwards at the end, so that the rounding of a sum of
 * bounds stays within one millionth. */
#define FINE         INT64_C(1000000000)
#define FINE_PER_PPM (FINE / PPM_ONE)
#define ROOT_BITS    20                 /* binary places kept of a square root */
#define COUNT_MAX    (INT64_C(1) << 40) /* a count up to here leaves room in 128 bits */

struct bounds {
    int64_t share, low, high; /* in 1e-9 */
};

static int64_t clamp(int64_t v, int64_t low, int64_t high) {
    return v < low ? low : v > high ? high : v;
}

/* Counts come from rates over a window: a whole one may be a little short of its part. */
static struct proportion sane(struct proportion p) {
    p.total = clamp(p.total, 0, COUNT_MAX);
    p.errors = clamp(p.errors, 0, p.total);
    return p;
}

/*
 * With e errors of n and Z = 1000 z, Wilson's bounds over a common denominator are
 *   (2e 1e6 + Z^2 -+ Z sqrt(Z^2 + 4e(n - e) 1e6 / n)) / (2 (n 1e6 + Z^2)).
 */
static struct bounds wilson(struct proportion p, int64_t z_milli) {
    if (p.total == 0) return (struct bounds){.share = 0, .low = 0, .high = FINE};
    int128 e = p.errors, n = p.total, z = z_milli, zz = z * z;
    uint128 square = (uint128)(zz + 4 * e * (n - e) * 1000000 / n);
    int128 root = (int128)isqrt128(square << (2 * ROOT_BITS)) + 1;
    int128 centre = (2 * e * 1000000 + zz) << ROOT_BITS;
    int128 whole = (2 * (n * 1000000 + zz)) << ROOT_BITS;
    int128 below = centre - z * root, above = centre + z * root;
    int64_t low = below > 0 ? (int64_t)(below * FINE / whole) : 0;
    int64_t high = (int64_t)((above * FINE + whole - 1) / whole);
    int64_t share = (int64_t)(e * FINE / n);
    /* the estimate lies within its bounds, also where rounding says otherwise */
    return (struct bounds){
        .share = share, .low = clamp(low, 0, share), .high = clamp(high, share, FINE)};
}

static int64_t floor_ppm(int64_t fine) { return muldiv(fine, 1, FINE_PER_PPM); }
static int64_t ceil_ppm(int64_t fine) { return -floor_ppm(-fine); }

void wilson_bounds(struct proportion p, int64_t z_milli, int64_t *low_ppm, int64_t *high_ppm) {
    struct bounds bounds = wilson(sane(p), z_milli);
    *low_ppm = floor_ppm(bounds.low);
    *high_ppm = ceil_ppm(bounds.high);
}

/* The smallest integer not below the root of a^2 + b^2. */
static int64_t hypotenuse(int64_t a, int64_t b) {
    uint64_t square = (uint64_t)(a * a) + (uint64_t)(b * b);
    uint64_t root = isqrt64(square);
    return (int64_t)(root * root < square ? root + 1 : root);
}

static int64_t difference_ppm(struct proportion a, struct proportion b) {
    if (a.total == 0 || b.total == 0) return 0;
    int128 top = ((int128)a.errors * b.total - (int128)b.errors * a.total) * PPM_ONE;
    int128 whole = (int128)a.total * b.total;
    return (int64_t)(top / whole) - (top % whole < 0);
}

void compare_proportions(struct proportion a, struct proportion b, int64_t z_milli,
                         int64_t min_effect_ppm, int64_t min_samples, struct comparison *out) {
    a = sane(a);
    b = sane(b);
    struct bounds of_a = wilson(a, z_milli), of_b = wilson(b, z_milli);
    int64_t difference = of_a.share - of_b.share;
    int64_t down = hypotenuse(of_a.share - of_a.low, of_b.high - of_b.share);
    int64_t up = hypotenuse(of_a.high - of_a.share, of_b.share - of_b.low);
    out->difference_ppm = difference_ppm(a, b);
    out->low_ppm = clamp(floor_ppm(difference - down), -PPM_ONE, PPM_ONE);
    out->high_ppm = clamp(ceil_ppm(difference + up), -PPM_ONE, PPM_ONE);
    out->enough = a.total > 0 && b.total > 0 && a.total >= min_samples && b.total >= min_samples;
    out->breach = out->enough && out->low_ppm > 0 && out->difference_ppm >= min_effect_ppm;
}
