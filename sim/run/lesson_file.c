/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A lesson's file as a lesson: its form is checked here; names and fields where they are used. */
#include "sim/run/lesson.h"

#include "sim/run/files.h"

#include <string.h>

#define FINDS_MAX     64
#define STEPS_MAX     64
#define NEXT_MAX      8
#define NTH_MAX       10000
#define FILE_NAME_MAX 512

struct loading {
    struct yaml_doc *doc;
    struct arena *arena;
    struct lesson *lesson;
};

static struct yaml_node *key(struct loading *l, struct yaml_node *node, const char *name) {
    struct yaml_node *child = yaml_key(l->doc, node, name);
    return yaml_is_null(child) ? NULL : child;
}

static struct yaml_node *required(struct loading *l, struct yaml_node *node, const char *name,
                                  const char *whose) {
    struct yaml_node *child = key(l, node, name);
    if (!child) yaml_error(l->doc, node, "%s needs the key \"%s\"", whose, name);
    return child;
}

/* A text or an expression: whatever it is, a scalar. */
static struct yaml_node *scalar(struct loading *l, struct yaml_node *node) {
    if (!node || node->kind == YAML_SCALAR) return node;
    yaml_error(l->doc, node, "expected a text or an expression");
    return NULL;
}

static uint32_t count(struct loading *l, struct yaml_node *list, uint32_t most, const char *what) {
    uint32_t n = yaml_count(l->doc, list);
    if (n <= most) return n;
    yaml_error(l->doc, list, "more than %u %s", most, what);
    return 0;
}

static const char *text(struct loading *l, struct yaml_node *node) {
    const char *found = node ? yaml_text(l->doc, node, "") : "";
    return found[0] ? found : NULL;
}

/* ---- finds ---- */

static void read_conditions(struct loading *l, struct yaml_node *where, struct lesson_find *f) {
    f->condition_count = yaml_pairs(l->doc, where);
    f->conditions = ARENA_NEW(l->arena, struct lesson_condition, f->condition_count + 1);
    for (uint32_t k = 0; k < f->condition_count; k++) {
        f->conditions[k] =
            (struct lesson_condition){where->keys[k]->text, scalar(l, where->items[k])};
        if (!f->conditions[k].value) yaml_error(l->doc, where, "a field needs a value");
    }
}

static const char *known_find(struct loading *l, struct yaml_node *node, uint32_t before) {
    const char *name = text(l, node), *names[FINDS_MAX];
    if (!name) return NULL;
    for (uint32_t k = 0; k < before; k++) {
        names[k] = l->lesson->finds[k].name;
        if (strcmp(names[k], name) == 0) return names[k];
    }
    const char *nearest = nearest_name(name, strlen(name), names, before);
    yaml_error(l->doc, node, "nothing found before is called \"%s\"%s%s%s", name,
               nearest ? "; did you mean \"" : "", nearest ? nearest : "", nearest ? "\"?" : "");
    return NULL;
}

static void read_source(struct loading *l, struct yaml_node *node, struct lesson_find *f) {
#define LESSON_SOURCE_(NAME, key, meaning) key,
    static const char *const keys[] = {LESSON_SOURCES(LESSON_SOURCE_)};
#undef LESSON_SOURCE_
    uint32_t found = 0;
    for (int s = 0; s < LESSON_SOURCE_COUNT; s++) {
        struct yaml_node *what = scalar(l, key(l, node, keys[s]));
        if (!what) continue;
        f->source = (enum lesson_source)s;
        f->what = what->text;
        found++;
    }
    if (found != 1)
        yaml_error(l->doc, node,
                   "expected one of record, input, effect, decision, errors_of, "
                   "incident, verdict, violation, locks, chain");
}

static void read_find(struct loading *l, struct yaml_node *node, uint32_t number) {
    struct lesson_find *f = &l->lesson->finds[number];
    *f = (struct lesson_find){.node = node, .name = "?", .what = ""};
    struct yaml_node *name = required(l, node, "name", "a find");
    if (text(l, name)) f->name = text(l, name);
    for (uint32_t k = 0; k < number; k++)
        if (strcmp(l->lesson->finds[k].name, f->name) == 0)
            yaml_error(l->doc, name, "\"%s\" stands twice", f->name);
    read_source(l, node, f);
    read_conditions(l, key(l, node, "where"), f);
    f->run = text(l, key(l, node, "run"));
    f->from = scalar(l, key(l, node, "from"));
    f->to = scalar(l, key(l, node, "to"));
    f->after = known_find(l, key(l, node, "after"), number);
    f->before = known_find(l, key(l, node, "before"), number);
    f->nth = yaml_int(l->doc, key(l, node, "nth"), -NTH_MAX, NTH_MAX, 1);
    if (f->source == LESSON_SOURCE_ERRORS && (!f->from || !f->to))
        yaml_error(l->doc, node, "\"errors_of\" needs \"from\" and \"to\"");
    yaml_unknown_keys(l->doc, node, "find");
}

/* ---- steps ---- */

