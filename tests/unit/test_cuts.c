/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Cuts through a graph of which they are known: two triangles, joined by one call. */
#include "engine/base/check.h"
#include "tests/runner.h"
#include "topologies/topology.h"
#include <string.h>

static const char two[] =
    "name: two\nentrypoints: [a]\nservices:\n"
    "- {name: a, zone: north}\n- {name: b, zone: north}\n- {name: c, zone: south}\n"
    "- {name: d, zone: south}\n- {name: e, zone: south}\n- {name: f, zone: south}\n"
    "calls:\n- {from: a, to: b}\n- {from: a, to: c}\n- {from: b, to: c}\n- {from: c, to: d}\n"
    "- {from: d, to: e}\n- {from: d, to: f}\n- {from: e, to: f}\n";

static const char ring[] =
    "name: ring\nentrypoints: [a]\nservices:\n- {name: a}\n- {name: b}\n- {name: c}\n"
    "calls:\n- {from: a, to: b}\n- {from: b, to: c}\n- {from: c, to: a, per_request: 0.1}\n";

/* The services that stand on side 1, by name; "" when there is no such cut. */
static const char *cut(const char *text, enum topo_part by, const char *of) {
    static char names[16];
    struct arena arena;
    struct diags diags = {0};
    uint8_t side[8];
    arena_open(&arena);
    const struct topology *t = topo_load(&arena, "two.yaml", text, strlen(text), &diags);
    ASSERT(t != NULL);
    struct svc_id service = *of ? topo_service_named(t, of) : ID_NONE(svc_id);
    size_t n = 0;
    if (topo_part(&arena, t, by, service, side))
        for (uint32_t s = 0; s < t->service_count; s++)
            if (side[s]) names[n++] = t->services[s].name[0];
    names[n] = 0;
    arena_close(&arena);
    return names;
}

static void cuts_are_where_they_are_known_to_be(void) {
    CU_ASSERT_STRING_EQUAL(cut(two, TOPO_PART_ONE, "b"), "b");
    CU_ASSERT_STRING_EQUAL(cut(two, TOPO_PART_ONE, ""), "c"); /* three calls, as d */
    CU_ASSERT_STRING_EQUAL(cut(two, TOPO_PART_ZONE, "a"), "ab");
    CU_ASSERT_STRING_EQUAL(cut(two, TOPO_PART_COMMUNITY, "e"), "def");
    CU_ASSERT_STRING_EQUAL(cut(two, TOPO_PART_ARTICULATION, ""), "c");
    CU_ASSERT_STRING_EQUAL(cut(two, TOPO_PART_ARTICULATION, "d"), "d");
    const char *least = cut(two, TOPO_PART_MIN_CUT, "");
    CU_ASSERT(strcmp(least, "abc") == 0 || strcmp(least, "def") == 0);
    CU_ASSERT_STRING_EQUAL(cut(two, TOPO_PART_BRIDGE, ""), "def");
}

static void where_nothing_falls_apart_there_is_no_such_cut(void) {
    CU_ASSERT_STRING_EQUAL(cut(two, TOPO_PART_ARTICULATION, "a"), "");
    CU_ASSERT_STRING_EQUAL(cut(ring, TOPO_PART_ARTICULATION, ""), "");
    CU_ASSERT_STRING_EQUAL(cut(ring, TOPO_PART_BRIDGE, ""), "");
    CU_ASSERT_STRING_EQUAL(cut(ring, TOPO_PART_ZONE, "a"), ""); /* all are in one */
}

TEST_MAIN("cuts", TEST(cuts_are_where_they_are_known_to_be),
          TEST(where_nothing_falls_apart_there_is_no_such_cut))
