/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/kernel/quantile.h"
#include "tests/runner.h"

/* Q(u) = 2u, the uniform distribution with mean 1: a draw must be twice the random number. */
static void fill_uniform(struct quantile_table *table) {
    for (uint64_t i = 0; i <= QUANTILE_CELLS; i++) table->body[i] = 2048 * i;
    for (int k = 0; k <= QUANTILE_TAIL; k++) {
        table->low[k] = UINT64_C(2048) >> k;
        table->high[k] = (UINT64_C(1) << 21) - (UINT64_C(2048) >> k);
    }
}

static void a_draw_follows_the_table_everywhere(void) {
    static struct quantile_table table;
    fill_uniform(&table);
    struct prng stream = prng_named(1, "quantile", 0);
    for (int i = 0; i < 200000; i++) {
        struct prng twin = stream;
        uint64_t u = prng_next(&twin);
        int64_t expected = (int64_t)(u >> 43); /* 2u of mean 2^20 */
        int64_t draw = quantile_draw(&table, &stream, 1 << 20);
        CU_ASSERT(draw >= expected - 2 && draw <= expected + 2);
        CU_ASSERT_EQUAL(stream.state, twin.state);
    }
}

/* The stream's n-th number, brought about: the finaliser is a bijection, so search is not needed.
 */
static struct prng stream_giving(uint64_t u) {
    uint64_t z = u;
    z ^= z >> 31 ^ z >> 62;
    z *= UINT64_C(0x319642B2D24D8EC3);
    z ^= z >> 27 ^ z >> 54;
    z *= UINT64_C(0x96DE1B173F119089);
    z ^= z >> 30 ^ z >> 60;
    return prng_of_key(z - UINT64_C(0x9E3779B97F4A7C15));
}

static void the_tails_are_fine_and_bounded(void) {
    static struct quantile_table table;
    fill_uniform(&table);
    for (int k = 0; k <= QUANTILE_TAIL; k++) { /* steps that show which knots were used */
        table.low[k] = (uint64_t)1000 - (uint64_t)k;
        table.high[k] = (uint64_t)1000000 + (uint64_t)k;
    }
    for (int k = 0; k <= QUANTILE_TAIL; k++) {
        uint64_t edge = UINT64_C(1) << (53 - k); /* 2^-(11+k), as a fraction of 2^64 */
        struct prng low = stream_giving(edge), high = stream_giving(~edge);
        int outer = k < QUANTILE_TAIL ? k + 1 : QUANTILE_TAIL;
        CU_ASSERT_EQUAL(quantile_draw(&table, &low, 1 << 20), 1000 - outer);
        CU_ASSERT_EQUAL(quantile_draw(&table, &high, 1 << 20), 1000000 + outer);
    }
    struct prng least = stream_giving(0), most = stream_giving(UINT64_MAX);
    CU_ASSERT_EQUAL(quantile_draw(&table, &least, 1 << 20), 1000 - QUANTILE_TAIL);
    CU_ASSERT_EQUAL(quantile_draw(&table, &most, 1 << 20), 1000000 + QUANTILE_TAIL);
}

static void a_draw_grows_with_the_number_and_saturates(void) {
    static struct quantile_table table;
    fill_uniform(&table);
    int64_t last = 0;
    for (uint64_t i = 0; i < 100000; i++) {
        struct prng stream = stream_giving(i * (UINT64_MAX / 100000));
        int64_t draw = quantile_draw(&table, &stream, INT64_C(1) << 40);
        CU_ASSERT(draw >= last);
        last = draw;
    }
    struct prng stream = stream_giving(UINT64_MAX);
    CU_ASSERT_EQUAL(quantile_draw(&table, &stream, TIME_NEVER), TIME_NEVER);
    stream = stream_giving(UINT64_MAX / 3);
    CU_ASSERT_EQUAL(quantile_draw(&table, &stream, 0), 0);
}

TEST_MAIN("quantile", TEST(a_draw_follows_the_table_everywhere),
          TEST(the_tails_are_fine_and_bounded), TEST(a_draw_grows_with_the_number_and_saturates))
