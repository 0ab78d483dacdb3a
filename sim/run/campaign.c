/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/run/campaign.h"

#include "reports/forms/forms.h"
#include "reports/judge/judge.h"
#include "reports/report.h"
#include "sim/run/folder.h"
#include "sim/run/loading.h"
#include "sim/run/needed.h"
#include "sim/run/terminal.h"
#include "sim/run/trace_file.h"

#include <stdlib.h>
#include <unistd.h>

void campaign_open(struct campaign *c, const struct arguments *arguments) {
    *c = (struct campaign){.arguments = arguments};
    arena_open(&c->arena);
    c->jobs = ARENA_NEW(&c->arena, struct job, CAMPAIGN_JOBS_MAX);
    c->left_out = ARENA_NEW(&c->arena, const struct scenario *, CAMPAIGN_JOBS_MAX);
}

void campaign_close(struct campaign *c) {
    for (uint32_t k = 0; k < c->job_count; k++) bytes_free(&c->jobs[k].trace);
    arena_close(&c->arena);
}

static bool trace_level(const struct arguments *a, bool *requests) {
    const char *level = argument(a, "trace-level");
    *requests = level && strcmp(level, "requests") == 0;
    if (!level || *requests || strcmp(level, "control") == 0) return true;
    fprintf(stderr, "firedrill %s: --trace-level: expected control or requests\n",
            a->command->name);
    return false;
}

/* Seeds change nothing about who can play. */
static void leave_out(struct campaign *c, const struct scenario *s) {
    for (uint32_t k = 0; k < c->left_out_count; k++) {
        const struct plan *known = &c->left_out[k]->plan;
        if (strcmp(known->name, s->plan.name) == 0 &&
            strcmp(known->topology->name, s->plan.topology->name) == 0)
            return;
    }
    if (c->left_out_count < CAMPAIGN_JOBS_MAX) c->left_out[c->left_out_count++] = s;
}

static enum status add_seed(struct campaign *c, const char *named, const char *path,
                            const char *bytes, size_t len, const struct scn_options *options,
                            struct diags *diags) {
    struct scenario *list;
    uint32_t count;
    if (!scenarios_load(&c->arena, path, bytes, len, options, diags, &list, &count))
        return STATUS_BAD_INPUT;
    for (uint32_t k = 0; k < count; k++) {
        if (list[k].uncast) {
            leave_out(c, &list[k]);
            continue;
        }
        if (c->job_count == CAMPAIGN_JOBS_MAX) {
            diag_error(diags, path, 0, 0, "more than %d runs in one campaign", CAMPAIGN_JOBS_MAX);
            return STATUS_BAD_INPUT;
        }
        c->jobs[c->job_count++] =
            (struct job){.scenario = &list[k], .named = named, .given = *options};
        c->jobs[c->job_count - 1].given.variant = list[k].variant;
    }
    return STATUS_OK;
}

enum status campaign_add(struct campaign *c, const char *file, const char *topology) {
    const struct arguments *a = c->arguments;
    struct diags diags = {0};
    const char *path, *bytes;
    size_t len;
    int64_t seed, seeds;
    struct scn_options options = {.topology = topology ? topology : argument(a, "topology"),
                                  .policy = argument(a, "policy"),
                                  .without = argument(a, "without"),
                                  .set = argument(a, "set"),
                                  .variant = argument(a, "variant"),
                                  .leave_out = c->leave_out};
    if (!argument_int(a, "seed", 0, INT64_MAX, 1, &seed) ||
        !argument_int(a, "seeds", 1, CAMPAIGN_JOBS_MAX, 1, &seeds) ||
        !trace_level(a, &options.trace_requests))
        return STATUS_BAD_INPUT;
    if (seed > INT64_MAX - (seeds - 1)) {
        fprintf(stderr, "firedrill %s: --seeds: %lld from %lld on are more than there are\n",
                a->command->name, (long long)seeds, (long long)seed);
        return STATUS_BAD_INPUT;
    }
    enum status status = STATUS_OK;
    if (!scenario_file(&c->arena, file, &path, &bytes, &len, &diags)) status = STATUS_BAD_INPUT;
    options.seed_given = argument(a, "seed") || seeds > 1;
    for (int64_t k = 0; k < seeds && status == STATUS_OK; k++) {
        options.seed = (uint64_t)seed + (uint64_t)k;
        struct diags found = {0};
        status = add_seed(c, file, path, bytes, len, &options, &found);
        diag_print_once(&found, &c->said, stderr);
    }
    diag_print(&diags, stderr);
    return status;
}

/* ---- after the runs ---- */

