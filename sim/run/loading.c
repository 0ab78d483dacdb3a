/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/run/loading.h"

#include "engine/base/text.h"
#include "sim/prometheus/alertmanager.h"
#include "sim/prometheus/prometheus.h"
#include "sim/prometheus/views.h"
#include "sim/bind/bind.h"
#include "sim/run/command.h"
#include "sim/run/run.h"

#include <stdlib.h>

/* Holds rules, and no samples. */
static struct prom *rules_only(struct arena *arena, time_ns scrape) {
    struct prom_options options = {.series_max = 64,
                                   .samples_per_series = 8,
                                   .retention_ms = 3600000,
                                   .lookback_ms = 300000,
                                   .rules_max = RUN_RULES_MAX,
                                   .scrape_ms = scrape / NS_PER_MS};
    return prom_open(arena, &options);
}

int64_t rules_check(struct arena *arena, const char *file, const char *bytes, size_t len,
                    time_ns scrape, struct diags *diags) {
    struct prom *prom = rules_only(arena, scrape);
    if (!prom_rules_load(prom, arena, file, bytes, len, diags)) return -1;
    return prom_rule_count(prom);
}

/* What is evaluated inside a run, and checked before: rules, under which names they find series,
 * and who is told of their alerts. */
static bool source_is_good(struct arena *arena, struct prom *prom, const struct plan_source *s,
                           const char *file, struct diags *diags) {
    const char *path, *suggestion;
    if (!file_find(arena, s->kind, s->name, file, &path, &suggestion)) path = s->name;
    if (strcmp(s->kind, "rules") == 0)
        return prom_rules_load(prom, arena, path, s->bytes, s->len, diags);
    if (strcmp(s->kind, "alertmanager") == 0)
        return alertmanager_read(arena, path, s->bytes, s->len, diags) != NULL;
    return strcmp(s->kind, "profile") != 0 ||
           view_read(arena, path, s->bytes, s->len, diags) != NULL;
}

static bool rules_are_good(struct arena *arena, const char *file, const struct plan *plan,
                           struct diags *diags) {
    struct prom *prom = rules_only(arena, plan->scrape_ns);
    bool good = true;
    for (uint32_t k = 0; k < plan->source_count; k++)
        good &= source_is_good(arena, prom, &plan->sources[k], file, diags);
    return good;
}

long scenario_row(const char *name) {
    char *end;
    long row = strtol(name, &end, 10);
    return end != name && *end == '_' ? row : -1;
}

/* "7" and "07" are short for the row of that number; NULL if there is none. */
static const char *named_by_row(struct arena *arena, const char *named) {
    size_t digits = strspn(named, "0123456789");
    if (digits == 0 || digits > 4 || named[digits]) return NULL;
    const char *const *names;
    uint32_t count = file_list(arena, "scenario", &names);
    for (uint32_t k = 0; k < count; k++)
        if (scenario_row(names[k]) == strtol(named, NULL, 10)) return names[k];
    return NULL;
}

bool scenario_file(struct arena *arena, const char *named, const char **path, const char **bytes,
                   size_t *len, struct diags *diags) {
    const char *suggestion, *row = named_by_row(arena, named);
    if (file_find(arena, "scenario", row ? row : named, NULL, path, &suggestion) ||
        file_is_path(named))
        return file_read(arena, *path, bytes, len, diags);
    char shown[128];
    printable(shown, sizeof shown, named, strlen(named));
    fprintf(stderr, "firedrill: there is no scenario \"%s\"", shown);
    if (suggestion) fprintf(stderr, "; did you mean \"%s\"?", suggestion);
    fprintf(stderr, "\nsee: firedrill list scenarios\n");
    return false;
}

bool scenarios_load(struct arena *arena, const char *file, const char *bytes, size_t len,
                    const struct scn_options *options, struct diags *diags, struct scenario **list,
                    uint32_t *count) {
    struct file_source source = {arena, file};
    struct scn_files files = {&source, file_source_read, file_source_list};
    if (!scn_load(arena, file, bytes, len, &files, options, diags, list, count)) return false;
    bool good = true;
    for (uint32_t k = 0; k < *count; k++) {
        const struct policy *policy = &(*list)[k].policy;
        good &= questions_check(arena, &policy->config, policy_questions(arena, policy),
                                policy->query_count, diags);
        if (!rules_are_good(arena, file, &(*list)[k].plan, diags)) good = false;
    }
    return good;
}

static void add_word(struct writer *w, const char *option, const char *word) {
    char quoted[512];
    if (!word) return;
    shell_word(quoted, sizeof quoted, word, strlen(word));
    write_text(w, option);
    write_text(w, quoted);
}

void reproduce_line(const char *named, const struct scn_options *given, char *out, size_t size) {
    struct writer w = writer_of(out, size - 1);
    char seed[24];
    snprintf(seed, sizeof seed, "%llu", (unsigned long long)given->seed);
    bool dashed = named[0] == '-'; /* then it stands last, where it is no option */
    write_text(&w, "firedrill run");
    add_word(&w, " ", dashed ? NULL : named);
    add_word(&w, " --seed ", given->seed_given ? seed : NULL);
    add_word(&w, " --topology ", given->topology);
    add_word(&w, " --policy ", given->policy);
    add_word(&w, " --without ", given->without);
    add_word(&w, " --set ", given->set);
    add_word(&w, " --variant ", given->variant);
    add_word(&w, " --trace-level ", given->trace_requests ? "requests" : NULL);
    add_word(&w, " -- ", dashed ? named : NULL);
    out[w.len] = '\0';
}
