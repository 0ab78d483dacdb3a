/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/prometheus/labels.h"
#include "engine/base/check.h"
#include "engine/base/text.h"

/* ---- memory ---- */

void memory_open(struct memory *memory, struct arena *arena, size_t reserve) {
    *memory = (struct memory){arena, arena_take(arena, reserve, 1), reserve};
}

void *memory_take(struct memory *memory, size_t count, size_t size) {
    if (!memory->arena->sealed) return arena_take(memory->arena, count, size);
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes) || bytes > SIZE_MAX - 16) return NULL;
    bytes = (bytes + 15) & ~(size_t)15;
    if (bytes > memory->left) return NULL;
    void *piece = memory->reserve;
    memory->reserve += bytes;
    memory->left -= bytes;
    return piece;
}

/* ---- texts ---- */

/* FNV-1a; it decides no order, only where to look. */
static uint32_t hash_bytes(uint32_t hash, const char *s, size_t len) {
    for (size_t i = 0; i < len; i++) hash = (hash ^ (uint8_t)s[i]) * UINT32_C(16777619);
    return hash;
}

static uint32_t power_of_two_above(uint32_t n) {
    uint32_t size = 64;
    while (size < n && size < UINT32_C(1) << 31) size *= 2;
    return size;
}

struct symbol *symbol_of(const char *interned) {
    return (struct symbol *)((uintptr_t)interned - offsetof(struct symbol, text));
}

const char *labels_intern(struct labels *labels, const char *s, size_t len) {
    uint32_t hash = hash_bytes(UINT32_C(2166136261), s, len);
    struct symbol **slot = &labels->symbols[hash & labels->symbol_mask];
    for (struct symbol *symbol = *slot; symbol; symbol = symbol->next)
        if (symbol->hash == hash && strncmp(symbol->text, s, len) == 0 && symbol->text[len] == '\0')
            return symbol->text;
    struct symbol *symbol = memory_take(labels->memory, 1, sizeof *symbol + len + 1);
    if (!symbol) return NULL;
    *symbol = (struct symbol){*slot, hash, UINT32_MAX, UINT32_MAX};
    memcpy(symbol->text, s, len);
    *slot = symbol;
    return symbol->text;
}

/* ---- sets ---- */

void labels_open(struct labels *labels, struct memory *memory, uint32_t set_max) {
    struct arena *arena = memory->arena;
    uint32_t slots = power_of_two_above(set_max);
    *labels = (struct labels){.memory = memory, .set_max = set_max};
    labels->symbol_mask = labels->set_mask = slots - 1;
    labels->symbols = ARENA_NEW(arena, struct symbol *, slots);
    labels->set_slots = ARENA_NEW(arena, uint32_t, slots); /* id + 1 */
    labels->sets = ARENA_NEW(arena, struct label_set, set_max);
    labels->rank = ARENA_NEW(arena, uint32_t, set_max);
    labels->order = ARENA_NEW(arena, uint32_t, set_max);
    labels->keys = ARENA_NEW(arena, uint64_t, set_max);
    labels->keys_scratch = ARENA_NEW(arena, uint64_t, set_max);
    labels->metric_name = labels_intern(labels, "__name__", 8);
    uint32_t empty = labels_set(labels, NULL, 0);
    ASSERT(empty == EMPTY_SET);
}

