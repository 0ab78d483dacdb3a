/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TESTS_ENGINE_TEST_H
#define TESTS_ENGINE_TEST_H
/* How a test of the engine begins and ends: RIG(rig); ... CLOSE(rig); Between RIG_OPEN and
 * rig_start knobs of the policy may be turned. */
#include "tests/runner.h"
#include "tests/support/engine_rig.h"

#define RIG_OPEN(rig)                                                                              \
    static struct rig rig;                                                                         \
    rig_open(&(rig))
#define RIG(rig)                                                                                   \
    RIG_OPEN(rig);                                                                                 \
    rig_start(&(rig))
#define CLOSE(rig)                                                                                 \
    do {                                                                                           \
        if ((rig).broken) printf("\n  broken: %s\n", (rig).broken);                                \
        CU_ASSERT_PTR_NULL((rig).broken);                                                          \
        rig_close(&(rig));                                                                         \
    } while (0)

#endif
