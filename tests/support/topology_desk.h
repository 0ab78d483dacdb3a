/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TESTS_TOPOLOGY_DESK_H
#define TESTS_TOPOLOGY_DESK_H
/* Topologies from text and files, and naive second implementations to hold them against. What was
 * loaded lives until the next is. */
#include "topologies/topology.h"
#include "engine/base/ratio.h"
#include "tests/runner.h"
#include <math.h>

#define MOST_SERVICES 80

static struct arena arena;
static struct diags diags;

static inline void begin(void) {
    arena_close(&arena);
    arena_open(&arena);
    diags = (struct diags){0};
}

static inline const struct topology *load_text(const char *text) {
    begin();
    const struct topology *t = topo_load(&arena, "t.yaml", text, strlen(text), &diags);
    if (!t) diag_print(&diags, stderr);
    return t;
}

static inline const char *file_text(const char *name) {
    static char bytes[1 << 20];
    char path[512];
    snprintf(path, sizeof path, "%s/%s", FIREDRILL_SOURCE_DIR, name);
    FILE *f = fopen(path, "rb");
    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    size_t len = fread(bytes, 1, sizeof bytes - 1, f);
    fclose(f);
    bytes[len] = '\0';
    return bytes;
}

static inline const struct topology *load_file(const char *name) {
    const struct topology *t = load_text(file_text(name));
    CU_ASSERT_PTR_NOT_NULL_FATAL(t);
    return t;
}

static inline const struct topo_service *service(const struct topology *t, const char *name) {
    struct svc_id s = topo_service_named(t, name);
    CU_ASSERT_NOT_EQUAL_FATAL(s.v, NONE_ID);
    return &t->services[s.v];
}

/* ---- Naive second implementations ---- */

static inline bool calls_directly(const struct topology *t, uint32_t from, uint32_t to) {
    for (uint32_t i = 0; i < t->call_count; i++)
        if (t->calls[i].from.v == from && t->calls[i].to.v == to) return true;
    return false;
}

/* (I - P') v = e by Gauss with pivots; false when some service's visits are negative or huge. */
static inline bool naive_visits(const struct topology *t, double *v) {
    static double m[MOST_SERVICES][MOST_SERVICES + 1];
    uint32_t n = t->service_count, entries = 0;
    for (uint32_t s = 0; s < n; s++) entries += t->services[s].entry;
    for (uint32_t r = 0; r < n; r++) {
        for (uint32_t c = 0; c < n; c++) m[r][c] = r == c;
        m[r][n] = t->services[r].entry ? 1.0 / entries : 0;
    }
    for (uint32_t i = 0; i < t->call_count; i++)
        m[t->calls[i].to.v][t->calls[i].from.v] -= (double)t->calls[i].per_request_ppm / 1e6;
    for (uint32_t k = 0; k < n; k++) {
        uint32_t pivot = k;
        for (uint32_t r = k + 1; r < n; r++)
            if (fabs(m[r][k]) > fabs(m[pivot][k])) pivot = r;
        for (uint32_t c = 0; c <= n; c++) {
            double swap = m[k][c];
            m[k][c] = m[pivot][c];
            m[pivot][c] = swap;
        }
        if (fabs(m[k][k]) < 1e-9) return false;
        for (uint32_t r = 0; r < n; r++) {
            if (r == k) continue;
            double factor = m[r][k] / m[k][k];
            for (uint32_t c = k; c <= n; c++) m[r][c] -= factor * m[k][c];
        }
    }
    for (uint32_t s = 0; s < n; s++) v[s] = m[s][n] / m[s][s];
    return true;
}

/* Bellman-Ford by rounds over the list of calls. */
static inline uint32_t naive_callers(const struct topology *t, uint32_t target, uint32_t depth) {
    uint32_t far[MOST_SERVICES], found = 0;
    for (uint32_t s = 0; s < t->service_count; s++) far[s] = s == target ? 0 : UINT32_MAX;
    for (uint32_t round = 0; round < t->service_count; round++)
        for (uint32_t i = 0; i < t->call_count; i++) {
            uint32_t to = far[t->calls[i].to.v], *from = &far[t->calls[i].from.v];
            if (to != UINT32_MAX && to + 1 < *from) *from = to + 1;
        }
    for (uint32_t s = 0; s < t->service_count; s++)
        found += s != target && far[s] <= depth &&
                 (t->services[s].kind == TOPO_SERVICE || t->services[s].kind == TOPO_FRONTEND);
    return found;
}

static inline bool naive_reaches(const struct topology *t, uint32_t from, uint32_t to) {
    bool reached[MOST_SERVICES] = {false};
    reached[from] = true;
    for (uint32_t round = 0; round < t->service_count; round++)
        for (uint32_t i = 0; i < t->call_count; i++)
            if (reached[t->calls[i].from.v]) reached[t->calls[i].to.v] = true;
    return reached[to];
}

static inline void expect_visits(const struct topology *t) {
    int64_t visits[MOST_SERVICES];
    double naive[MOST_SERVICES];
    CU_ASSERT_TRUE(naive_visits(t, naive));
    CU_ASSERT_TRUE(topo_visit_ratios(t, visits));
    for (uint32_t s = 0; s < t->service_count; s++)
        CU_ASSERT_DOUBLE_EQUAL((double)visits[s], naive[s] * 1e6, 1.0);
}

#endif