/* Interned pairs, sorted by name. */
static uint32_t intern_sorted(struct labels *labels, const struct prom_label *pairs,
                              uint32_t count) {
    uint32_t hash = count;
    for (uint32_t i = 0; i < count; i++) {
        hash = hash * UINT32_C(2654435761) + symbol_of(pairs[i].name)->hash;
        hash = hash * UINT32_C(2654435761) + symbol_of(pairs[i].value)->hash;
    }
    hash ^= hash >> 15;
    uint32_t *slot = &labels->set_slots[hash & labels->set_mask];
    for (uint32_t id = *slot; id; id = labels->sets[id - 1].next) {
        const struct label_set *set = &labels->sets[id - 1];
        if (set->hash != hash || set->count != count) continue;
        uint32_t i = 0;
        while (i < count && set->labels[i].name == pairs[i].name &&
               set->labels[i].value == pairs[i].value)
            i++;
        if (i == count) return id - 1;
    }
    if (labels->set_count == labels->set_max) return NO_SET;
    struct prom_label *copy = memory_take(labels->memory, count + 1, sizeof *copy);
    if (!copy) return NO_SET;
    if (count > 0) memcpy(copy, pairs, count * sizeof *copy);
    uint32_t id = labels->set_count++;
    labels->sets[id] = (struct label_set){copy, count, hash, *slot, UINT32_MAX};
    *slot = id + 1;
    return id;
}

uint32_t labels_set(struct labels *labels, const struct prom_label *pairs, uint32_t count) {
    struct prom_label sorted[LABELS_MAX] = {{0}};
    uint32_t used = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (pairs[i].value[0] == '\0') continue;
        if (used == LABELS_MAX) return NO_SET;
        struct prom_label pair = {
            labels_intern(labels, pairs[i].name, strlen(pairs[i].name)),
            labels_intern(labels, pairs[i].value, strlen(pairs[i].value)),
        };
        if (!pair.name || !pair.value) return NO_SET;
        uint32_t at = used++;
        for (; at > 0 && strcmp(sorted[at - 1].name, pair.name) > 0; at--)
            sorted[at] = sorted[at - 1];
        if (at > 0 && sorted[at - 1].name == pair.name) return NO_SET;
        sorted[at] = pair;
    }
    return intern_sorted(labels, sorted, used);
}

const char *labels_value(const struct labels *labels, uint32_t set, const char *name) {
    const struct label_set *s = &labels->sets[set];
    for (uint32_t i = 0; i < s->count; i++)
        if (s->labels[i].name == name) return s->labels[i].value;
    return NULL;
}

void labels_write(const struct labels *labels, uint32_t set, struct writer *out) {
    const struct label_set *s = &labels->sets[set];
    write_text(out, "{");
    for (uint32_t i = 0; i < s->count; i++) {
        if (i > 0) write_text(out, ", ");
        write_text(out, s->labels[i].name);
        write_text(out, "=");
        write_json_string(out, s->labels[i].value, strlen(s->labels[i].value));
    }
    write_text(out, "}");
}

/* ---- transforms ---- */

static bool is_among(const char *name, const char *const *names, uint32_t count) {
    for (uint32_t i = 0; i < count; i++)
        if (names[i] == name) return true;
    return false;
}

static bool has_name(const struct transform *t, const char *name) {
    return is_among(name, t->names, t->count);
}

static bool same_transform(const struct transform *a, const struct transform *b) {
    if (a->keep != b->keep || a->count != b->count) return false;
    for (uint32_t i = 0; i < a->count; i++)
        if (!has_name(b, a->names[i])) return false;
    return true;
}

struct transform *labels_transform(struct labels *labels, bool keep, const char *const *names,
                                   uint32_t count) {
    struct transform *t = memory_take(labels->memory, 1, sizeof *t);
    const char **interned = t ? memory_take(labels->memory, count + 1, sizeof *interned) : NULL;
    if (!interned) return NULL;
    *t = (struct transform){.keep = keep, .names = interned};
    for (uint32_t i = 0; i < count; i++) {
        const char *name = labels_intern(labels, names[i], strlen(names[i]));
        if (!name) return NULL;
        if (!has_name(t, name)) t->names[t->count++] = name;
    }
    for (struct transform *known = labels->transforms; known; known = known->next)
        if (same_transform(known, t)) return known;
    t->memo = memory_take(labels->memory, labels->set_max, sizeof *t->memo);
    t->next = labels->transforms;
    return labels->transforms = t;
}

