/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A run as data for the page's scripts: one JSON object. Times are microseconds since its start.
 *   end                 of the run
 *   services            [name, kind, column, row, replicas, health]; health: a character a step,
 * "-" without requests, else the share of failed ones in percent, as a digit of 62 step of the
 * health, in microseconds calls               [from, to, 1 if asynchronous]: positions in services
 *   lanes               [kind, name]
 *   spans               [lane, kind, from, to, text, detail, 1 if open]
 *   decisions           [at, engine, kind, service, choice, confidence, reasoning, factors,
 * others]; factors: [name, figure, explanation], others: [choice, what it would need]
 */
#include "engine/base/check.h"
#include "engine/base/ratio.h"
#include "reports/alternatives.h"
#include "reports/forms/figures.h"
#include "reports/forms/html_parts.h"
#include "reports/forms/json_parts.h"
#include "reports/layout.h"
#include "reports/spans.h"
#include <stdlib.h>

#define STEPS_MAX 600 /* of health; a longer run has longer steps */

static json_t *micros(time_ns at) { return json_integer(at / NS_PER_US); }
static void append(json_t *array, json_t *value) {
    json_array_append_new(array, value ? value : json_null());
}

/* ---- health ---- */

struct health {
    const struct facts *facts;
    time_ns step;
    size_t steps;
    int64_t *requests, *failed; /* services * steps */
};

static struct health health_of(const struct facts *f) {
    struct health h = {.facts = f, .step = NS_PER_S};
    while (f->ends_at / h.step >= STEPS_MAX) h.step *= 2;
    h.steps = (size_t)(f->ends_at / h.step) + 1;
    size_t room = h.steps * (f->service.count + 1);
    h.requests = calloc(room, sizeof *h.requests);
    h.failed = calloc(room, sizeof *h.failed);
    ASSERT(h.requests && h.failed);
    EACH(f, truth, t) {
        int64_t position = service_position(f, t->service);
        size_t step = (size_t)((t->at > 0 ? t->at - 1 : 0) / h.step); /* the second ended then */
        if (position < 0 || step >= h.steps) continue;
        size_t cell = (size_t)position * h.steps + step;
        h.requests[cell] = time_add(h.requests[cell], t->requests > 0 ? t->requests : 0);
        h.failed[cell] = time_add(h.failed[cell], t->failed > 0 ? t->failed : 0);
    }
    return h;
}

static json_t *health_text(const struct health *h, size_t service) {
    static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    char text[STEPS_MAX + 1];
    size_t len = 0;
    for (size_t k = 0; k < h->steps && k < STEPS_MAX; k++) {
        int64_t requests = h->requests[service * h->steps + k];
        int64_t failed = h->failed[service * h->steps + k];
        int64_t percent = requests > 0 ? (ppm_of(failed, requests) + 5000) / 10000 : 0;
        text[len++] = requests > 0 ? digits[percent > 61 ? 61 : percent] : '-';
    }
    return json_stringn(text, len);
}

static json_t *services(const struct facts *f, const struct health *health) {
    json_t *all = json_array();
    struct layout layout = layout_of(f);
    for (size_t k = 0; k < f->service.count; k++) {
        const struct fact_service *s = &f->service.items[k];
        char kind[24];
        json_t *one = json_array();
        printable(kind, sizeof kind, s->kind.bytes, s->kind.len);
        append(one, json_text(facts_service(f, s->service)));
        append(one, json_text(kind));
        append(one, json_integer(layout.places[k].column));
        append(one, json_integer(layout.places[k].layer));
        append(one, json_integer(s->replicas));
        append(one, health_text(health, k));
        append(all, one);
    }
    layout_free(&layout);
    return all;
}

static json_t *calls(const struct facts *f) {
    json_t *all = json_array();
    EACH(f, call, c) {
        int64_t from = service_position(f, c->from), to = service_position(f, c->to);
        if (from >= 0 && to >= 0)
            append(all, json_pack("[I,I,i]", (json_int_t)from, (json_int_t)to, (int)c->async));
    }
    return all;
}

