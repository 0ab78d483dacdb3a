/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_PROMETHEUS_TEMPLATE_H
#define SIM_PROMETHEUS_TEMPLATE_H
/*
 * Templates of an alert's labels and annotations: Go's text/template language as Prometheus offers
 * it to rules. A text is parsed once, with places for errors, and run with an alert's labels and
 * value; running allocates nothing but what query needs for an expression that is put together at
 * run time, and is bounded in steps, depth, memory and output: a template that calls itself ends
 * with an error.
 *
 *   actions     {{ pipeline }}  if, else if, else, range (with $i, $x :=), break, continue, with,
 *               define "x", template "x" pipeline, block "x" pipeline, end, comments, {{- and -}}
 *   operands    . .Field $ $name $labels $value $externalLabels $externalURL "..." `...` 'c' 1 1.5
 *               true nil (pipeline).Field
 *   functions   template_functions.c has the table
 * Inside of define and block, as in Prometheus, $ is what the template is called with, and the
 * variables that rules have are not there: "{{ template "x" . }}" gives it .Labels and .Value.
 */
#include "engine/base/text.h"
#include "sim/prometheus/prometheus.h"

#define TEMPLATE_BYTES ((size_t)64 << 10) /* longest text; also of memory and output of a run */

struct template_error {
    size_t at; /* bytes from the start of the template */
    char why[192];
};

struct template;
/* NULL after an error. The text must live as long as the template. */
struct template *template_parse(struct arena *arena, const char *text, size_t len,
                                struct template_error *error);
/* Plain: no action in it, it is its own result. */
bool template_is_plain(const struct template *t);
/* Its result depends on the labels alone, so that it can be remembered by them. */
bool template_is_of_labels(const struct template *t);

/* Memory of one run: texts that functions make, results of queries. */
struct template_room {
    uint8_t *bytes;
    size_t size, used;
};
struct template_room *template_room_new(struct arena *arena);

struct template_data {
    struct prom *prom; /* asked by query */
    struct template_room *room;
    int64_t at_ms;
    const struct prom_label *labels; /* of the result, its metric name among them; sorted */
    uint32_t label_count;
    const struct prom_label *external_labels;
    uint32_t external_label_count;
    const char *external_url;
    double value;
};
/* Writes to out what it gives. False after an error; what was written until then stays. */
bool template_run(const struct template *t, const struct template_data *data, struct writer *out,
                  struct template_error *error);

#endif
