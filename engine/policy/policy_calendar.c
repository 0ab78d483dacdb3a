/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Weekly windows laid out over a run's calendar, by the clocks of their zones. */
#include "engine/policy/policy_table.h"

#define DAY_S (24 * 3600)

/* ---- zones ---- */

static bool is_utc(const char *zone) {
    return strcmp(zone, "UTC") == 0 || strcmp(zone, "Etc/UTC") == 0;
}

static bool load_zone(struct policy_window *w, struct arena *arena, struct diags *diags,
                      const struct policy_zone_files *files) {
    const char *bytes = NULL, *wrong = "there is no such file in the time zone data base";
    size_t len = 0;
    struct zone *zone = ARENA_NEW(arena, struct zone, 1);
    if (files->read(files->context, w->timezone, &bytes, &len))
        wrong = zone_read(zone, arena, bytes, len);
    w->zone = zone;
    if (!wrong) return true;
    diag_error(diags, w->stated.file, w->stated.line, w->stated.column, "timezone \"%s\": %s",
               w->timezone, wrong);
    return false;
}

bool policy_zones_load(struct policy *policy, struct arena *arena, struct diags *diags,
                       const struct policy_zone_files *files) {
    struct policy_window *windows = ARENA_NEW(arena, struct policy_window, policy->window_count);
    bool good = true;
    for (uint32_t k = 0; k < policy->window_count; k++) {
        struct policy_window *w = &windows[k];
        *w = policy->windows[k];
        for (uint32_t before = 0; before < k && !w->zone; before++)
            if (strcmp(windows[before].timezone, w->timezone) == 0) w->zone = windows[before].zone;
        if (!w->zone && !is_utc(w->timezone)) good &= load_zone(w, arena, diags, files);
    }
    policy->windows = windows;
    return good;
}

/* ---- laying out ---- */

static int64_t day_of(time_ns wall) {
    time_ns day = DAY_S * NS_PER_S;
    return wall / day - (wall % day < 0 ? 1 : 0);
}

/* 1970-01-01 was a Thursday. */
static int weekday_of(int64_t day) { return (int)(((day + 4) % 7 + 7) % 7); }

/* Of the two instants that clocks put back show twice, the one that permits less. */
static time_ns instant(const struct policy_window *w, int64_t day, int minute, bool begins) {
    int64_t local = day * DAY_S + minute * 60;
    if (!w->zone) return local * NS_PER_S;
    struct zone_instants at = zone_instants(w->zone, local);
    return (begins == w->maintenance ? at.latest : at.earliest) * NS_PER_S;
}

/* Counts, and writes unless out is NULL. Local days begin up to a day before UTC's and after. */
static uint32_t lay_out(const struct policy *policy, time_ns from_wall, time_ns to_wall,
                        struct eng_window *out) {
    uint32_t count = 0;
    for (int64_t day = day_of(from_wall) - 2; day <= day_of(to_wall) + 8; day++) {
        for (uint32_t i = 0; i < policy->window_count; i++) {
            const struct policy_window *w = &policy->windows[i];
            if (w->day != POLICY_ANY_DAY && w->day != weekday_of(day)) continue;
            struct eng_window at = {instant(w, day, w->begin_minute, true),
                                    instant(w, day, w->end_minute, false), w->maintenance};
            if (at.end_wall <= from_wall || at.end_wall <= at.begin_wall ||
                at.begin_wall >= (day_of(to_wall) + 8) * DAY_S * NS_PER_S)
                continue;
            if (out) out[count] = at;
            count++;
        }
    }
    return count;
}

const struct eng_window *policy_windows_resolve(const struct policy *policy, struct arena *arena,
                                                time_ns from_wall, time_ns to_wall,
                                                uint32_t *count) {
    *count = lay_out(policy, from_wall, to_wall, NULL);
    struct eng_window *windows = ARENA_NEW(arena, struct eng_window, *count);
    lay_out(policy, from_wall, to_wall, windows);
    return windows;
}
