/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/rca/corpus.h"
#include "engine/base/check.h"
#include "engine/base/prng.h"

#include <math.h>
#include <stdio.h>

#define SERVICES_MAX 40
#define CALLERS_MAX  3

const char *corpus_fault_name(enum corpus_fault fault) {
    static const char *const names[] = {"none",   "delay",    "errors", "cpu",
                                        "memory", "overload", "silent"};
    return names[fault];
}

/* Uniform in [low, high). */
static double draw(struct prng *p, double low, double high) {
    return low + (high - low) * (double)(prng_next(p) >> 11) / 9007199254740992.0;
}
/* Normal enough: twelve uniforms (Irwin-Hall). */
static double noise(struct prng *p) {
    double sum = -6;
    for (int k = 0; k < 12; k++) sum += draw(p, 0, 1);
    return sum;
}

struct app {
    struct prng *p;
    uint32_t n;
    double calls[SERVICES_MAX][SERVICES_MAX]; /* mean synchronous calls per request */
    double base[SERVICES_MAX], failing[SERVICES_MAX], cpu[SERVICES_MAX], swing[SERVICES_MAX];
    double memory[SERVICES_MAX], passed_on, gives_up; /* share of failures; seconds, 0 never */
    double wander[SERVICES_MAX], load_wander;
};

struct now { /* one step of one application */
    double requests[SERVICES_MAX], latency[SERVICES_MAX], failures[SERVICES_MAX];
};

static const struct topology *random_topology(struct arena *arena, struct app *a) {
    static char text[64 * 1024];
    size_t len =
        (size_t)snprintf(text, sizeof text, "name: corpus\nentrypoints: [s0]\nservices:\n");
    for (uint32_t s = 0; s < a->n; s++)
        len += (size_t)snprintf(text + len, sizeof text - len, "  - {name: s%u}\n", s);
    len += (size_t)snprintf(text + len, sizeof text - len, "calls:\n");
    for (uint32_t s = 1; s < a->n; s++) {
        uint32_t callers = 1 + (uint32_t)prng_below(a->p, CALLERS_MAX);
        for (uint32_t k = 0; k < callers; k++) {
            uint32_t from = (uint32_t)prng_below(a->p, k == 0 ? s : a->n);
            bool back = from > s && !prng_chance(a->p, 100000); /* few cycles */
            if (from == s || back || a->calls[from][s] > 0) continue;
            bool async = k > 0 && prng_chance(a->p, 100000);
            a->calls[from][s] = async ? 1e-9 : from > s ? 0.1 : draw(a->p, 0.2, 1.4);
            len += (size_t)snprintf(text + len, sizeof text - len,
                                    "  - {from: s%u, to: s%u, protocol: %s}\n", from, s,
                                    async ? "kafka" : "http");
        }
    }
    struct diags diags = {0};
    const struct topology *t = topo_load(arena, "corpus", text, len, &diags);
    if (!t) diag_print(&diags, stderr);
    ASSERT(t);
    return t;
}

static void make_app(struct app *a, struct prng *p) {
    *a = (struct app){.p = p, .n = 6 + (uint32_t)prng_below(p, SERVICES_MAX - 5)};
    a->passed_on = draw(p, 0.5, 1);
    a->gives_up = prng_chance(p, 300000) ? draw(p, 0.5, 2) : 0;
    for (uint32_t s = 0; s < a->n; s++) {
        a->base[s] = 0.001 * exp(draw(p, 0, 4));
        a->failing[s] = prng_chance(p, 300000) ? 0 : draw(p, 0, 0.003);
        a->cpu[s] = exp(draw(p, -8, -4));
        a->swing[s] = draw(p, 0.03, 0.15);
        a->memory[s] = draw(p, 1e8, 2e9);
    }
}

/* Requests spread along calls, latencies and failures gather against them. */
static void settle(const struct app *a, const double *entering, const double *own,
                   const double *fails, struct now *out) {
    for (uint32_t s = 0; s < a->n; s++) {
        out->requests[s] = entering[s];
        out->latency[s] = own[s];
        out->failures[s] = fails[s];
    }
    for (uint32_t round = 0; round < a->n; round++)
        for (uint32_t s = 0; s < a->n; s++) {
            double sum = entering[s], time = own[s], good = 1 - fails[s];
            for (uint32_t u = 0; u < a->n; u++) {
                double k = a->calls[u][s], calls = a->calls[s][u], waits = out->latency[u];
                sum += k * out->requests[u];
                if (!(calls > 0)) continue;
                double late = a->gives_up > 0 && waits > a->gives_up ? 1 - a->gives_up / waits : 0;
                time += calls * (late > 0 ? a->gives_up : waits);
                good *= 1 - fmin(0.95, calls * (a->passed_on * out->failures[u] + late / 2));
            }
            out->requests[s] = fmin(sum, 1e7);
            out->latency[s] = fmin(time, 60);
            out->failures[s] = 1 - good;
        }
}

