/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "scenarios/loading.h"
#include "engine/base/check.h"
#include <stdarg.h>
#include <stdio.h>

#define SHOWN              81 /* of a text from the input: 80 bytes */
#define MAX_NAMES_COMPARED 4096

const char *scn_format(struct arena *arena, const char *format, ...) {
    char text[512];
    va_list arguments;
    va_start(arguments, format);
    int len = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    ASSERT(len >= 0 && (size_t)len < sizeof text);
    return arena_text(arena, text, (size_t)len);
}

const char *scn_text(struct scn_loading *l, struct yaml_node *node, size_t max,
                     const char *otherwise) {
    const char *s = yaml_text(l->doc, node, NULL);
    if (!s) return otherwise;
    if (node->len == 0 || node->len > max) {
        yaml_error(l->doc, node, "expected a text of 1 to %zu bytes, got %zu", max, node->len);
        return otherwise;
    }
    char shown[4 * SCN_TITLE_BYTES + 1];
    printable(shown, sizeof shown, s, node->len);
    if (strcmp(shown, s) == 0) return s;
    yaml_error(l->doc, node, "expected printable UTF-8, got \"%.80s\"", shown);
    return otherwise;
}

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

bool scn_in_name(char c) { return c != '\0' && strchr(LETTERS "_.-", c) != NULL; }

static bool well_named(const char *s) {
    return strspn(s, LETTERS) > 0 && s[strspn(s, LETTERS "_.-")] == '\0';
}

const char *scn_name(struct scn_loading *l, struct yaml_node *node, const char *otherwise) {
    const char *s = scn_text(l, node, SCN_NAME_BYTES, NULL);
    if (!s) return otherwise;
    if (well_named(s)) return s;
    yaml_error(l->doc, node,
               "expected a name of letters, digits, \"_\", \".\" and \"-\", got \"%s\"", s);
    return otherwise;
}

struct yaml_node *scn_required(struct scn_loading *l, struct yaml_node *mapping, const char *key,
                               const char *whose) {
    struct yaml_node *node = yaml_key(l->doc, mapping, key);
    if (!yaml_is_null(node)) return node;
    if (mapping->kind == YAML_MAPPING)
        yaml_error(l->doc, node ? node : mapping, "%s needs the key \"%s\"", whose, key);
    return NULL;
}

uint32_t scn_count(struct scn_loading *l, struct yaml_node *list, uint32_t max, const char *what) {
    uint32_t count = yaml_count(l->doc, list);
    if (count <= max) return count;
    yaml_error(l->doc, list, "expected at most %u %s, got %u", max, what, count);
    return 0;
}

static bool among(const char *const *names, uint32_t count, const char *name) {
    for (uint32_t i = 0; i < count; i++)
        if (strcmp(names[i], name) == 0) return true;
    return false;
}

/* As many as a line holds, so that a hundred services are no answer to one wrong name. A scenario's
 * role may be the topology's too: it is one name. */
static void known_names(char *out, size_t size, const char *const *names, uint32_t count) {
    size_t len = (size_t)snprintf(out, size, "; known:");
    uint32_t listed = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (names[i][0] == '\0' || among(names, i, names[i])) continue;
        if (len + strlen(names[i]) + 6 > size) {
            snprintf(out + len, size - len, " ...");
            return;
        }
        len += (size_t)snprintf(out + len, size - len, "%s %s", listed++ > 0 ? "," : "", names[i]);
    }
    if (listed == 0) out[0] = '\0';
}

static void unknown(struct scn_loading *l, const char *file, const struct yaml_node *node,
                    const char *what, const char *const *names, uint32_t count, const char *hint) {
    struct diags *diags = l->doc->diags;
    char shown[SHOWN], known[200];
    printable(shown, sizeof shown, node->text, node->len);
    /* A hostile file must not buy a million comparisons with each wrong name. */
    bool compare = count <= MAX_NAMES_COMPARED && diags->count < DIAG_MAX;
    const char *near = compare ? nearest_name(node->text, node->len, names, count) : NULL;
    known_names(known, sizeof known, names, count);
    if (near)
        diag_error(diags, file, node->line, node->column, "no %s \"%s\"; did you mean \"%s\"?",
                   what, shown, near);
    else
        diag_error(diags, file, node->line, node->column, "no %s \"%s\"%s%s", what, shown, known,
                   hint);
}

void scn_unknown_in(struct scn_loading *l, const char *file, const struct yaml_node *node,
                    const char *what, const char *const *names, uint32_t count) {
    unknown(l, file, node, what, names, count, "");
}

void scn_unknown(struct scn_loading *l, const struct yaml_node *node, const char *what,
                 const char *const *names, uint32_t count) {
    const char *file = node->origin && node->line > 0 ? node->origin : l->doc->file;
    scn_unknown_in(l, file, node, what, names, count);
}

