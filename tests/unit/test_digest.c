/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/base/digest.h"
#include "engine/base/prng.h"
#include "tests/runner.h"

static uint64_t digest_of(const void *bytes, size_t len) {
    struct digest d;
    digest_init(&d);
    digest_add(&d, bytes, len);
    return digest_value(&d);
}

/* Fixed for ever: recorded traces carry these values. */
static void values_are_what_they_were(void) {
    CU_ASSERT_EQUAL(digest_of("", 0), UINT64_C(0xB992B056E7D8A844));
    CU_ASSERT_EQUAL(digest_of("firedrill", 9), UINT64_C(0x08887FE6089ECB26));
}

static void pieces_do_not_matter(void) {
    uint8_t bytes[100];
    for (size_t i = 0; i < sizeof bytes; i++) bytes[i] = (uint8_t)(i * 37);
    struct prng stream = prng_named(3, "pieces", 0);
    for (int round = 0; round < 2000; round++) {
        struct digest d;
        digest_init(&d);
        for (size_t at = 0; at < sizeof bytes;) {
            size_t piece = prng_below(&stream, 20);
            if (piece > sizeof bytes - at) piece = sizeof bytes - at;
            digest_add(&d, bytes + at, piece);
            at += piece;
            CU_ASSERT_EQUAL(digest_value(&d), digest_of(bytes, at)); /* and more may follow */
        }
    }
}

static void every_bit_and_the_length_count(void) {
    uint8_t bytes[24] = {0};
    uint64_t base = digest_of(bytes, sizeof bytes);
    for (size_t bit = 0; bit < 8 * sizeof bytes; bit++) {
        bytes[bit / 8] = (uint8_t)(1u << bit % 8);
        uint64_t changed = digest_of(bytes, sizeof bytes);
        int flipped = __builtin_popcountll(base ^ changed);
        CU_ASSERT(flipped > 10 && flipped < 54);
        bytes[bit / 8] = 0;
    }
    for (size_t len = 0; len < sizeof bytes; len++)
        CU_ASSERT_NOT_EQUAL(digest_of(bytes, len), digest_of(bytes, len + 1));
}

static void numbers_are_little_endian_bytes(void) {
    struct digest d;
    digest_init(&d);
    digest_add_u64(&d, UINT64_C(0x0807060504030201));
    CU_ASSERT_EQUAL(digest_value(&d), digest_of("\1\2\3\4\5\6\7\10", 8));
}

TEST_MAIN("digest", TEST(values_are_what_they_were), TEST(pieces_do_not_matter),
          TEST(every_bit_and_the_length_count), TEST(numbers_are_little_endian_bytes))