struct judgement {          /* of one trace, whose bytes have to outlive it */
    struct trace_file file; /* where it came from one */
    struct facts facts;
    struct verdict verdict;
};

static enum status judge_facts(const char *name, struct judgement *out) {
    if (judge_run(&out->facts, &out->verdict)) return verdict_status(&out->verdict);
    fprintf(stderr, "firedrill: no memory to judge %s\n", name);
    return STATUS_BUG;
}

static enum status judge_trace(const char *name, const char *bytes, size_t len,
                               struct judgement *out, struct diags *diags) {
    struct trace_error error;
    if (judge_read(bytes, len, &out->facts, &error)) return judge_facts(name, out);
    diag_error(diags, name, 0, 0, "record %llu, byte %zu: %s", (unsigned long long)error.record,
               error.offset, error.what);
    return STATUS_BAD_INPUT;
}

static void print_timeline(const struct judgement *j) {
    printf("%s, seed %llu, digest %016llx\n", j->verdict.scenario,
           (unsigned long long)j->verdict.seed, (unsigned long long)j->facts.digest);
    timeline_text(&j->facts, stdout);
    putchar('\n');
}

/* A report that lacks runs is printed for what it has, but never left as a file: whoever reads that
 * would not know. */
static enum status write_report(const struct report *report, uint32_t runs,
                                const struct arguments *arguments, const char *folder) {
    if (report->run_count > 0)
        report_text(report, stdout, terminal_width(stdout), terminal_colour(stdout));
    if (report->run_count < runs) {
        fprintf(stderr, "firedrill: %u of %u runs could not be judged\n", runs - report->run_count,
                runs);
        return STATUS_OK; /* why not has its own status */
    }
    return report_files(report, arguments, folder);
}

static enum status judge_jobs(struct campaign *c, struct report *report,
                              struct judgement *judgements) {
    enum status status = STATUS_OK;
    bool timeline = argument(c->arguments, "timeline") != NULL;
    for (uint32_t k = 0; k < c->job_count; k++) {
        const struct job *job = &c->jobs[k];
        struct diags diags = {0};
        enum status mine = job->status;
        char line[700];
        reproduce_line(job->named, &job->given, line, sizeof line);
        if (mine == STATUS_OK) {
            mine = judge_trace(job->scenario->plan.name, (const char *)job->trace.bytes,
                               job->trace.len, &judgements[k], &diags);
            if (mine != STATUS_BAD_INPUT && mine != STATUS_BUG) {
                report_add(report, &judgements[k].facts, &judgements[k].verdict, line);
                if (timeline) print_timeline(&judgements[k]);
            }
        } else if (mine == STATUS_BUG)
            fprintf(stderr, "firedrill: %s crashed; reproduce: %s\n", job->scenario->plan.name,
                    line);
        diag_print(&diags, stderr);
        status = status_worse(status, mine);
    }
    return status;
}

static bool is_taken(const struct campaign *c, const char *path, uint32_t jobs) {
    for (uint32_t k = 0; k < jobs; k++)
        if (strcmp(c->jobs[k].path, path) == 0) return true;
    return false;
}

/* What a policy's file is called goes into file names: its letters, and nothing else of its path.
 */
static void policy_mark(char *out, size_t size, const char *policy) {
    const char *slash = policy ? strrchr(policy, '/') : NULL, *name = slash ? slash + 1 : policy;
    out[0] = '\0';
    if (!policy) return;
    snprintf(out, size, "+%.*s", (int)strcspn(name, "."), name);
    for (char *c = out + 1; *c; c++)
        if ((uint8_t)*c <= ' ' || (uint8_t)*c >= 0x7F) *c = '_';
}

/* By scenario, topology, the policy if the command line chose it, and seed; files may hold
 * scenarios of one name, which are then counted. */
static bool name_traces(struct campaign *c, const char *folder) {
    char policy[48];
    policy_mark(policy, sizeof policy, argument(c->arguments, "policy"));
    for (uint32_t k = 0; k < c->job_count; k++) {
        const struct scenario *s = c->jobs[k].scenario;
        char *path = c->jobs[k].path, again[16] = "";
        char name[81], topology[81];
        size_t size = sizeof c->jobs[k].path;
        file_word(name, sizeof name, s->plan.name);
        file_word(topology, sizeof topology, s->plan.topology->name);
        int len;
        for (uint32_t n = 2;; n++) {
            len = snprintf(path, size, "%s/%s@%s%s-%llu%s.trace", folder, name, topology, policy,
                           (unsigned long long)s->plan.seed, again);
            if (len < 0 || (size_t)len >= size || !is_taken(c, path, k)) break;
            snprintf(again, sizeof again, "~%u", n);
        }
        if (len > 0 && (size_t)len < size) continue;
        fprintf(stderr, "firedrill: traces cannot be written: the folder's name is too long\n");
        return false;
    }
    return true;
}