static void read_choices(struct loading *l, struct yaml_node *list, struct lesson_step *s) {
    s->choice_count = count(l, list, LESSON_CHOICES_MAX, "choices");
    for (uint32_t k = 0; k < s->choice_count; k++) {
        struct yaml_node *node = list->items[k];
        s->choices[k].text = scalar(l, required(l, node, "text", "a choice"));
        s->choices[k].is = scalar(l, required(l, node, "is", "a choice"));
        yaml_unknown_keys(l->doc, node, "choice");
    }
}

static void read_step(struct loading *l, struct yaml_node *node, struct lesson_step *s) {
    struct yaml_node *said = key(l, node, "text"), *tell = key(l, node, "tell"),
                     *ask = key(l, node, "ask");
    *s = (struct lesson_step){.kind = ask ? LESSON_ASK : tell ? LESSON_TELL : LESSON_TEXT};
    s->text = scalar(l, ask ? ask : tell ? tell : said);
    if ((said != NULL) + (tell != NULL) + (ask != NULL) != 1)
        yaml_error(l->doc, node, "a step is one of text, tell, ask");
    s->when = scalar(l, key(l, node, "when"));
    if (tell) {
        s->run = text(l, key(l, node, "run"));
        s->from = scalar(l, key(l, node, "from"));
    }
    if (ask) {
        l->lesson->question_count++;
        s->answer = scalar(l, required(l, node, "answer", "a question"));
        s->within = scalar(l, key(l, node, "within"));
        s->explain = scalar(l, required(l, node, "explain", "a question"));
        read_choices(l, key(l, node, "choices"), s);
    }
    yaml_unknown_keys(l->doc, node, "step");
}

static void read_next(struct loading *l, struct yaml_node *list) {
    struct lesson *lesson = l->lesson;
    lesson->next_count = count(l, list, NEXT_MAX, "commands");
    lesson->next = ARENA_NEW(l->arena, const char *, lesson->next_count + 1);
    for (uint32_t k = 0; k < lesson->next_count; k++)
        lesson->next[k] = yaml_text(l->doc, list->items[k], "");
}

static void read_lesson(struct loading *l) {
    struct lesson *lesson = l->lesson;
    struct yaml_node *root = l->doc->root;
    lesson->title = yaml_text(l->doc, required(l, root, "title", "a lesson"), "");
    lesson->about = yaml_text(l->doc, required(l, root, "about", "a lesson"), "");
    lesson->scenario = yaml_text(l->doc, required(l, root, "scenario", "a lesson"), "");
    struct yaml_node *finds = key(l, root, "find");
    struct yaml_node *steps = required(l, root, "steps", "a lesson");
    lesson->find_count = count(l, finds, FINDS_MAX, "finds");
    lesson->finds = ARENA_NEW(l->arena, struct lesson_find, lesson->find_count + 1);
    for (uint32_t k = 0; k < lesson->find_count; k++) read_find(l, finds->items[k], k);
    lesson->step_count = count(l, steps, STEPS_MAX, "steps");
    lesson->steps = ARENA_NEW(l->arena, struct lesson_step, lesson->step_count + 1);
    for (uint32_t k = 0; k < lesson->step_count; k++)
        read_step(l, steps->items[k], &lesson->steps[k]);
    read_next(l, key(l, root, "next"));
    yaml_unknown_keys(l->doc, root, "lesson");
}

/* The scenario's path, where it is one, is relative to the lesson's. */
static const char *beside(struct loading *l, const char *path, const char *scenario) {
    char joined[2 * FILE_NAME_MAX];
    const char *slash = strrchr(path, '/');
    if (!file_is_path(scenario) || scenario[0] == '/' || !slash) return scenario;
    int len = snprintf(joined, sizeof joined, "%.*s/%s", (int)(slash - path), path, scenario);
    if (len > 0 && (size_t)len < sizeof joined) return arena_text(l->arena, joined, (size_t)len);
    diag_error(l->doc->diags, path, 0, 0, "the path of its scenario is too long");
    return scenario;
}

bool lesson_load(struct lesson *lesson, struct arena *arena, const char *named,
                 struct diags *diags) {
    const char *path, *suggestion, *bytes;
    size_t len;
    *lesson = (struct lesson){.name = named};
    if (!file_find(arena, "lesson", named, NULL, &path, &suggestion)) {
        char shown[96];
        printable(shown, sizeof shown, named, strlen(named));
        fprintf(stderr, "firedrill demo: there is no lesson \"%s\"", shown);
        if (suggestion) fprintf(stderr, "; did you mean \"%s\"?", suggestion);
        fputs(suggestion ? "\n" : "; --lesson list says which there are\n", stderr);
        return false;
    }
    if (!file_read(arena, path, &bytes, &len, diags) ||
        !yaml_read(&lesson->doc, arena, diags, path, bytes, len, NULL, NULL))
        return false;
    struct loading l = {&lesson->doc, arena, lesson};
    if (!lesson->doc.root) {
        diag_error(diags, path, 0, 0, "expected a lesson; there is nothing");
        return false;
    }
    read_lesson(&l);
    lesson->scenario = beside(&l, path, lesson->scenario);
    return diags->errors == 0;
}
