/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef BASE_RATIO_H
#define BASE_RATIO_H
/*
 * Shares, probabilities and scores are integers in millionths (ppm): 15.2 % is 152000. Query values
 * use the same scale and are called micro. All arithmetic is exact or floors, in 128 bits inside,
 * so it is the same on every processor.
 */
#include "engine/base/base.h"

#define PPM_ONE INT64_C(1000000)

int64_t ppm_of(int64_t part, int64_t whole);     /* floor(part * 1e6 / whole); whole > 0 */
int64_t ppm_mul(int64_t value, int64_t ppm);     /* floor(value * ppm / 1e6) */
int64_t muldiv(int64_t a, int64_t b, int64_t c); /* floor(a * b / c), c > 0; saturates */
uint64_t isqrt64(uint64_t n);                    /* floor(sqrt(n)) */
uint64_t isqrt128(uint128 n);                    /* floor(sqrt(n)) */

/* "15.2%" -> 152000, "0.152" -> 152000, "1" -> 1000000. At most six decimals (four before %). */
bool share_parse(const char *s, size_t len, int64_t *ppm) MUST_CHECK;
/* 152000 -> "15.2%", 3000 -> "0.3%": as few decimals as are exact. */
int share_format(char *buffer, size_t size, int64_t ppm);

#endif