/* ---- lanes ---- */

static void set_spans(json_t *o, const struct report_run *run) {
    struct spans spans = spans_of(run);
    json_t *lanes = json_array(), *list = json_array();
    for (uint32_t k = 0; k < spans.lane_count; k++) {
        json_t *lane = json_array();
        append(lane, json_string(span_name(spans.lanes[k].kind)));
        append(lane, json_text(spans.lanes[k].name));
        append(lanes, lane);
    }
    for (uint32_t k = 0; k < spans.count; k++) {
        const struct span *s = &spans.list[k];
        json_t *one = json_array();
        append(one, json_integer(s->lane));
        append(one, json_string(span_name(s->kind)));
        append(one, micros(s->from));
        append(one, micros(s->to));
        append(one, json_text(s->text));
        append(one, json_integer(s->detail));
        append(one, json_integer(s->open));
        append(list, one);
    }
    json_set(o, "lanes", lanes);
    json_set(o, "spans", list);
    spans_free(&spans);
}

/* ---- decisions ---- */

static json_t *factors(const struct decision *d) {
    json_t *all = json_array();
    for (uint32_t k = 0; k < d->factor_count; k++) {
        char figure[32];
        json_t *one = json_array();
        append(one, json_text(d->factors[k].name));
        append(one, json_text(factor_figure(figure, sizeof figure, d, &d->factors[k])));
        append(one, json_text(d->factors[k].explanation));
        append(all, one);
    }
    return all;
}

static json_t *others(const struct facts *f, const struct decision *d) {
    struct alternative list[ALTERNATIVES_MAX];
    json_t *all = json_array();
    uint32_t count = alternatives_of(f, d, list);
    for (uint32_t k = 0; k < count; k++) {
        json_t *one = json_array();
        append(one, json_text(list[k].choice));
        append(one, json_text(list[k].needs));
        append(all, one);
    }
    return all;
}

static json_t *decisions(const struct facts *f) {
    json_t *all = json_array();
    struct decisions list = decisions_of(f);
    for (uint32_t k = 0; k < list.count; k++) {
        const struct decision *d = &list.list[k];
        char share[24];
        json_t *one = json_array();
        append(one, micros(d->at));
        append(one, json_integer(d->engine));
        append(one, json_text(decision_name(d->kind)));
        append(one, json_text(facts_service(f, d->service)));
        append(one, json_text(d->choice));
        append(one, json_string(figure_share(share, sizeof share, d->confidence_ppm)));
        append(one, json_text(d->reasoning));
        append(one, factors(d));
        append(one, others(f, d));
        append(all, one);
    }
    decisions_free(&list);
    return all;
}

/* Within a script element nothing may look like its end, nor begin a comment of HTML's. */
static void write_within_script(FILE *out, const char *json) {
    for (const char *c = json; *c; c++) {
        if (strchr("<>&", *c))
            fprintf(out, "\\u%04x", (unsigned)*c);
        else
            fputc(*c, out);
    }
}

void html_data(FILE *out, const struct report_run *run) {
    const struct facts *f = run->facts;
    struct health health = health_of(f);
    json_t *o = json_object();
    json_set(o, "end", micros(f->ends_at));
    json_set(o, "step", micros(health.step));
    json_set(o, "services", services(f, &health));
    json_set(o, "calls", calls(f));
    json_set(o, "decisions", decisions(f));
    set_spans(o, run);
    char *text = json_dumps(o, JSON_COMPACT | JSON_PRESERVE_ORDER | JSON_ENSURE_ASCII);
    ASSERT(text != NULL);
    fputs("<script type=\"application/json\" class=data>", out);
    write_within_script(out, text);
    fputs("</script>\n", out);
    free(text);
    json_decref(o);
    free(health.requests);
    free(health.failed);
}
