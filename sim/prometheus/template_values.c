/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the values of a template are to Go: their types, truth, fields and print. */
#include "sim/prometheus/lexer.h"
#include "sim/prometheus/number.h"
#include "sim/prometheus/template_parts.h"

const char *value_type(const struct template_value *v) {
    static const char *const types[] = {
        [VALUE_NIL] = "nil",
        [VALUE_BOOL] = "bool",
        [VALUE_INT] = "int",
        [VALUE_FLOAT] = "float64",
        [VALUE_TEXT] = "string",
        [VALUE_LABELS] = "map[string]string",
        [VALUE_SAMPLE] = "*template.sample",
        [VALUE_SAMPLES] = "template.queryResult",
        [VALUE_DATA] = "struct",
    };
    return types[v->kind];
}

bool value_truth(const struct template_value *v) {
    switch (v->kind) {
    case VALUE_NIL: return false;
    case VALUE_BOOL: return v->as.truth;
    case VALUE_INT: return v->as.whole != 0;
    case VALUE_FLOAT: return v->as.number != 0;
    case VALUE_TEXT: return v->as.text.len > 0;
    case VALUE_LABELS: return v->as.labels.count > 0;
    case VALUE_SAMPLES: return v->as.samples.count > 0;
    case VALUE_SAMPLE:
    case VALUE_DATA: break;
    }
    return true;
}

const char *label_of_pairs(const struct prom_label *labels, uint32_t count, const char *name) {
    for (uint32_t i = 0; i < count; i++)
        if (strcmp(labels[i].name, name) == 0) return labels[i].value;
    return "";
}

static bool no_field(struct template_run *r, const struct template_value *v, const char *name) {
    return run_fail(r, "can't evaluate field %.60s in type %s", name, value_type(v));
}

static bool sample_field(struct template_run *r, const struct template_value *v, const char *name,
                         struct template_value *out) {
    const struct found *s = v->as.sample;
    if (strcmp(name, "Value") == 0)
        *out = value_float(s->value);
    else if (strcmp(name, "Labels") == 0)
        *out = (struct template_value){VALUE_LABELS, {.labels = {s->labels, s->label_count}}};
    else
        return no_field(r, v, name);
    return true;
}

static bool data_field(struct template_run *r, const struct template_value *v, const char *name,
                       struct template_value *out) {
    static const char *const names[] = {"Labels", "ExternalLabels", "ExternalURL", "Value"};
    static const uint32_t variables[] = {VARIABLE_LABELS, VARIABLE_EXTERNAL, VARIABLE_URL,
                                         VARIABLE_VALUE};
    const struct template_data *d = r->data;
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        if (strcmp(name, names[i]) != 0) continue;
        switch (variables[i]) { /* not the variables themselves, which a template may set */
        case VARIABLE_LABELS:
            *out = (struct template_value){VALUE_LABELS, {.labels = {d->labels, d->label_count}}};
            break;
        case VARIABLE_EXTERNAL:
            *out = (struct template_value){
                VALUE_LABELS, {.labels = {d->external_labels, d->external_label_count}}};
            break;
        case VARIABLE_URL: *out = value_text(d->external_url, strlen(d->external_url)); break;
        default: *out = value_float(d->value);
        }
        return true;
    }
    return no_field(r, v, name);
}

bool value_field(struct template_run *r, const struct template_value *v, const char *name,
                 struct template_value *out) {
    if (v->kind == VALUE_LABELS) {
        const char *value = label_of_pairs(v->as.labels.at, v->as.labels.count, name);
        *out = value_text(value, strlen(value));
        return true;
    }
    if (v->kind == VALUE_SAMPLE) return sample_field(r, v, name, out);
    if (v->kind == VALUE_DATA) return data_field(r, v, name, out);
    if (v->kind == VALUE_NIL) return run_fail(r, "nil data; no entry for key \"%.60s\"", name);
    return no_field(r, v, name);
}

static void print_labels(const struct prom_label *labels, uint32_t count, struct writer *out) {
    write_text(out, "map[");
    for (uint32_t i = 0; i < count; i++) {
        if (i > 0) write_text(out, " ");
        write_text(out, labels[i].name);
        write_text(out, ":");
        write_text(out, labels[i].value);
    }
    write_text(out, "]");
}

static void print_sample(const struct found *s, struct writer *out) {
    char text[NUMBER_TEXT];
    write_text(out, "{");
    print_labels(s->labels, s->label_count, out);
    write_text(out, " ");
    write_bytes(out, text, number_go(text, s->value));
    write_text(out, "}");
}

void value_print(const struct template_value *v, struct writer *out) {
    char text[NUMBER_TEXT];
    switch (v->kind) {
    case VALUE_NIL: write_text(out, "<no value>"); break;
    case VALUE_BOOL: write_text(out, v->as.truth ? "true" : "false"); break;
    case VALUE_INT: write_int(out, v->as.whole); break;
    case VALUE_FLOAT: write_bytes(out, text, number_go(text, v->as.number)); break;
    case VALUE_TEXT: write_bytes(out, v->as.text.at, v->as.text.len); break;
    case VALUE_LABELS: print_labels(v->as.labels.at, v->as.labels.count, out); break;
    case VALUE_SAMPLE: /* Go writes addresses of these, which say nothing */
        write_text(out, "&");
        print_sample(v->as.sample, out);
        break;
    case VALUE_SAMPLES:
        write_text(out, "[");
        for (uint32_t i = 0; i < v->as.samples.count; i++) {
            if (i > 0) write_text(out, " ");
            print_sample(&v->as.samples.at[i], out);
        }
        write_text(out, "]");
        break;
    case VALUE_DATA: write_text(out, "{}"); break;
    }
}

bool value_number(struct template_run *r, const struct template_value *v, double *out) {
    if (v->kind == VALUE_FLOAT) *out = v->as.number;
    if (v->kind == VALUE_INT) *out = (double)v->as.whole;
    if (v->kind == VALUE_FLOAT || v->kind == VALUE_INT) return true;
    if (v->kind != VALUE_TEXT) return run_fail(r, "can't convert %s to float", value_type(v));
    return promql_number(v->as.text.at, v->as.text.len, out) ||
           run_fail(r, "strconv.ParseFloat: parsing \"%.*s\": invalid syntax",
                    v->as.text.len > 60 ? 60 : (int)v->as.text.len, v->as.text.at);
}
