/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/prometheus/alertmanager.h"
#include "tests/runner.h"
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define SECOND INT64_C(1000)

struct desk {
    struct arena arena;
    struct diags diags;
    struct alertmanager *am;
    int64_t now_ms;
    char told[8192];
};

static void desk_open(struct desk *d, const char *text) {
    *d = (struct desk){.now_ms = 0};
    arena_open(&d->arena);
    const struct alertmanager_config *config =
        alertmanager_read(&d->arena, "am.yml", text, strlen(text), &d->diags);
    if (!config) diag_print(&d->diags, stdout);
    CU_ASSERT_PTR_NOT_NULL_FATAL(config);
    d->am = alertmanager_open(&d->arena, config, 64, 0);
    arena_seal(&d->arena); /* from here on an allocation is a crash */
}

static void say(struct desk *d, const char *format, ...) {
    size_t used = strlen(d->told);
    va_list args;
    va_start(args, format);
    vsnprintf(d->told + used, sizeof d->told - used, format, args);
    va_end(args);
}

static const char *value_of(const struct prom_label *labels, uint32_t count, const char *name) {
    for (uint32_t i = 0; i < count; i++)
        if (strcmp(labels[i].name, name) == 0) return labels[i].value;
    return "";
}

/* "12 pager/a: X@a+ Y@a-; " */
static void tell(void *context, const struct alertmanager_notification *n) {
    struct desk *d = context;
    say(d, "%lld %s", (long long)(d->now_ms / SECOND), n->receiver);
    for (uint32_t i = 0; i < n->group_count; i++) say(d, "/%s", n->group[i].value);
    say(d, ":");
    for (uint32_t i = 0; i < n->alert_count; i++) {
        const struct alertmanager_notified *a = &n->alerts[i];
        say(d, " %s@%s%c", value_of(a->labels, a->label_count, "alertname"),
            value_of(a->labels, a->label_count, "service"), a->firing ? '+' : '-');
    }
    say(d, "; ");
}

static void run_to(struct desk *d, int64_t second) {
    int64_t due;
    while ((due = alertmanager_due(d->am)) <= second * SECOND) {
        CU_ASSERT_FATAL(due >= d->now_ms);
        d->now_ms = due;
        alertmanager_run(d->am, due, tell, d);
    }
    d->now_ms = second * SECOND;
}

static void post(struct desk *d, const char *name, const char *service, int64_t starts,
                 int64_t ends) {
    const struct prom_label labels[] = {{"alertname", name}, {"service", service}};
    alertmanager_post(d->am, d->now_ms,
                      &(struct alertmanager_alert){labels, 2, starts * SECOND, ends * SECOND, 1});
}

static void expect(struct desk *d, int64_t second, const char *expected) {
    run_to(d, second);
    if (strcmp(d->told, expected) != 0)
        printf("\n  until %lld: expected \"%s\", got \"%s\"\n", (long long)second, expected,
               d->told);
    CU_ASSERT_STRING_EQUAL(d->told, expected);
    d->told[0] = '\0';
}

#define PAGER "receivers: [{name: pager, webhook_configs: [{url: x}]}, {name: nobody}]\n"

static void a_group_waits_then_tells_what_changes(void) {
    struct desk d;
    desk_open(&d, "route: {receiver: pager, group_by: [service], group_wait: 10s,\n"
                  "  group_interval: 1m, repeat_interval: 3m}\n" PAGER);
    post(&d, "X", "a", 0, 1000);
    expect(&d, 5, "");
    post(&d, "Y", "a", 5, 1000);
    post(&d, "X", "b", 5, 1000);
    expect(&d, 20, "10 pager/a: X@a+ Y@a+; 15 pager/b: X@b+; ");
    post(&d, "Z", "a", 20, 1000); /* waits for the next look */
    expect(&d, 75, "70 pager/a: X@a+ Y@a+ Z@a+; ");
    post(&d, "X", "a", 0, 75); /* has ended */
    expect(&d, 130, "130 pager/a: X@a- Y@a+ Z@a+; ");
    expect(&d, 200, ""); /* told once that it has ended */
    expect(&d, 400, "255 pager/b: X@b+; 370 pager/a: Y@a+ Z@a+; ");
    post(&d, "Y", "a", 5, 400);
    post(&d, "Z", "a", 20, 400);
    expect(&d, 600, "430 pager/a: Y@a- Z@a-; 495 pager/b: X@b+; ");
    arena_close(&d.arena);
}

