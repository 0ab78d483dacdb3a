/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/forms/json_parts.h"
#include "reports/forms/table.h"
#include "reports/rca/analysis.h"
#include "sim/run/command.h"
#include "sim/run/files.h"
#include "sim/run/terminal.h"

#include <math.h>
#include <stdlib.h>

/*
 * The engine's root cause analysis on recorded metrics: which service does the symptom come from.
 */

static bool number_given(const char *text, size_t len, double *out) {
    char copy[64], *end;
    if (len == 0 || len >= sizeof copy) return false;
    memcpy(copy, text, len);
    copy[len] = '\0';
    *out = strtod(copy, &end);
    return *end == '\0' && isfinite(*out);
}

static bool time_given(const struct arguments *a, const char *option, double *out) {
    const char *text = argument(a, option);
    char shown[96];
    if (!text) {
        fprintf(stderr, "firedrill rca: --%s is needed\nsee: firedrill rca --help\n", option);
        return false;
    }
    if (number_given(text, strlen(text), out)) return true;
    printable(shown, sizeof shown, text, strlen(text));
    fprintf(stderr,
            "firedrill rca: --%s: expected seconds as in the file's time column, got \"%s\"\n",
            option, shown);
    return false;
}

static bool baseline_given(const struct arguments *a, struct window *out) {
    const char *text = argument(a, "baseline");
    const char *dots = text ? strstr(text, "..") : NULL;
    char shown[96];
    if (!text) return true;
    if (dots && number_given(text, (size_t)(dots - text), &out->from) &&
        number_given(dots + 2, strlen(dots + 2), &out->to) && out->from < out->to)
        return true;
    printable(shown, sizeof shown, text, strlen(text));
    fprintf(stderr,
            "firedrill rca: --baseline: expected FROM..TO in seconds, FROM before TO, got \"%s\"\n",
            shown);
    return false;
}

static const struct topology *topology_given(struct arena *arena, const struct arguments *a,
                                             struct diags *diags) {
    const char *name = argument(a, "topology"), *path, *nearest, *bytes;
    char shown[96];
    size_t len;
    if (!name) {
        fprintf(stderr, "firedrill rca: --topology is needed\nsee: firedrill rca --help\n");
        return NULL;
    }
    printable(shown, sizeof shown, name, strlen(name));
    if (!file_find(arena, "topology", name, NULL, &path, &nearest)) {
        fprintf(stderr, "firedrill rca: no topology \"%s\"", shown);
        if (nearest) fprintf(stderr, "; did you mean \"%s\"?", nearest);
        fputc('\n', stderr);
        return NULL;
    }
    return file_read(arena, path, &bytes, &len, diags) ? topo_load(arena, path, bytes, len, diags)
                                                       : NULL;
}

static bool service_given(const struct arguments *a, struct arena *arena, const struct topology *t,
                          struct svc_id *out) {
    const char *name = argument(a, "service");
    if (!name) {
        fprintf(stderr, "firedrill rca: --service is needed\nsee: firedrill rca --help\n");
        return false;
    }
    *out = topo_service_named(t, name);
    if (out->v < t->service_count) return true;
    const char **names = ARENA_NEW(arena, const char *, t->service_count);
    for (uint32_t s = 0; s < t->service_count; s++) names[s] = t->services[s].name;
    const char *nearest = nearest_name(name, strlen(name), names, t->service_count);
    char shown[96];
    printable(shown, sizeof shown, name, strlen(name));
    fprintf(stderr, "firedrill rca: no service \"%s\" in topology %s", shown, t->name);
    if (nearest) fprintf(stderr, "; did you mean \"%s\"?", nearest);
    fputc('\n', stderr);
    return false;
}

static bool recording_given(struct arena *arena, const struct arguments *a,
                            const struct topology *t, struct rca_recording *out,
                            struct diags *diags) {
    const char *path = argument(a, "metrics"), *bytes;
    size_t len;
    if (!path) {
        fprintf(stderr, "firedrill rca: --metrics is needed\nsee: firedrill rca --help\n");
        return false;
    }
    return file_read(arena, path, &bytes, &len, diags) &&
           rca_recording_read(out, arena, t, path, bytes, len, diags);
}

