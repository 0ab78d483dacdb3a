/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Walks a template's tree. */
#include "sim/prometheus/template_parts.h"
#include <stdarg.h>
#include <stdio.h>

bool template_is_plain(const struct template *t) { return t->plain; }
bool template_is_of_labels(const struct template *t) { return t->of_labels; }

bool run_fail(struct template_run *r, const char *format, ...) {
    char why[sizeof r->error->why];
    va_list list;
    va_start(list, format);
    vsnprintf(why, sizeof why, format, list);
    va_end(list);
    r->error->at = r->at;
    printable(r->error->why, sizeof r->error->why, why, strlen(why));
    return false;
}

struct template_room *template_room_new(struct arena *arena) {
    struct template_room *room = ARENA_NEW(arena, struct template_room, 1);
    *room = (struct template_room){arena_take(arena, TEMPLATE_BYTES, 1), TEMPLATE_BYTES, 0};
    return room;
}

void *run_take(struct template_run *r, size_t bytes) {
    struct template_room *room = r->data->room;
    size_t whole = (bytes + 15) & ~(size_t)15;
    if (whole < bytes || whole > room->size - room->used) {
        run_fail(r, "the template needs more than 64 KiB");
        return NULL;
    }
    void *piece = room->bytes + room->used;
    room->used += whole;
    return piece;
}

bool run_text(struct template_run *r, const char *s, size_t len, struct template_value *out) {
    char *copy = run_take(r, len + 1);
    if (!copy) return false;
    if (len > 0) memcpy(copy, s, len);
    copy[len] = '\0';
    *out = value_text(copy, len);
    return true;
}

bool run_step(struct template_run *r) {
    return ++r->steps <= TEMPLATE_STEPS || run_fail(r, "the template takes too many steps");
}

/* ---- operands ---- */

static bool run_pipeline(struct template_run *r, const struct pipeline *pipeline,
                         const struct template_value *dot, struct template_value *out);

static bool run_fields(struct template_run *r, const struct operand *o,
                       struct template_value *value) {
    for (uint32_t i = 0; i < o->field_count; i++) {
        struct template_value of = *value;
        if (!value_field(r, &of, o->fields[i], value)) return false;
    }
    return true;
}

static bool call_function(struct template_run *r, const struct template_function *f,
                          struct template_value *arguments, uint32_t count,
                          struct template_value *out);

/* An operand that stands as an argument or alone; a function there is called without arguments. */
static bool run_operand(struct template_run *r, const struct operand *o,
                        const struct template_value *dot, struct template_value *out) {
    r->at = o->at;
    switch (o->kind) {
    case OPERAND_DOT: *out = *dot; break;
    case OPERAND_NIL: *out = (struct template_value){.kind = VALUE_NIL}; break;
    case OPERAND_BOOL: *out = value_bool(o->as.truth); break;
    case OPERAND_INT: *out = value_int(o->as.whole); break;
    case OPERAND_FLOAT: *out = value_float(o->as.number); break;
    case OPERAND_TEXT:
        *out = value_text(o->as.text.at, o->as.text.len);
        out->as.text.literal = o;
        break;
    case OPERAND_VARIABLE: *out = r->variables[o->as.variable]; break;
    case OPERAND_FUNCTION:
        if (!call_function(r, o->as.function, NULL, 0, out)) return false;
        break;
    case OPERAND_PIPELINE:
        if (!run_pipeline(r, o->as.pipeline, dot, out)) return false;
        break;
    }
    r->at = o->at;
    return run_fields(r, o, out);
}

/* ---- calls ---- */

static bool is_of_type(char type, const struct template_value *v) {
    switch (type) {
    case 's': return v->kind == VALUE_TEXT;
    case 'p': return v->kind == VALUE_SAMPLE;
    case 'P': return v->kind == VALUE_SAMPLES;
    default: return true;
    }
}

static bool check_arguments(struct template_run *r, const struct template_function *f,
                            const struct template_value *arguments, uint32_t count) {
    size_t wanted = strlen(f->arguments);
    bool repeats = wanted > 0 && f->arguments[wanted - 1] == '*';
    if (repeats) wanted -= 2;
    if (repeats ? count < wanted : count != wanted)
        return run_fail(r, "wrong number of args for %s: want %s%zu got %u", f->name,
                        repeats ? "at least " : "", wanted, count);
    for (uint32_t i = 0; i < count; i++) {
        char type = f->arguments[repeats && i > wanted ? wanted : i];
        if (is_of_type(type, &arguments[i])) continue;
        return run_fail(r, "wrong type for value of %s; expected %s; got %s", f->name,
                        type == 's'   ? "string"
                        : type == 'p' ? "*template.sample"
                                      : "template.queryResult",
                        value_type(&arguments[i]));
    }
    return true;
}