static void what_ended_within_the_wait_is_not_told(void) {
    struct desk d;
    desk_open(&d, "route: {receiver: pager, group_wait: 10s, group_interval: 20s}\n" PAGER);
    post(&d, "X", "a", 0, 100);
    run_to(&d, 4);
    post(&d, "X", "a", 0, 4);
    expect(&d, 25, "");
    post(&d, "X", "a", 25, 100); /* the group still lives: no new wait, but its next look */
    expect(&d, 31, "30 pager: X@a+; ");
    expect(&d, 120, "110 pager: X@a-; "); /* nobody said so: its end came */
    post(&d, "X", "a", 120, 500);         /* emptied at 110, ended at 120: it waits anew */
    expect(&d, 140, "130 pager: X@a+; ");
    arena_close(&d.arena);
}

static void an_old_alert_does_not_wait(void) {
    struct desk d;
    desk_open(&d, "route: {receiver: pager, group_wait: 10s}\n" PAGER);
    run_to(&d, 50);
    post(&d, "X", "a", 30, 0);
    expect(&d, 50, "50 pager: X@a+; ");
    expect(&d, 400, "350 pager: X@a-; "); /* resolve_timeout, 5m */
    arena_close(&d.arena);
}

static void routes_match_from_the_top_and_go_on(void) {
    struct desk d;
    desk_open(&d,
              "route:\n  receiver: pager\n  group_wait: 0s\n  group_by: ['...']\n  routes:\n"
              "  - {matchers: ['service=~\"a|b\"', alertname != Y], receiver: ab, continue: true,"
              " group_by: [alertname]}\n"
              "  - match: {service: a}\n    receiver: a\n    routes:\n"
              "    - {match_re: {alertname: 'X.*'}, receiver: ax}\n"
              "  - {matchers: ['{service=\"silent\",alertname!~\"Z|W\"}'], receiver: nobody}\n"
              "receivers: [{name: pager, webhook_configs: [{}]}, {name: nobody},\n"
              "  {name: ab, slack_configs: [{}]}, {name: a, email_configs: [{to: x}]},\n"
              "  {name: ax, pagerduty_configs: [{send_resolved: false}]}]\n");
    post(&d, "X1", "a", 0, 60);
    post(&d, "Y", "a", 0, 60);
    post(&d, "X1", "b", 0, 60);
    post(&d, "X1", "c", 0, 60);
    post(&d, "X1", "silent", 0, 60);
    post(&d, "Z", "silent", 0, 60);
    expect(&d, 0,
           "0 ab/X1: X1@a+ X1@b+; 0 ax/X1/a: X1@a+; 0 a/Y/a: Y@a+; 0 pager/X1/c: X1@c+; "
           "0 pager/Z/silent: Z@silent+; ");
    expect(&d, 400, "300 pager/X1/c: X1@c-; 300 pager/Z/silent: Z@silent-; ");
    arena_close(&d.arena);
}

static void one_alert_inhibits_another(void) {
    struct desk d;
    desk_open(&d, "route: {receiver: pager, group_wait: 0s, group_interval: 10s}\n"
                  "inhibit_rules:\n"
                  "- {source_matchers: [alertname=X], target_match_re: {alertname: 'Y|X'},"
                  " equal: [service]}\n" PAGER);
    post(&d, "Y", "a", 0, 1000);
    post(&d, "X", "a", 0, 1000); /* matches both sides: nothing that does inhibits it */
    post(&d, "Y", "b", 0, 1000);
    expect(&d, 5, "0 pager: X@a+ Y@b+; ");
    post(&d, "X", "a", 0, 5);
    expect(&d, 15, "10 pager: X@a- Y@a+ Y@b+; ");
    post(&d, "X", "b", 15, 1000);
    expect(&d, 25, "20 pager: X@b+ Y@a+; ");
    arena_close(&d.arena);
}