static bool is_trace_of(const void *context, const char *name) {
    const struct campaign *c = context;
    for (uint32_t k = 0; k < c->job_count; k++)
        if (strcmp(strrchr(c->jobs[k].path, '/') + 1, name) == 0) return true;
    return false;
}

static bool folder_ready(struct campaign *c, const char *folder, struct diags *diags) {
    struct folder_use use = {folder, is_trace_of, c};
    return name_traces(c, folder) && folder_fits(&use, diags) && folder_make(folder);
}

/* Where everything goes is looked at before a run of hours, not after it. */
static bool can_be_kept(struct campaign *c, const char *folder, const char *trace) {
    struct diags diags = {0};
    bool good = (!trace || needed_spared("trace", trace, &diags)) &&
                (!folder || folder_ready(c, folder, &diags));
    if (good && trace) needed_note(trace);
    good = good && report_files_possible(c->arguments, &diags) &&
           (!trace || file_possible(trace, &diags));
    diag_print(&diags, stderr);
    return good;
}

static enum status judge_and_report(struct campaign *c, const char *folder) {
    struct report report;
    report_init(&report);
    for (uint32_t k = 0; k < c->left_out_count; k++)
        report_leave_out(&report, c->left_out[k]->plan.name, c->left_out[k]->plan.topology->name);
    struct judgement *judgements = calloc(c->job_count, sizeof *judgements);
    if (!judgements) abort();
    enum status status = judge_jobs(c, &report, judgements);
    status = status_worse(status, write_report(&report, c->job_count, c->arguments, folder));
    report_free(&report);
    for (uint32_t k = 0; k < c->job_count; k++) {
        verdict_free(&judgements[k].verdict);
        facts_free(&judgements[k].facts);
    }
    free(judgements);
    return status;
}

enum status campaign_run(struct campaign *c, const char *trace) {
    int64_t at_once;
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    const char *folder = argument(c->arguments, "out");
    if (!argument_int(c->arguments, "jobs", 1, 1024, processors > 0 ? processors : 1, &at_once))
        return STATUS_BAD_INPUT;
    if (c->job_count == 0 || !can_be_kept(c, folder, trace)) return STATUS_BAD_INPUT;
    jobs_run(c->jobs, c->job_count, (uint32_t)at_once);
    enum status status = judge_and_report(c, folder);
    if (trace && c->jobs[0].status == STATUS_OK)
        status = status_worse(status, job_write(&c->jobs[0], trace));
    return status;
}

enum status report_traces(const char *const *paths, uint32_t count,
                          const struct arguments *arguments) {
    bool timeline = argument(arguments, "timeline") != NULL;
    enum status status = STATUS_OK;
    struct diags unwritable = {0};
    for (uint32_t k = 0; k < count; k++) needed_note(paths[k]);
    if (!report_files_possible(arguments, &unwritable)) return bad_input(&unwritable);
    struct report report;
    report_init(&report);
    struct judgement *judgements = calloc(count ? count : 1, sizeof *judgements);
    if (!judgements) abort();
    for (uint32_t k = 0; k < count; k++) {
        struct diags diags = {0};
        char line[700], word[640];
        enum status mine = STATUS_BAD_INPUT;
        if (trace_file_open(&judgements[k].file, paths[k], &diags) &&
            trace_file_facts(&judgements[k].file, &judgements[k].facts, &diags))
            mine = judge_facts(paths[k], &judgements[k]);
        shell_word(word, sizeof word, paths[k], strlen(paths[k]));
        snprintf(line, sizeof line, "firedrill replay %s%s", paths[k][0] == '-' ? "-- " : "", word);
        if (mine != STATUS_BAD_INPUT && mine != STATUS_BUG) {
            report_add(&report, &judgements[k].facts, &judgements[k].verdict, line);
            if (timeline) print_timeline(&judgements[k]);
        }
        diag_print(&diags, stderr);
        status = status_worse(status, mine);
    }
    status = status_worse(status, write_report(&report, count, arguments, NULL));
    report_free(&report);
    for (uint32_t k = 0; k < count; k++) {
        verdict_free(&judgements[k].verdict);
        facts_free(&judgements[k].facts);
        trace_file_close(&judgements[k].file);
    }
    free(judgements);
    return status;
}
