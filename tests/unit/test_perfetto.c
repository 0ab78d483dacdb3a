/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The trace for viewers keeps their rules: no slice of negative length or without an end, slices of
 * a thread side by side or one within the other, every flow from a slice to a later one. */
#include "tests/support/hostile.h"
#include "tests/support/report_desk.h"
#include <jansson.h>

static void break_it(struct tb *t, enum act act) {
    if (act == ACT_LOCKED) tb_granted(t, TB_S(15.5), 1, 6, SCOPE_SERVICE, TB_PAYMENT);
}

/* Several wait at once, and one waits for ever. */
static void crowd(struct tb *t, enum act act) {
    if (act != ACT_LOCKED) return;
    tb_granted(t, TB_S(15.2), 0, 5, SCOPE_DEPLOYMENT, 2);
    for (uint64_t op = 6; op < 12; op++)
        tb_lock(t, TB_S(15.2) + (time_ns)op * NS_PER_MS,
                &(struct rec_lock){.engine = 1,
                                   .op = {op},
                                   .scope = SCOPE_DEPLOYMENT,
                                   .name = 2,
                                   .event = LOCK_QUEUED,
                                   .holder = {5},
                                   .queue = (int64_t)op - 5});
}

static json_t *events_of(const struct desk *d, json_t **root) {
    char *text = desk_form(d, report_perfetto);
    *root = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(*root);
    free(text);
    return json_object_get(*root, "traceEvents");
}
static bool is_phase(const json_t *event, const char *phase) {
    return strcmp(json_string_value(json_object_get(event, "ph")), phase) == 0;
}
static double number(const json_t *event, const char *key) {
    return json_number_value(json_object_get(event, key));
}
static bool same_thread(const json_t *a, const json_t *b) {
    return number(a, "pid") == number(b, "pid") && number(a, "tid") == number(b, "tid");
}
static double end_of(const json_t *slice) { return number(slice, "ts") + number(slice, "dur"); }

static bool is_named(const json_t *events, const json_t *event) {
    size_t k;
    json_t *other;
    json_array_foreach(events, k, other) {
        bool names = is_phase(other, "M") && same_thread(event, other);
        if (names && strcmp(json_string_value(json_object_get(other, "name")), "thread_name") == 0)
            return true;
    }
    return false;
}

static bool lies_on_a_slice(const json_t *events, const json_t *event) {
    size_t k;
    json_t *slice;
    json_array_foreach(events, k, slice) {
        if (is_phase(slice, "X") && same_thread(event, slice) &&
            number(slice, "ts") <= number(event, "ts") && number(event, "ts") <= end_of(slice))
            return true;
    }
    return false;
}

static void check_slice(const json_t *events, const json_t *slice, double end) {
    size_t k;
    json_t *other;
    CU_ASSERT_TRUE(number(slice, "ts") >= 0 && number(slice, "dur") >= 0 && end_of(slice) <= end);
    CU_ASSERT_TRUE(is_named(events, slice));
    json_array_foreach(events, k, other) {
        if (other == slice || !is_phase(other, "X") || !same_thread(slice, other)) continue;
        bool apart = end_of(slice) <= number(other, "ts") || end_of(other) <= number(slice, "ts");
        bool within = number(slice, "ts") >= number(other, "ts") && end_of(slice) <= end_of(other);
        bool around = number(other, "ts") >= number(slice, "ts") && end_of(other) <= end_of(slice);
        CU_ASSERT_TRUE(apart || within || around);
    }
}

static void check_flow(const json_t *events, const json_t *start) {
    size_t k;
    json_t *end;
    int ends = 0;
    CU_ASSERT_TRUE(lies_on_a_slice(events, start));
    json_array_foreach(events, k, end) {
        if (!is_phase(end, "f") || number(end, "id") != number(start, "id")) continue;
        ends++;
        CU_ASSERT_TRUE(number(end, "ts") >= number(start, "ts"));
        CU_ASSERT_TRUE(lies_on_a_slice(events, end));
    }
    CU_ASSERT_EQUAL(ends, 1);
}

struct seen {
    uint32_t slices, flows, moments;
};
static struct seen check_all(const struct desk *d) {
    json_t *root, *event;
    size_t k;
    struct seen seen = {0};
    const json_t *events = events_of(d, &root);
    json_array_foreach(events, k, event) {
        bool known = is_phase(event, "M") || is_phase(event, "X") || is_phase(event, "i") ||
                     is_phase(event, "s") || is_phase(event, "f");
        CU_ASSERT_TRUE(known);
        seen.slices += is_phase(event, "X");
        seen.flows += is_phase(event, "s");
        seen.moments += is_phase(event, "i");
        if (is_phase(event, "X")) check_slice(events, event, (double)d->facts[0].ends_at / 1000);
        if (is_phase(event, "s")) check_flow(events, event);
    }
    json_decref(root);
    return seen;
}

static void a_run_keeps_the_rules(void) {
    struct desk d;
    desk_open(&d);
    whole_story(desk_trace(&d), no_twist);
    desk_add(&d, "firedrill run story");
    struct seen seen = check_all(&d);
    CU_ASSERT_TRUE(seen.slices >= 20 && seen.flows >= 3);
    desk_close(&d);
}

static void a_crowd_at_a_lock_keeps_them(void) {
    struct desk d;
    struct seen seen;
    desk_open(&d);
    whole_story(desk_trace(&d), crowd);
    desk_add(&d, "firedrill run story");
    whole_story(desk_trace(&d), break_it);
    desk_add(&d, "firedrill run story");
    seen = check_all(&d);
    CU_ASSERT_TRUE(seen.slices >= 46);
    desk_close(&d);
}

static void hostile_names_are_text(void) {
    for (size_t k = 0; k < HOSTILE_NAMES; k++) {
        const char *n = hostile_name(k);
        struct tb_names names = {n, n, n, n, n, n};
        struct desk d;
        desk_open(&d);
        whole_story_named(desk_trace(&d), &names, no_twist);
        desk_add(&d, n);
        char *text = desk_form(&d, report_perfetto);
        CU_ASSERT_TRUE(is_clean(text, "\n"));
        free(text);
        check_all(&d);
        desk_close(&d);
    }
}

TEST_MAIN("perfetto", TEST(a_run_keeps_the_rules), TEST(a_crowd_at_a_lock_keeps_them),
          TEST(hostile_names_are_text))