/* ---- forms */

static double figure(const struct rca_recording *r, uint32_t metric, double value) {
    return recorded_figure(r, metric, value);
}

static void evidence_text(char *out, size_t size, const struct rca_recording *r,
                          const struct rca_service *s) {
    size_t len = 0;
    out[0] = '\0';
    for (uint32_t k = 0; k < s->evidence_count && len < size; k++) {
        const struct rca_evidence *e = &s->evidence[k];
        len += (size_t)snprintf(out + len, size - len, "%s%s %.3g -> %.3g", k ? ", " : "",
                                r->metrics[e->metric], figure(r, e->metric, e->deviation.before),
                                figure(r, e->metric, e->deviation.now));
    }
    if (s->evidence_count == 0)
        snprintf(out, size, "%s",
                 "no metric of its own; who calls it adds what nothing else explains");
}

#define SHOWN 10
static void print_text(const struct rca_request *q, const struct rca_result *result) {
    const struct rca_recording *r = q->recording;
    const char *service = q->topology->services[q->service.v].name;
    char line[512];
    if (result->symptom_known)
        snprintf(line, sizeof line, "%s: %s of %s %.4g -> %.4g, %.1f deviations of what it was",
                 result->abnormal ? "abnormal" : "nothing abnormal", r->metrics[result->symptom],
                 service, figure(r, result->symptom, result->deviation.before),
                 figure(r, result->symptom, result->deviation.now), result->deviation.z);
    else
        snprintf(line, sizeof line, "%s: %s", result->abnormal ? "abnormal" : "nothing abnormal",
                 result->abnormal ? "its metrics stopped"
                                  : "no latency, errors or availability to judge by");
    print_wrapped(stdout, 0, 0, line);
    if (!result->abnormal) return;
    puts("\n #  score    own  service");
    for (uint32_t k = 0; k < result->count && k < SHOWN; k++) {
        const struct rca_service *s = &result->ranked[k];
        evidence_text(line, sizeof line, r, s);
        printf("%2u  %5.1f%%  %4.0f%%  %s\n", k + 1, 100 * s->score, 100 * s->own,
               q->topology->services[s->service.v].name);
        printf("%19s", "");
        print_wrapped(stdout, 19, 19, line);
    }
    if (result->count > SHOWN) printf("and %u more; all with --json\n", result->count - SHOWN);
}

static json_t *deviation_json(const struct rca_recording *r, uint32_t metric,
                              const struct deviation *d) {
    json_t *o = json_object();
    json_set_text(o, "metric", r->metrics[metric]);
    json_set_text(o, "family", metric_family_name(r->meanings[metric].family));
    json_set(o, "before", json_real(figure(r, metric, d->before)));
    json_set(o, "now", json_real(figure(r, metric, d->now)));
    json_set(o, "deviations", json_real(d->z));
    return o;
}

static json_t *window_json(struct window w) {
    json_t *o = json_object();
    json_set(o, "from", json_real(w.from));
    json_set(o, "to", json_real(w.to));
    return o;
}

static json_t *service_json(const struct rca_request *q, const struct rca_service *s,
                            uint32_t rank) {
    json_t *o = json_object(), *evidence = json_array();
    json_set_int(o, "rank", rank);
    json_set_text(o, "service", q->topology->services[s->service.v].name);
    json_set(o, "score", json_real(s->score));
    json_set(o, "own_share", json_real(s->own));
    json_set(o, "reached", json_boolean(s->reached));
    for (uint32_t k = 0; k < s->evidence_count; k++)
        json_array_append_new(evidence, deviation_json(q->recording, s->evidence[k].metric,
                                                       &s->evidence[k].deviation));
    json_set(o, "evidence", evidence);
    return o;
}