struct shape { /* of one recording */
    double step, entering, factor;
    uint32_t steps, onset, end;
    bool millis, percent, available;
    double missing[M_COUNT][SERVICES_MAX]; /* 1: has it not */
};

/* What the fault does to the service in this step. */
static void suffer(const struct corpus_case *c, const struct shape *shape, uint32_t i, double *own,
                   double *fails, double *entering, double *cpu, double *memory) {
    uint32_t s = c->cause.v;
    double f = shape->factor;
    if (i < shape->onset || i >= shape->end) return;
    switch (c->fault) {
    case CORPUS_DELAY: own[s] += 0.02 + own[s] * f; break;
    case CORPUS_ERRORS: fails[s] = fmin(0.95, fails[s] + 0.03 * f); break;
    case CORPUS_CPU:
        cpu[s] = cpu[s] * (1 + f) + 0.3;
        own[s] += 0.01 + own[s] * f;
        break;
    case CORPUS_MEMORY:
        memory[s] *= 1 + 0.2 * f * (double)(i - shape->onset + 1) / (shape->end - shape->onset);
        own[s] += 0.005 + own[s] * f / 4;
        break;
    case CORPUS_OVERLOAD:
        entering[s] += shape->entering * f / 2;
        own[s] += 0.01 + own[s] * f / 2;
        break;
    case CORPUS_SILENT: fails[s] = 0.95; break;
    case CORPUS_NONE:
    case CORPUS_FAULT_COUNT: break;
    }
}

static void record(struct corpus_case *c, struct app *a, struct shape *shape) {
    double own[SERVICES_MAX], fails[SERVICES_MAX], entering[SERVICES_MAX], cpu[SERVICES_MAX],
        memory[SERVICES_MAX];
    double keep = exp(-shape->step / 60), shake = sqrt(1 - keep * keep),
           few = 1 / sqrt(fmax(1, shape->step / 5));
    for (uint32_t i = 0; i < shape->steps; i++) {
        struct now now;
        double day = 1 + 0.3 * sin(i * shape->step / 86400 * 6.2832);
        a->load_wander = keep * a->load_wander + shake * 0.08 * noise(a->p);
        for (uint32_t s = 0; s < a->n; s++) {
            a->wander[s] = keep * a->wander[s] + shake * a->swing[s] * noise(a->p);
            own[s] = a->base[s] * exp(a->wander[s] + few * a->swing[s] * noise(a->p));
            fails[s] = fmax(0, a->failing[s] * (1 + few * noise(a->p)));
            entering[s] = s == 0 ? shape->entering * day * exp(a->load_wander) : 0;
            memory[s] =
                a->memory[s] * (1 + 0.02 * noise(a->p) * few + 0.1 * ((i + s * 7) % 40) / 40.0);
            cpu[s] = 0;
        }
        settle(a, entering, own, fails, &now);
        for (uint32_t s = 0; s < a->n; s++)
            cpu[s] = 0.01 + a->cpu[s] * now.requests[s] * (1 + 0.05 * noise(a->p));
        suffer(c, shape, i, own, fails, entering, cpu, memory);
        settle(a, entering, own, fails, &now);
        for (uint32_t s = 0; s < a->n; s++) {
            bool silent =
                c->fault == CORPUS_SILENT && s == c->cause.v && i >= shape->onset && i < shape->end;
            double fails_now = now.failures[s] * (shape->percent ? 100 : 1),
                   whole = shape->percent ? 100 : 1;
            double v[M_COUNT] = {now.latency[s] * (shape->millis ? 1000 : 1),
                                 now.latency[s] * (shape->millis ? 1000 : 1) *
                                     (2.5 + 0.3 * noise(a->p)),
                                 shape->available ? whole - fails_now : fails_now,
                                 now.requests[s] * (1 + 0.02 * few * noise(a->p)),
                                 cpu[s],
                                 memory[s]};
            for (int m = 0; m < M_COUNT; m++) {
                bool lost = shape->missing[m][s] > 0 || silent || prng_chance(a->p, 20000);
                c->value[m][s * shape->steps + i] = lost ? NAN : v[m];
            }
        }
    }
}

