/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Weekly maintenance and blackout windows: read, printed, and laid out over a run's calendar. */
#include "engine/policy/policy_table.h"
#include <stdio.h>

#define DAY_MINUTES (24 * 60)

static const char *const day_names[] = {"sunday",   "monday", "tuesday",  "wednesday",
                                        "thursday", "friday", "saturday", "any"};

/* "Monday", "monday", "Mon"; none is any day. */
static int read_day(struct policy_loader *l, struct yaml_node *node) {
    char lower[16] = "";
    if (yaml_is_null(node)) return POLICY_ANY_DAY;
    struct yaml_node folded = *node;
    if (node->kind == YAML_SCALAR && node->len < sizeof(lower)) {
        for (size_t i = 0; i < node->len; i++) {
            char c = node->text[i];
            lower[i] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
        }
        folded.text = lower;
        for (int day = 0; node->len == 3 && day < POLICY_ANY_DAY; day++)
            if (strncmp(lower, day_names[day], 3) == 0) return day;
    }
    return yaml_choice(l->doc, &folded, day_names, ARRAY_LEN(day_names), POLICY_ANY_DAY);
}

static bool two_digits(const char *s, int *out) {
    if (s[0] < '0' || s[0] > '9' || s[1] < '0' || s[1] > '9') return false;
    *out = (s[0] - '0') * 10 + (s[1] - '0');
    return true;
}

/* Minutes from midnight; "24:00" is the end of the day. -1 after an error. */
static int read_minute(struct policy_loader *l, struct yaml_node *window, const char *key) {
    struct yaml_node *node = yaml_key(l->doc, window, key);
    if (yaml_is_null(node)) {
        if (window->kind == YAML_MAPPING || yaml_is_null(window))
            yaml_error(l->doc, window, "a window needs \"%s\", such as \"02:00\"", key);
        return -1;
    }
    const char *s = yaml_text(l->doc, node, NULL);
    if (!s) return -1;
    int hour, minute;
    bool good = node->len == 5 && s[2] == ':' && two_digits(s, &hour) &&
                two_digits(s + 3, &minute) && minute < 60 && hour * 60 + minute <= DAY_MINUTES;
    if (good) return hour * 60 + minute;
    char shown[81];
    printable(shown, sizeof(shown), s, node->len);
    yaml_error(l->doc, node, "expected a time of day such as \"02:00\", got \"%s\"", shown);
    return -1;
}

static void read_zone(struct policy_loader *l, struct yaml_node *node, struct policy_window *w) {
    const char *zone = yaml_text(l->doc, node, "UTC");
    if (!zone_name_good(zone)) {
        char shown[81];
        printable(shown, sizeof(shown), zone, strlen(zone));
        yaml_error(l->doc, node, "\"%s\" is no time zone; expected a name such as Europe/Berlin",
                   shown);
        return;
    }
    w->timezone = zone;
    w->stated.file = l->doc->file;
    w->stated.line = node ? node->line : 0;
    w->stated.column = node ? node->column : 0;
}

static struct policy_window read_window(struct policy_loader *l, struct yaml_node *item,
                                        bool maintenance) {
    struct policy_window w = {.maintenance = maintenance, .timezone = "UTC"};
    w.day = read_day(l, yaml_key(l->doc, item, "day"));
    w.begin_minute = read_minute(l, item, "start_time");
    w.end_minute = read_minute(l, item, "end_time");
    read_zone(l, yaml_key(l->doc, item, "timezone"), &w);
    w.reason = yaml_text(l->doc, yaml_key(l->doc, item, "reason"), "");
    yaml_unknown_keys(l->doc, item, maintenance ? "a maintenance window" : "a blackout window");
    if (w.begin_minute < 0 || w.end_minute < 0) return w;
    if (w.begin_minute == w.end_minute) yaml_error(l->doc, item, "the window ends as it starts");
    if (w.end_minute < w.begin_minute) w.end_minute += DAY_MINUTES;
    return w;
}

/* A list replaces the former windows of its own kind and leaves the other kind's. */
static void read_windows(struct policy_loader *l, struct yaml_node *list, bool maintenance) {
    uint32_t added = yaml_count(l->doc, list), kept = 0;
    const struct policy *old = l->policy;
    struct policy_window *windows =
        ARENA_NEW(l->doc->arena, struct policy_window, added + old->window_count);
    for (uint32_t i = 0; i < old->window_count; i++)
        if (old->windows[i].maintenance != maintenance) windows[kept++] = old->windows[i];
    for (uint32_t i = 0; i < added; i++)
        windows[kept++] = read_window(l, list->items[i], maintenance);
    l->policy->windows = windows;
    l->policy->window_count = kept;
}

static void print_windows(const struct policy *policy, FILE *out, bool maintenance) {
    const char *comma = "";
    fputc('[', out);
    for (uint32_t i = 0; i < policy->window_count; i++) {
        const struct policy_window *w = &policy->windows[i];
        if (w->maintenance != maintenance) continue;
        int end = w->end_minute > DAY_MINUTES ? w->end_minute - DAY_MINUTES : w->end_minute;
        fprintf(out, "%s{day: %s, start_time: %02d:%02d, end_time: %02d:%02d, timezone: %s", comma,
                day_names[w->day], w->begin_minute / 60, w->begin_minute % 60, end / 60, end % 60,
                w->timezone);
        if (w->reason[0]) {
            fputs(", reason: ", out);
            policy_print_text(w->reason, out);
        }
        fputc('}', out);
        comma = ", ";
    }
    fputc(']', out);
}

static void read_maintenance(struct policy_loader *l, struct yaml_node *list) {
    read_windows(l, list, true);
}
static void print_maintenance(const struct policy *policy, FILE *out) {
    print_windows(policy, out, true);
}
const struct policy_special policy_maintenance = {read_maintenance, print_maintenance};

static void read_blackouts(struct policy_loader *l, struct yaml_node *list) {
    read_windows(l, list, false);
}
static void print_blackouts(const struct policy *policy, FILE *out) {
    print_windows(policy, out, false);
}
const struct policy_special policy_blackouts = {read_blackouts, print_blackouts};