static bool call_function(struct template_run *r, const struct template_function *f,
                          struct template_value *arguments, uint32_t count,
                          struct template_value *out) {
    return run_step(r) && check_arguments(r, f, arguments, count) &&
           f->call(r, arguments, count, out);
}

/* and, or: what stands behind the one that decides is not looked at. */
static bool call_lazily(struct template_run *r, const struct stage *stage,
                        const struct template_value *dot, const struct template_value *piped,
                        struct template_value *out) {
    const struct template_function *f = stage->operands->as.function;
    const struct operand *o = stage->operands->next;
    if (!o && !piped)
        return run_fail(r, "wrong number of args for %s: want at least 1 got 0", f->name);
    for (; o; o = o->next) {
        if (!run_operand(r, o, dot, out)) return false;
        if (template_function_stops(f, value_truth(out))) return true;
    }
    if (piped) *out = *piped;
    return true;
}

static bool run_call(struct template_run *r, const struct stage *stage,
                     const struct template_value *dot, const struct template_value *piped,
                     struct template_value *out) {
    struct template_value arguments[TEMPLATE_ARGUMENTS + 1];
    uint32_t count = 0;
    const struct operand *f = stage->operands;
    if (template_function_is_lazy(f->as.function)) return call_lazily(r, stage, dot, piped, out);
    for (const struct operand *o = f->next; o; o = o->next)
        if (!run_operand(r, o, dot, &arguments[count++])) return false;
    if (piped) arguments[count++] = *piped;
    r->at = f->at;
    return call_function(r, f->as.function, arguments, count, out) && run_fields(r, f, out);
}

static bool run_stage(struct template_run *r, const struct stage *stage,
                      const struct template_value *dot, const struct template_value *piped,
                      struct template_value *out) {
    const struct operand *first = stage->operands;
    r->at = first->at;
    if (!run_step(r)) return false;
    if (first->kind == OPERAND_FUNCTION) return run_call(r, stage, dot, piped, out);
    if (stage->count > 1 || piped)
        return run_fail(r, first->field_count > 0
                               ? "a field has arguments but cannot be invoked as function"
                               : "can't give argument to non-function");
    if (first->kind == OPERAND_NIL) return run_fail(r, "nil is not a command");
    return run_operand(r, first, dot, out);
}

static bool run_pipeline(struct template_run *r, const struct pipeline *pipeline,
                         const struct template_value *dot, struct template_value *out) {
    struct template_value piped;
    for (const struct stage *s = pipeline->stages; s; s = s->next) {
        bool first = s == pipeline->stages;
        piped = *out;
        if (!run_stage(r, s, dot, first ? NULL : &piped, out)) return false;
    }
    return true;
}

/* ---- nodes ---- */

static bool run_list(struct template_run *r, const struct template_node *node,
                     const struct template_value *dot);

static bool is_full(struct template_run *r) {
    return r->out->overflow && !run_fail(r, "the result is too long");
}

static bool run_action(struct template_run *r, const struct template_node *node,
                       const struct template_value *dot) {
    struct template_value value = {.kind = VALUE_NIL};
    if (!run_pipeline(r, node->pipeline, dot, &value)) return false;
    if (node->pipeline->variable_count > 0) {
        r->variables[node->pipeline->variables[0]] = value;
        return true;
    }
    value_print(&value, r->out);
    return !is_full(r);
}

static void set_loop(struct template_run *r, const struct pipeline *p,
                     const struct template_value *index, const struct template_value *element) {
    if (p->variable_count == 1) r->variables[p->variables[0]] = *element;
    if (p->variable_count < 2) return;
    r->variables[p->variables[0]] = *index;
    r->variables[p->variables[1]] = *element;
}