static void what_a_rule_tells_is_sent_again_each_minute(void) {
    struct desk d;
    const struct prom_label labels[] = {{"alertname", "X"}, {"service", "a"}};
    struct prom_alert alert = {.name = "X", .labels = labels, .label_count = 2, .firing = true};
    desk_open(&d, "route: {receiver: pager, group_wait: 1s, group_interval: 10s}\n" PAGER);
    for (int64_t t = 0; t <= 70; t++) {
        run_to(&d, t);
        alertmanager_hear(d.am, d.now_ms, SECOND, &alert);
    }
    expect(&d, 300, "1 pager: X@a+; ");
    expect(&d, 320, "301 pager: X@a-; "); /* sent at 0 and 61: it lasts four minutes from there */
    alert.fired_at_ms = 320 * SECOND;
    alertmanager_hear(d.am, d.now_ms, SECOND, &alert);
    run_to(&d, 325);
    alert.firing = false;
    alertmanager_hear(d.am, d.now_ms, SECOND, &alert);
    expect(&d, 400, "321 pager: X@a+; 331 pager: X@a-; ");
    CU_ASSERT_EQUAL(alertmanager_refused(d.am), 0);
    arena_close(&d.arena);
}

static void what_has_no_room_is_counted(void) {
    struct desk d;
    char name[16];
    desk_open(&d, "route: {receiver: pager, group_wait: 0s, group_by: [alertname]}\n" PAGER);
    for (int i = 0; i < 100; i++) {
        snprintf(name, sizeof name, "X%d", i);
        post(&d, name, "a", 0, 1000);
    }
    CU_ASSERT_EQUAL(alertmanager_refused(d.am), 36);
    arena_close(&d.arena);
}

/* ---- what is wrong, and where ---- */

static void expect_error(const char *text, int line, int column, const char *message) {
    struct arena arena;
    struct diags diags = {0};
    arena_open(&arena);
    CU_ASSERT_PTR_NULL(alertmanager_read(&arena, "am.yml", text, strlen(text), &diags));
    CU_ASSERT_FATAL(diags.errors > 0);
    const struct diag *got = &diags.list[0];
    if (got->line != line || got->column != column || !strstr(got->message, message))
        printf("\n  expected %d:%d %s, got %d:%d %s\n", line, column, message, got->line,
               got->column, got->message);
    CU_ASSERT_EQUAL(got->line, line);
    CU_ASSERT_EQUAL(got->column, column);
    CU_ASSERT_PTR_NOT_NULL(strstr(got->message, message));
    arena_close(&arena);
}

static void errors_name_their_place(void) {
    expect_error("route: {receiver: pagr}\n" PAGER, 1, 19, "did you mean \"pager\"?");
    expect_error("route: {receiver: pager, group_wiat: 1s}\n" PAGER, 1, 26, "group_wait");
    expect_error("route: {receiver: pager, group_wait: soon}\n" PAGER, 1, 38, "duration");
    expect_error("route: {receiver: pager, group_interval: 0s}\n" PAGER, 1, 42, "more than 0");
    expect_error("route: {receiver: pager, match: {a: b}}\n" PAGER, 1, 8, "no matchers");
    expect_error("route: {receiver: pager, group_by: [a, a]}\n" PAGER, 1, 40, "twice");
    expect_error("route: {receiver: pager, group_by: [a, '...']}\n" PAGER, 1, 36, "all labels");
    expect_error("route:\n  receiver: pager\n  routes:\n  - matchers: [a~b]\n" PAGER, 4, 16,
                 "expected a matcher");
    expect_error("route:\n  receiver: pager\n  routes:\n  - matchers: ['a=\"b']\n" PAGER, 4, 16,
                 "closing quote");
    expect_error("route:\n  receiver: pager\n  routes:\n  - match_re: {a: '(b'}\n" PAGER, 4, 19,
                 "regular expression");
    expect_error("route:\n  receiver: pager\n  routes:\n  - mute_time_intervals: [night]\n" PAGER,
                 4, 26, "not supported");
    expect_error("route: {receiver: a}\nreceivers: [{name: a}, {name: a}]\n", 2, 24, "twice");
    expect_error("receivers: [{name: a}]\n", 1, 1, "route");
    expect_error("route: {receiver: pager}\ninhibit_rule: []\n" PAGER, 2, 1, "inhibit_rules");
}