static uint32_t transformed(struct labels *labels, const struct transform *t, uint32_t set) {
    const struct label_set *s = &labels->sets[set];
    struct prom_label kept[LABELS_MAX];
    uint32_t count = 0;
    for (uint32_t i = 0; i < s->count; i++)
        if (has_name(t, s->labels[i].name) == t->keep) kept[count++] = s->labels[i];
    return count == s->count ? set : intern_sorted(labels, kept, count);
}

uint32_t labels_apply(struct labels *labels, struct transform *t, uint32_t set) {
    if (t->memo && t->memo[set]) return t->memo[set] - 1;
    uint32_t result = transformed(labels, t, set);
    if (t->memo && result != NO_SET) t->memo[set] = result + 1;
    return result;
}

uint32_t labels_with(struct labels *labels, uint32_t set, const char *const *names, uint32_t count,
                     uint32_t from) {
    const struct label_set *s = &labels->sets[set], *f = &labels->sets[from];
    struct prom_label pairs[LABELS_MAX];
    uint32_t used = 0, taken = 0;
    /* both are sorted, so the result is merged in order */
    for (uint32_t i = 0; i < s->count || taken < f->count;) {
        if (i < s->count && is_among(s->labels[i].name, names, count)) {
            i++;
        } else if (taken < f->count && !is_among(f->labels[taken].name, names, count)) {
            taken++;
        } else {
            bool from_next = i == s->count || (taken < f->count && strcmp(f->labels[taken].name,
                                                                          s->labels[i].name) < 0);
            if (used == LABELS_MAX) return NO_SET;
            pairs[used++] = from_next ? f->labels[taken++] : s->labels[i++];
        }
    }
    return intern_sorted(labels, pairs, used);
}

/* ---- order ---- */

static bool set_before(const void *context, uint64_t a, uint64_t b) {
    const struct labels *labels = context;
    const struct label_set *x = &labels->sets[a], *y = &labels->sets[b];
    for (uint32_t i = 0; i < x->count && i < y->count; i++) {
        const struct prom_label *p = &x->labels[i], *q = &y->labels[i];
        if (p->name != q->name) return strcmp(p->name, q->name) < 0;
        if (p->value != q->value) return strcmp(p->value, q->value) < 0;
    }
    return x->count < y->count;
}

/* New sets are sorted among themselves and merged into the order from its far end. */
void labels_rank(struct labels *labels) {
    uint32_t old = labels->ranked, fresh = labels->set_count - old;
    if (fresh == 0) return;
    for (uint32_t i = 0; i < fresh; i++) labels->keys[i] = old + i;
    sort_keys(labels->keys, labels->keys_scratch, fresh, set_before, labels);
    for (uint32_t to = labels->set_count; fresh > 0;) {
        uint32_t set = (uint32_t)labels->keys[fresh - 1];
        bool old_last = old > 0 && set_before(labels, set, labels->order[old - 1]);
        set = old_last ? labels->order[--old] : set;
        if (!old_last) fresh--;
        labels->order[--to] = set;
    }
    labels->ranked = labels->set_count;
    for (uint32_t i = 0; i < labels->ranked; i++) labels->rank[labels->order[i]] = i;
}

static bool number_before(const void *context, uint64_t a, uint64_t b) {
    (void)context;
    return a < b;
}

/* Merge sort from below; runs already in order are left as they are. */
void sort_keys(uint64_t *keys, uint64_t *scratch, uint32_t count, key_before before,
               const void *context) {
    if (!before) before = number_before;
    for (uint32_t width = 1; width < count; width *= 2) {
        for (uint32_t low = 0; low + width < count; low += 2 * width) {
            uint32_t middle = low + width, high = middle + width < count ? middle + width : count;
            if (!before(context, keys[middle], keys[middle - 1])) continue;
            uint32_t left = width, a = 0, b = middle, to = low;
            memcpy(scratch, keys + low, left * sizeof *keys);
            while (a < left && b < high)
                keys[to++] = before(context, keys[b], scratch[a]) ? keys[b++] : scratch[a++];
            if (a < left) memcpy(keys + to, scratch + a, (left - a) * sizeof *keys);
        }
    }
}