static bool run_range(struct template_run *r, const struct template_node *node,
                      const struct template_value *dot) {
    struct template_value over = {.kind = VALUE_NIL};
    if (!run_pipeline(r, node->pipeline, dot, &over)) return false;
    uint32_t count = over.kind == VALUE_SAMPLES  ? over.as.samples.count
                     : over.kind == VALUE_LABELS ? over.as.labels.count
                                                 : 0;
    if (over.kind != VALUE_SAMPLES && over.kind != VALUE_LABELS && over.kind != VALUE_NIL) {
        r->at = node->pipeline->at;
        return run_fail(r, "range can't iterate over %s", value_type(&over));
    }
    if (count == 0) return run_list(r, node->otherwise, dot);
    for (uint32_t i = 0; i < count; i++) {
        struct template_value index = value_int(i), element;
        if (over.kind == VALUE_SAMPLES) {
            element = (struct template_value){VALUE_SAMPLE, {.sample = &over.as.samples.at[i]}};
        } else {
            const struct prom_label *l = &over.as.labels.at[i];
            index = value_text(l->name, strlen(l->name));
            element = value_text(l->value, strlen(l->value));
        }
        set_loop(r, node->pipeline, &index, &element);
        if (!run_step(r) || !run_list(r, node->body, &element)) return false;
        bool ends = r->leaves == TEMPLATE_BREAK;
        r->leaves = TEMPLATE_TEXT;
        if (ends) break;
    }
    return true;
}

static bool run_condition(struct template_run *r, const struct template_node *node,
                          const struct template_value *dot) {
    struct template_value value = {.kind = VALUE_NIL};
    if (!run_pipeline(r, node->pipeline, dot, &value)) return false;
    if (node->pipeline->variable_count > 0) r->variables[node->pipeline->variables[0]] = value;
    if (!value_truth(&value)) return run_list(r, node->otherwise, dot);
    return run_list(r, node->body, node->kind == TEMPLATE_WITH ? &value : dot);
}

/* Another template: its variables are none of the caller's, and "$" is its argument. */
static bool run_named(struct template_run *r, const struct template_node *node,
                      const struct template_value *dot) {
    struct template_value given = {.kind = VALUE_NIL}, kept[TEMPLATE_VARIABLES];
    if (node->pipeline && !run_pipeline(r, node->pipeline, dot, &given)) return false;
    if (node->pipeline && node->pipeline->variable_count > 0)
        r->variables[node->pipeline->variables[0]] = given;
    r->at = node->at;
    if (!run_step(r)) return false;
    if (!node->callee)
        return run_fail(r, "template \"%.*s\" not defined", node->len > 60 ? 60 : (int)node->len,
                        node->text);
    memcpy(kept, r->variables, sizeof kept);
    r->variables[VARIABLE_ROOT] = given;
    if (!run_list(r, node->callee->body, &given)) return false;
    memcpy(r->variables, kept, sizeof kept);
    return true;
}

static bool run_node(struct template_run *r, const struct template_node *node,
                     const struct template_value *dot) {
    switch (node->kind) {
    case TEMPLATE_TEXT: write_bytes(r->out, node->text, node->len); return !is_full(r);
    case TEMPLATE_ACTION: return run_action(r, node, dot);
    case TEMPLATE_RANGE: return run_range(r, node, dot);
    case TEMPLATE_IF:
    case TEMPLATE_WITH: return run_condition(r, node, dot);
    case TEMPLATE_CALL: return run_named(r, node, dot);
    case TEMPLATE_BREAK:
    case TEMPLATE_CONTINUE: r->leaves = node->kind; return true;
    }
    return true;
}

static bool run_list(struct template_run *r, const struct template_node *node,
                     const struct template_value *dot) {
    if (++r->levels > TEMPLATE_LEVELS)
        return run_fail(r, "templates and blocks nest more than %d deep", TEMPLATE_LEVELS);
    for (; node && r->leaves == TEMPLATE_TEXT; node = node->next)
        if (!run_node(r, node, dot)) return false;
    r->levels--;
    return true;
}

bool template_run(const struct template *t, const struct template_data *data, struct writer *out,
                  struct template_error *error) {
    struct template_run r = {.data = data, .out = out, .error = error};
    const struct template_value dot = {.kind = VALUE_DATA};
    data->room->used = 0;
    r.variables[VARIABLE_ROOT] = dot;
    r.variables[VARIABLE_LABELS] =
        (struct template_value){VALUE_LABELS, {.labels = {data->labels, data->label_count}}};
    r.variables[VARIABLE_EXTERNAL] = (struct template_value){
        VALUE_LABELS, {.labels = {data->external_labels, data->external_label_count}}};
    r.variables[VARIABLE_URL] = value_text(data->external_url, strlen(data->external_url));
    r.variables[VARIABLE_VALUE] = value_float(data->value);
    return run_list(&r, t->first, &dot);
}
