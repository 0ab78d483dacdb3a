/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Matchers of routes and inhibition rules, in the forms that alertmanager.yml has had. */
#include "engine/base/text.h"
#include "sim/prometheus/alertmanager_parts.h"

#define MATCHERS_MAX 64u

const char *am_label(const struct prom_label *labels, uint32_t count, const char *name) {
    for (uint32_t i = 0; i < count; i++)
        if (strcmp(labels[i].name, name) == 0) return labels[i].value;
    return "";
}

static bool holds(const struct am_matcher *m, const char *value, struct regex_scratch *scratch) {
    switch (m->op) {
    case AM_EQUAL: return strcmp(m->value, value) == 0;
    case AM_DIFFERS: return strcmp(m->value, value) != 0;
    case AM_MATCHES: return regex_match(m->regex, scratch, value) == REGEX_MATCHES;
    case AM_MATCHES_NOT: return regex_match(m->regex, scratch, value) == REGEX_DIFFERS;
    }
    return false;
}

bool am_matches(const struct am_matchers *matchers, const struct prom_label *labels, uint32_t count,
                struct regex_scratch *scratch) {
    for (uint32_t i = 0; i < matchers->count; i++)
        if (!holds(&matchers->list[i], am_label(labels, count, matchers->list[i].name), scratch))
            return false;
    return true;
}

/* ---- reading ---- */

struct reading {
    struct yaml_doc *doc;
    struct yaml_node *node; /* the one being read, for messages */
    struct am_matchers *to;
};

static bool is_label_name(const char *s) {
    if (!*s || (*s >= '0' && *s <= '9')) return false;
    for (; *s; s++)
        if (!(*s >= 'a' && *s <= 'z') && !(*s >= 'A' && *s <= 'Z') && !(*s >= '0' && *s <= '9') &&
            *s != '_' && *s != ':')
            return false;
    return true;
}

static void add(const struct reading *r, struct am_matcher m) {
    char why[192];
    size_t where;
    if (!is_label_name(m.name)) {
        yaml_error(r->doc, r->node, "\"%.80s\" is no label name", m.name);
        return;
    }
    if (r->to->count == MATCHERS_MAX) {
        yaml_error(r->doc, r->node, "more than %u matchers", MATCHERS_MAX);
        return;
    }
    if (m.op == AM_MATCHES || m.op == AM_MATCHES_NOT) {
        m.regex = regex_compile(r->doc->arena, m.value, strlen(m.value), why, sizeof why, &where);
        if (!m.regex) yaml_error(r->doc, r->node, "regular expression \"%.80s\": %s", m.value, why);
    }
    r->to->list[r->to->count++] = m;
}

static void read_mapping(struct reading *r, struct yaml_node *mapping, enum am_operator op) {
    for (uint32_t i = 0, count = yaml_pairs(r->doc, mapping); i < count; i++) {
        r->node = mapping->items[i];
        const char *value = yaml_text(r->doc, r->node, "");
        add(r, (struct am_matcher){.name = mapping->keys[i]->text, .value = value, .op = op});
    }
}

static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

static void trim(const char **s, const char **end) {
    while (*s < *end && is_blank(**s)) ++*s;
    while (*s < *end && is_blank((*end)[-1])) --*end;
}

/* What stands right of the operator: in quotes, with \n, \" and \\, or as it is; a backslash before
 * anything else is one. NULL after a message. */
static const char *read_value(const struct reading *r, const char *s, const char *end) {
    char *value = arena_take(r->doc->arena, (size_t)(end - s) + 1, 1);
    size_t len = 0;
    bool quoted = s < end && *s == '"', closed = !quoted;
    for (s += quoted; s < end; s++) {
        if (*s == '\\' && s + 1 < end && strchr("n\"\\", s[1])) {
            value[len++] = *++s == 'n' ? '\n' : *s;
        } else if (*s == '"') {
            if (!quoted || s + 1 < end) {
                yaml_error(r->doc, r->node, "a quote inside a matcher's value needs a backslash");
                return NULL;
            }
            closed = true;
        } else {
            value[len++] = *s;
        }
    }
    if (!closed) yaml_error(r->doc, r->node, "a matcher's value lacks its closing quote");
    return closed ? value : NULL;
}

/* name="value", name!=value, name=~"pattern", name!~"pattern" */
static void read_matcher(const struct reading *r, const char *s, const char *end) {
    static const struct {
        const char *text;
        enum am_operator op;
    } operators[] = {
        {"=~", AM_MATCHES}, {"!~", AM_MATCHES_NOT}, {"!=", AM_DIFFERS}, {"=", AM_EQUAL}};
    trim(&s, &end);
    const char *at = s;
    while (at < end && *at != '=' && *at != '!') at++;
    for (size_t k = 0; k < ARRAY_LEN(operators); k++) {
        size_t len = strlen(operators[k].text);
        if ((size_t)(end - at) < len || strncmp(at, operators[k].text, len) != 0) continue;
        const char *name_end = at, *value_at = at + len;
        trim(&s, &name_end);
        trim(&value_at, &end);
        const char *value = read_value(r, value_at, end);
        if (value)
            add(r, (struct am_matcher){.name = arena_text(r->doc->arena, s, (size_t)(name_end - s)),
                                       .value = value,
                                       .op = operators[k].op});
        return;
    }
    yaml_error(r->doc, r->node, "expected a matcher such as service=\"payment\", got \"%.*s\"",
               (int)(end - s < 80 ? end - s : 80), s);
}

/* One or several, apart by commas outside quotes, braces around them or not. */
static void read_text(const struct reading *r, const char *s, const char *end) {
    trim(&s, &end);
    if (s < end && *s == '{') s++;
    if (s < end && end[-1] == '}') end--;
    bool quoted = false;
    const char *from = s;
    for (; s < end; s++) {
        if (*s == '\\' && quoted && s + 1 < end)
            s++;
        else if (*s == '"')
            quoted = !quoted;
        else if (*s == ',' && !quoted) {
            read_matcher(r, from, s);
            from = s + 1;
        }
    }
    trim(&from, &end);
    if (from < end) read_matcher(r, from, end);
}

struct am_matchers am_matchers_read(struct yaml_doc *doc, struct yaml_node *equal,
                                    struct yaml_node *patterns, struct yaml_node *list) {
    struct am_matchers found = {ARENA_NEW(doc->arena, struct am_matcher, MATCHERS_MAX), 0};
    struct reading r = {doc, NULL, &found};
    read_mapping(&r, equal, AM_EQUAL);
    read_mapping(&r, patterns, AM_MATCHES);
    for (uint32_t i = 0, count = yaml_count(doc, list); i < count; i++) {
        r.node = list->items[i];
        const char *text = yaml_text(doc, r.node, "");
        read_text(&r, text, text + strlen(text));
    }
    return found;
}
