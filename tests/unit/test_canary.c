/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fails on purpose: ctest expects it to. Were the exit status of failing tests ever lost, this one
 * would "pass" and be reported. */
#include "tests/runner.h"

static void fails(void) { CU_ASSERT_EQUAL(1 + 1, 3); }

TEST_MAIN("canary", TEST(fails))