static void to_recording(struct corpus_case *c, struct arena *arena, const struct shape *shape,
                         uint32_t n) {
    static const char *const errors[] = {"error_rate", "availability"};
    const char **metrics = ARENA_NEW(arena, const char *, M_COUNT);
    static const char *const names[M_COUNT] = {"latency",      "latency_p99", "",
                                               "request_rate", "cpu",         "memory"};
    size_t size = (size_t)n * M_COUNT * shape->steps * 64 + 64, len;
    char *text = ARENA_NEW(arena, char, size);
    len = (size_t)snprintf(text, size, "time,service,metric,value\n");
    for (int m = 0; m < M_COUNT; m++) {
        metrics[m] = m == M_FAILURES ? errors[shape->available] : names[m];
        for (uint32_t k = 0; k < n * shape->steps; k++)
            if (!isnan(c->value[m][k]))
                len += (size_t)snprintf(text + len, size - len, "%.0f,s%u,%s,%.6g\n",
                                        1e6 + (k % shape->steps) * shape->step, k / shape->steps,
                                        metrics[m], c->value[m][k]);
    }
    struct diags diags = {0};
    bool read = rca_recording_read(&c->recording, arena, c->topology, "corpus", text, len, &diags);
    if (!read) diag_print(&diags, stderr);
    ASSERT(read);
}

static struct shape make_shape(struct prng *p, uint32_t n) {
    static const double steps[] = {1, 5, 15, 60, 300};
    struct shape shape = {.step = steps[prng_below(p, 5)], .entering = exp(draw(p, 1, 7))};
    shape.onset = 40 + (uint32_t)prng_below(p, 300);
    shape.end = shape.onset + 4 + (uint32_t)prng_below(p, 40);
    shape.steps = shape.end + (uint32_t)prng_below(p, 30);
    shape.factor = exp(draw(p, 0, 2.5));
    shape.millis = prng_chance(p, 500000);
    shape.percent = prng_chance(p, 500000);
    shape.available = prng_chance(p, 500000);
    for (int m = 0; m < M_COUNT; m++)
        for (uint32_t s = 0; s < n; s++)
            shape.missing[m][s] = prng_chance(p, m < M_CPU ? 50000 : 200000);
    return shape;
}

/* Ids are by name; the names' numbers are what the corpus counts by. */
static struct svc_id named(const struct topology *t, uint32_t number) {
    char name[16];
    snprintf(name, sizeof name, "s%u", number);
    return topo_service_named(t, name);
}

static double mean(const struct corpus_case *c, int metric, uint32_t s, uint32_t from,
                   uint32_t to) {
    double sum = 0, count = 0;
    for (uint32_t i = from; i < to; i++) {
        double v = c->value[metric][s * c->steps + i];
        if (!isnan(v)) sum += v, count++;
    }
    return count > 0 ? sum / count : NAN;
}

/* A person would ask of a service where it shows: half as slow again, or two per cent more that
 * fail. */
static bool shows(const struct corpus_case *c, const struct shape *shape, uint32_t s) {
    double slow = mean(c, M_LATENCY, s, c->onset, c->end) / mean(c, M_LATENCY, s, 0, c->onset);
    double fails =
        fabs(mean(c, M_FAILURES, s, c->onset, c->end) - mean(c, M_FAILURES, s, 0, c->onset));
    return slow > 1.5 || fails / (shape->percent ? 100 : 1) > 0.02;
}

bool corpus_make(struct corpus_case *c, struct arena *arena, uint64_t seed, uint64_t number,
                 enum corpus_fault fault) {
    struct prng p = prng_named(seed, corpus_fault_name(fault), number);
    struct app app;
    *c = (struct corpus_case){.fault = fault};
    make_app(&app, &p);
    c->topology = random_topology(arena, &app);
    struct shape shape = make_shape(&p, app.n);
    c->steps = shape.steps;
    c->onset = shape.onset;
    c->end = shape.end;
    for (int m = 0; m < M_COUNT; m++)
        c->value[m] = ARENA_NEW(arena, double, (size_t)app.n *shape.steps);
    uint32_t cause = (uint32_t)prng_below(&p, app.n);
    c->cause = (struct svc_id){cause};
    record(c, &app, &shape);
    uint32_t late = (uint32_t)prng_below(&p, 4), target = 0;
    c->at = 1e6 + (shape.onset + late) * shape.step;
    if (fault != CORPUS_NONE && !shows(c, &shape, 0)) {
        /* not at the entry: where it shows and somebody calls on, the farther up the better */
        for (target = 1; target < app.n && (target == cause || !shows(c, &shape, target));
             target++) {}
        if (target == app.n) return false;
    }
    to_recording(c, arena, &shape, app.n);
    c->cause = named(c->topology, cause);
    c->target = named(c->topology, target);
    return true;
}
