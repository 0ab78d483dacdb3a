/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Checkpoints: signed by the host's key, good for one engine, place and head alone. */
#include "engine/host/sign.h"
#include "tests/runner.h"

static void a_signature_is_good_for_what_was_signed(void) {
    uint8_t seed[32], other_seed[32];
    struct sign_key key, again, other;
    struct blob signature;
    struct hash head = {{1, 2, 3}}, another = {{1, 2, 4}};
    sign_seed(7, 1, seed);
    sign_seed(7, 2, other_seed);
    sign_key_from(seed, &key);
    sign_key_from(seed, &again);
    sign_key_from(other_seed, &other);
    CU_ASSERT_EQUAL(memcmp(&key, &again, sizeof key), 0); /* nothing random */
    CU_ASSERT_NOT_EQUAL(memcmp(key.public, other.public, sizeof key.public), 0);
    sign_checkpoint(&key, 1, 4782, &head, &signature);
    CU_ASSERT_TRUE(sign_good(key.public, 1, 4782, &head, signature.b, signature.len));
    CU_ASSERT_FALSE(sign_good(key.public, 2, 4782, &head, signature.b, signature.len));
    CU_ASSERT_FALSE(sign_good(key.public, 1, 4781, &head, signature.b, signature.len));
    CU_ASSERT_FALSE(sign_good(key.public, 1, 4782, &another, signature.b, signature.len));
    CU_ASSERT_FALSE(sign_good(other.public, 1, 4782, &head, signature.b, signature.len));
    CU_ASSERT_FALSE(sign_good(key.public, 1, 4782, &head, signature.b, signature.len - 1u));
    for (int bit = 0; bit < 8 * SIGN_SIGNATURE_BYTES; bit++) {
        signature.b[bit / 8] ^= (uint8_t)(1 << bit % 8);
        CU_ASSERT_FALSE(sign_good(key.public, 1, 4782, &head, signature.b, signature.len));
        signature.b[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
}

/* RFC 8032, section 7.1, test 1: the library is what it says. */
static void the_key_is_ed25519s(void) {
    static const uint8_t seed[32] = {0x9d, 0x61, 0xb1, 0x9d, 0xef, 0xfd, 0x5a, 0x60,
                                     0xba, 0x84, 0x4a, 0xf4, 0x92, 0xec, 0x2c, 0xc4,
                                     0x44, 0x49, 0xc5, 0x69, 0x7b, 0x32, 0x69, 0x19,
                                     0x70, 0x3b, 0xac, 0x03, 0x1c, 0xae, 0x7f, 0x60};
    static const uint8_t public[4] = {0xd7, 0x5a, 0x98, 0x01};
    struct sign_key key;
    sign_key_from(seed, &key);
    CU_ASSERT_EQUAL(memcmp(key.public, public, sizeof public), 0);
}

TEST_MAIN("checkpoints signed", TEST(a_signature_is_good_for_what_was_signed),
          TEST(the_key_is_ed25519s))