static bool print_json(const struct rca_request *q, const struct rca_result *result) {
    json_t *o = json_object(), *ranked = json_array();
    json_set_text(o, "service", q->topology->services[q->service.v].name);
    json_set(o, "abnormal", json_boolean(result->abnormal));
    json_set_text(o, "verdict", result->abnormal ? "abnormal" : "nothing abnormal");
    json_set(o, "symptom",
             result->symptom_known
                 ? deviation_json(q->recording, result->symptom, &result->deviation)
                 : json_null());
    json_set(o, "baseline", window_json(result->baseline));
    json_set(o, "window", window_json(result->abnormal_window));
    for (uint32_t k = 0; k < result->count; k++)
        json_array_append_new(ranked, service_json(q, &result->ranked[k], k + 1));
    json_set(o, "ranked", ranked);
    bool written =
        json_dumpf(o, stdout, JSON_INDENT(2) | JSON_PRESERVE_ORDER | JSON_REAL_PRECISION(9)) == 0;
    putchar('\n');
    json_decref(o);
    return written;
}

static const struct option_spec options[] = {
    {"topology", "NAME|FILE", "who calls whom"},
    {"metrics", "FILE.csv", "columns time (seconds), service, metric, value; one row a sample"},
    {"service", "NAME", "the service that shows the symptom"},
    {"at", "TIME", "when it was noticed, in the file's seconds"},
    {"baseline", "FROM..TO", "when all was well; default: all before the symptom began"},
    {"json", NULL, "all services, with windows and evidence, as JSON"},
    {NULL, NULL, NULL}};

#define NOTICED_LATE 20 /* steps after the last sample */
static enum status analyse(struct arena *arena, const struct arguments *a, struct diags *diags) {
    struct rca_request q = {0};
    struct rca_recording recording;
    struct rca_result result;
    if (!time_given(a, "at", &q.at) || !baseline_given(a, &q.baseline)) return STATUS_BAD_INPUT;
    q.topology = topology_given(arena, a, diags);
    if (!q.topology || !service_given(a, arena, q.topology, &q.service) ||
        !recording_given(arena, a, q.topology, &recording, diags))
        return STATUS_BAD_INPUT;
    if (q.at < recording.from || q.at > recording.to + NOTICED_LATE * recording.step) {
        fprintf(stderr, "firedrill rca: --at %.15g is not within the recording, %.15g to %.15g\n",
                q.at, recording.from, recording.to);
        return STATUS_BAD_INPUT;
    }
    if (q.baseline.to > q.baseline.from &&
        (q.baseline.to <= recording.from || q.baseline.from > recording.to)) {
        fprintf(
            stderr,
            "firedrill rca: --baseline %.15g..%.15g is not within the recording, %.15g to %.15g\n",
            q.baseline.from, q.baseline.to, recording.from, recording.to);
        return STATUS_BAD_INPUT;
    }
    q.at = fmin(q.at, recording.to);
    q.recording = &recording;
    rca_analyse(arena, &q, &result);
    if (!result.symptom_known && !result.abnormal && argument(a, "baseline")) {
        fprintf(stderr,
                "firedrill rca: --baseline: fewer than three samples of what %s shows are in it\n",
                q.topology->services[q.service.v].name);
        return STATUS_BAD_INPUT;
    }
    if (argument(a, "json")) return print_json(&q, &result) ? STATUS_OK : STATUS_BUG;
    print_text(&q, &result);
    return STATUS_OK;
}

static enum status run(int argc, char **argv) {
    struct arguments a;
    enum status status;
    if (!arguments_read(&a, &command_rca, argc, argv, &status)) return status;
    if (a.operand_count > 0) {
        fprintf(stderr, "firedrill rca: takes no operands\nsee: firedrill rca --help\n");
        return STATUS_BAD_INPUT;
    }
    struct arena arena;
    struct diags diags = {0};
    arena_open(&arena);
    status = analyse(&arena, &a, &diags);
    diag_print(&diags, stderr);
    arena_close(&arena);
    return status;
}

const struct command command_rca = {
    "rca",
    "",
    "ranks the services that a symptom may come from, on recorded metrics",
    "firedrill rca --topology shop --metrics metrics.csv --service user-service --at 1736067600",
    options,
    run};