void scn_uncast(struct scn_loading *l, const struct yaml_node *node, const char *format, ...) {
    char text[400];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (!l->options->leave_out) {
        yaml_error(l->doc, node, "%s", text);
        return;
    }
    const char *file = node->origin && node->line > 0 ? node->origin : l->doc->file;
    if (!l->scenario->uncast) /* the first one says enough */
        diag_warning(l->doc->diags, file, node->line, node->column, "left out: %s", text);
    l->scenario->uncast = true;
}

static void no_service(struct scn_loading *l, const struct yaml_node *node) {
    const struct topology *t = l->plan->topology;
    uint32_t count = 0, most = l->role_count + t->role_count + t->service_count;
    const char **names = ARENA_NEW(l->arena, const char *, most);
    for (uint32_t i = 0; i < l->role_count; i++) names[count++] = l->roles[i].name;
    for (uint32_t i = 0; i < t->role_count; i++) names[count++] = t->roles[i].name;
    for (uint32_t i = 0; i < t->service_count; i++) names[count++] = t->services[i].name;
    char shown[SHOWN], hint[SHOWN + 80];
    printable(shown, sizeof shown, node->text, node->len);
    snprintf(hint, sizeof hint, "; \"roles: {%s: SERVICE}\" in the topology's file adds the role",
             shown);
    const char *file = node->origin && node->line > 0 ? node->origin : l->doc->file;
    unknown(l, file, node, "service or role", names, count, hint);
}

struct svc_id scn_service(struct scn_loading *l, struct yaml_node *node) {
    const char *name = yaml_text(l->doc, node, NULL);
    if (!name) return ID_NONE(svc_id);
    for (uint32_t i = 0; i < l->role_count; i++)
        if (strcmp(l->roles[i].name, name) == 0) return l->roles[i].service;
    struct svc_id s = topo_service_named(l->plan->topology, name);
    if (s.v == NONE_ID) s = scn_usual_role(l, name);
    if (s.v != NONE_ID) return s;
    if (l->options->leave_out && scn_is_usual(name))
        scn_uncast(l, node, "nobody of topology \"%s\" can play \"%s\"", l->scenario->topology_name,
                   name);
    else
        no_service(l, node);
    return s;
}

struct svc_id scn_any_service(struct scn_loading *l, struct yaml_node *mapping, const char *key) {
    return scn_service(l, yaml_key(l->doc, mapping, key));
}

uint32_t scn_node(struct scn_loading *l, struct yaml_node *node) {
    const char *names[SCN_ENGINES_MAX + NODE_SERVICE_COUNT];
    uint32_t engines = l->plan->engine_count, count = engines + NODE_SERVICE_COUNT;
    for (uint32_t i = 0; i < count; i++)
        names[i] =
            i < engines ? l->plan->engines[i].name : plan_node_name((enum plan_node)(i - engines));
    const char *name = yaml_text(l->doc, node, NULL);
    if (!name) return 0;
    for (uint32_t i = 0; i < count; i++)
        if (strcmp(names[i], name) == 0) return i;
    scn_unknown(l, node, "node", names, count);
    return 0;
}

uint32_t scn_engine(struct scn_loading *l, struct yaml_node *node) {
    const char *names[SCN_ENGINES_MAX];
    for (uint32_t i = 0; i < l->plan->engine_count; i++) names[i] = l->plan->engines[i].name;
    const char *name = yaml_text(l->doc, node, NULL);
    if (!name) return 0;
    for (uint32_t i = 0; i < l->plan->engine_count; i++)
        if (strcmp(names[i], name) == 0) return i;
    scn_unknown(l, node, "engine", names, l->plan->engine_count);
    return 0;
}

int64_t scn_rate(struct scn_loading *l, struct yaml_node *node, int64_t otherwise_milli) {
    if (yaml_is_null(node)) return otherwise_milli;
    int64_t milli = yaml_rate(l->doc, node, 0);
    if (milli <= SCN_RATE_MAX * INT64_C(1000)) return milli;
    yaml_error(l->doc, node, "expected a rate of at most %d/s, got \"%.80s\"", SCN_RATE_MAX,
               node->text);
    return 0;
}

int scn_word(struct scn_loading *l, struct yaml_node *node, const char *(*name)(int64_t),
             uint32_t count, int otherwise) {
    const char *names[32];
    ASSERT(count <= ARRAY_LEN(names));
    for (uint32_t i = 0; i < count; i++) names[i] = name(i);
    return yaml_choice(l->doc, node, names, count, otherwise);
}

int64_t scn_fault(struct scn_loading *l, const char *file, const struct yaml_node *node) {
    const char **names = ARENA_NEW(l->arena, const char *, l->plan->fault_count);
    for (uint32_t f = 0; f < l->plan->fault_count; f++) {
        names[f] = l->plan->faults[f].name;
        if (strcmp(names[f], node->text) == 0) return f;
    }
    scn_unknown_in(l, file, node, "fault", names, l->plan->fault_count);
    return -1;
}