/* ---- beside a naive model ---- */

/* Every second, everything is looked at; alerts are numbers: name * SERVICES + service. */
#define NAMES    3
#define SERVICES 3
#define ALERTS   (NAMES * SERVICES)
#define ROUTES   3 /* 0: by service, of X; 1: by nothing, of Y; 2: the rest, by both */

struct model_group {
    bool lives, flushed, notified;
    int64_t next, last;
    bool held[ALERTS], told_firing[ALERTS], told_resolved[ALERTS];
};
struct model {
    int64_t starts[ALERTS], ends[ALERTS];
    bool known[ALERTS];
    struct model_group groups[ROUTES][ALERTS + 1];
};
static const int64_t waits[] = {4, 7, 0}, intervals[] = {11, 13, 17}, repeats[] = {30, 40, 100};

static int group_number(int route, int alert) {
    return route == 0 ? alert % SERVICES : route == 1 ? 0 : alert;
}

static void model_post(struct model *m, int64_t now, int alert, int64_t starts, int64_t ends) {
    int route = alert / SERVICES;
    struct model_group *g = &m->groups[route][group_number(route, alert)];
    if (m->known[alert] && m->ends[alert] > starts && m->starts[alert] < starts)
        starts = m->starts[alert];
    m->known[alert] = true;
    m->starts[alert] = starts;
    m->ends[alert] = ends;
    g->held[alert] = true;
    if (!g->lives) {
        g->lives = true;
        g->flushed = false;
        g->next = now + waits[route];
    }
    if (!g->flushed && starts + waits[route] < now) g->next = now;
}

/* X of a service inhibits the rest of it. */
static bool model_muted(const struct model *m, int alert, int64_t now) {
    int x = alert % SERVICES;
    return alert / SERVICES == 2 && m->known[x] && m->ends[x] > now;
}

static void model_flush(struct model *m, int route, int number, int64_t now, struct desk *d) {
    struct model_group *g = &m->groups[route][number];
    int seen = 0, firing = 0, anew = 0, ended = 0, told = 0;
    g->flushed = true;
    g->next = now + intervals[route];
    for (int a = 0; a < ALERTS; a++) {
        told += g->told_firing[a];
        if (!g->held[a] || model_muted(m, a, now)) continue;
        bool fires = m->ends[a] > now;
        seen++;
        firing += fires;
        anew += fires && !g->told_firing[a];
        ended += !fires && !g->told_resolved[a];
    }
    bool due = seen > 0 && (!g->notified  ? firing > 0
                            : anew        ? true
                            : firing == 0 ? told > 0
                            : ended       ? true
                                          : now - g->last > repeats[route]);
    if (due) {
        g->notified = true;
        g->last = now;
        say(d, "%lld r%d", (long long)now, route);
        if (route == 0) say(d, "/s%d", number);
        if (route == 2) say(d, "/Z/s%d", number % SERVICES);
        say(d, ":");
    }
    for (int a = 0; a < ALERTS; a++) {
        bool shown = g->held[a] && !model_muted(m, a, now), fires = m->ends[a] > now;
        if (due && shown) say(d, " %c@s%d%c", 'X' + a / SERVICES, a % SERVICES, fires ? '+' : '-');
        if (due) {
            g->told_firing[a] = shown && fires;
            g->told_resolved[a] = shown && !fires;
        }
        if (!fires) g->held[a] = false;
    }
    if (due) say(d, "; ");
}

static void model_second(struct model *m, int64_t now, struct desk *d) {
    for (int r = 0; r < ROUTES; r++)
        for (int n = 0; n <= ALERTS; n++)
            if (m->groups[r][n].lives && m->groups[r][n].next <= now) model_flush(m, r, n, now, d);
    for (int r = 0; now % 30 == 0 && r < ROUTES; r++)
        for (int n = 0; n <= ALERTS; n++) {
            bool any = false;
            for (int a = 0; a < ALERTS; a++) any |= m->groups[r][n].held[a];
            if (!any) m->groups[r][n].lives = false;
        }
}

static int by_text(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Within one second the order of groups is nobody's promise. */
static void in_order(char *text) {
    char copy[8192], *parts[256];
    size_t count = 0;
    snprintf(copy, sizeof copy, "%s", text);
    for (char *part = strtok(copy, ";"); part && count < 256; part = strtok(NULL, ";")) {
        while (*part == ' ') part++;
        if (*part) parts[count++] = part;
    }
    qsort(parts, count, sizeof *parts, by_text);
    text[0] = '\0';
    for (size_t i = 0; i < count; i++) {
        strcat(text, parts[i]);
        strcat(text, ";");
    }
}

static void random_scripts_agree_with_a_naive_model(void) {
    static const char config[] =
        "route:\n  receiver: r2\n  group_by: [alertname, service]\n  group_wait: 0s\n"
        "  group_interval: 17s\n  repeat_interval: 100s\n  routes:\n"
        "  - {matchers: [alertname=X], receiver: r0, group_by: [service], group_wait: 4s,"
        " group_interval: 11s, repeat_interval: 30s}\n"
        "  - {matchers: [alertname=Y], receiver: r1, group_by: [], group_wait: 7s,"
        " group_interval: 13s, repeat_interval: 40s}\n"
        "inhibit_rules: [{source_match: {alertname: X}, target_match: {alertname: Z},"
        " equal: [service]}]\n"
        "receivers: [{name: r0, webhook_configs: [{}]}, {name: r1, webhook_configs: [{}]},"
        " {name: r2, webhook_configs: [{}]}]\n";
    uint64_t notifications = 0;
    for (unsigned seed = 1; seed <= 300; seed++) {
        struct desk d, naive = {.now_ms = 0};
        static struct model m;
        uint64_t state = seed * UINT64_C(0x9E3779B97F4A7C15);
        m = (struct model){.known = {false}};
        desk_open(&d, config);
        for (int64_t now = 0; now < 300; now++) {
            run_to(&d, now - 1); /* what is due at this second comes after what is posted in it */
            d.now_ms = now * SECOND;
            for (int a = 0; a < ALERTS; a++) {
                state = state * UINT64_C(6364136223846793005) + 1442695040888963407u;
                bool fires = m.known[a] && m.ends[a] > now;
                if (state >> 33 & 31) continue;
                char name[] = {(char)('X' + a / SERVICES), 0},
                     service[] = {'s', (char)('0' + a % 3), 0};
                int64_t ends =
                    fires && (state >> 40 & 1) ? now : now + 20 + (int64_t)(state >> 50 & 63);
                if (fires && ends < m.ends[a] && ends > now) continue;
                if (ends == 0) continue; /* which would say nothing of the end */
                int64_t starts = fires ? m.starts[a] : now - (int64_t)(state >> 42 & 7);
                if (!fires && m.known[a] && starts <= m.ends[a]) starts = now;
                post(&d, name, service, starts, ends);
                model_post(&m, now, a, starts, ends);
            }
            run_to(&d, now);
            model_second(&m, now, &naive);
            in_order(d.told);
            in_order(naive.told);
            notifications += naive.told[0] != '\0';
            if (strcmp(d.told, naive.told) != 0)
                printf("\n  seed %u: expected \"%s\", got \"%s\"\n", seed, naive.told, d.told);
            CU_ASSERT_STRING_EQUAL_FATAL(d.told, naive.told);
            d.told[0] = naive.told[0] = '\0';
        }
        arena_close(&d.arena);
    }
    CU_ASSERT(notifications > 10000); /* seconds in which anything was told */
}

TEST_MAIN("alertmanager", TEST(a_group_waits_then_tells_what_changes),
          TEST(what_ended_within_the_wait_is_not_told), TEST(an_old_alert_does_not_wait),
          TEST(routes_match_from_the_top_and_go_on), TEST(one_alert_inhibits_another),
          TEST(what_a_rule_tells_is_sent_again_each_minute), TEST(what_has_no_room_is_counted),
          TEST(errors_name_their_place), TEST(random_scripts_agree_with_a_naive_model))
