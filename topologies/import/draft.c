/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "topologies/import/draft.h"
#include "engine/base/check.h"
#include "engine/base/ratio.h"
#include "engine/base/text.h"
#include "topologies/defaults.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- gathering ---- */

static uint32_t hash_of(const char *name, size_t len) { /* FNV-1a */
    uint32_t h = 2166136261u;
    for (size_t i = 0; i < len; i++) h = (h ^ (uint8_t)name[i]) * 16777619u;
    return h;
}

/* Where a name stands in the table, or the empty place where it would. */
static uint32_t slot_of(const struct draft *d, const char *name, size_t len) {
    uint32_t at = hash_of(name, len) & (d->table_size - 1);
    for (; d->table[at] != 0; at = (at + 1) & (d->table_size - 1)) {
        const char *other = d->services[d->table[at] - 1].name;
        if (strlen(other) == len && memcmp(other, name, len) == 0) break;
    }
    return at;
}

static void grow(struct draft *d) {
    uint32_t room = d->service_room ? 2 * d->service_room : 64;
    struct draft_service *more = ARENA_NEW(d->arena, struct draft_service, room);
    if (d->service_count > 0) memcpy(more, d->services, d->service_count * sizeof *more);
    d->services = more;
    d->service_room = room;
    d->table_size = 2 * room;
    d->table = ARENA_NEW(d->arena, uint32_t, d->table_size);
    for (uint32_t s = 0; s < d->service_count; s++)
        d->table[slot_of(d, more[s].name, strlen(more[s].name))] = s + 1;
}

uint32_t draft_find(const struct draft *d, const char *name, size_t len) {
    if (d->service_count == 0) return UINT32_MAX;
    return d->table[slot_of(d, name, len)] - 1;
}

uint32_t draft_service(struct draft *d, const char *name, size_t len) {
    if (d->service_count == d->service_room) grow(d);
    uint32_t slot = slot_of(d, name, len);
    if (d->table[slot] != 0) return d->table[slot] - 1;
    const char *kept = arena_text(d->arena, name, len);
    d->services[d->service_count] =
        (struct draft_service){.name = kept, .kind = draft_kind(kept), .language = ""};
    d->table[slot] = ++d->service_count;
    return d->service_count - 1;
}

void draft_call(struct draft *d, const struct draft_call *call) {
    if (call->from == call->to) return; /* within itself: nothing that a graph of services shows */
    if (d->call_count == d->call_room) {
        uint32_t room = d->call_room ? 2 * d->call_room : 64;
        struct draft_call *more = ARENA_NEW(d->arena, struct draft_call, room);
        if (d->call_count > 0) memcpy(more, d->calls, d->call_count * sizeof *more);
        d->calls = more;
        d->call_room = room;
    }
    d->calls[d->call_count++] = *call;
}

enum topo_kind draft_kind(const char *name) {
    static const struct {
        const char *part;
        enum topo_kind kind;
    } known[] = {
        {"redis", TOPO_CACHE},         {"memcached", TOPO_CACHE},
        {"valkey", TOPO_CACHE},        {"kafka", TOPO_QUEUE},
        {"rabbitmq", TOPO_QUEUE},      {"nats", TOPO_QUEUE},
        {"activemq", TOPO_QUEUE},      {"pulsar", TOPO_QUEUE},
        {"postgres", TOPO_DATASTORE},  {"mysql", TOPO_DATASTORE},
        {"mariadb", TOPO_DATASTORE},   {"mongo", TOPO_DATASTORE},
        {"cassandra", TOPO_DATASTORE}, {"elasticsearch", TOPO_DATASTORE},
        {"loadgen", TOPO_EXTERNAL},    {"load-gen", TOPO_EXTERNAL},
        {"locust", TOPO_EXTERNAL},
    };
    for (size_t k = 0; k < ARRAY_LEN(known); k++)
        if (strstr(name, known[k].part)) return known[k].kind;
    return TOPO_SERVICE;
}

/* ---- as text ---- */

static int order_of(const void *a, const void *b) {
    const struct draft_call *x = a, *y = b;
    if (x->from != y->from) return x->from < y->from ? -1 : 1;
    if (x->to != y->to) return x->to < y->to ? -1 : 1;
    int order = strcmp(x->protocol, y->protocol);
    return order ? order : strcmp(x->role, y->role);
}

/* Shares add up as far as a file may state one; an unstated one adds nothing. */
static void add_share(struct draft_call *call, int64_t ppm) {
    if (ppm < 0) return;
    int64_t sum = call->per_request_ppm < 0 ? ppm : call->per_request_ppm + ppm;
    call->per_request_ppm = sum < DRAFT_SHARE_MAX ? sum : DRAFT_SHARE_MAX;
}

/* A sum is the same in whatever order the sort leaves equal ones. */
static void unite_repeated(struct draft *d) {
    if (d->call_count == 0) return;
    qsort(d->calls, d->call_count, sizeof *d->calls, order_of);
    uint32_t kept = 1;
    for (uint32_t c = 1; c < d->call_count; c++) {
        if (order_of(&d->calls[c], &d->calls[kept - 1]) == 0)
            add_share(&d->calls[kept - 1], d->calls[c].per_request_ppm);
        else
            d->calls[kept++] = d->calls[c];
    }
    d->call_count = kept;
}

static bool is_code(const struct draft_service *s) {
    return s->kind == TOPO_SERVICE || s->kind == TOPO_FRONTEND;
}

/* Entry points become frontends; how many there are. */
static uint32_t mark_entries(struct draft *d) {
    uint32_t uncalled = 0, entries = 0;
    for (uint32_t c = 0; c < d->call_count; c++) {
        struct draft_service *from = &d->services[d->calls[c].from];
        from->calls = true;
        if (from->kind != TOPO_EXTERNAL) d->services[d->calls[c].to].called = true;
    }
    for (uint32_t s = 0; s < d->service_count; s++)
        uncalled += is_code(&d->services[s]) && d->services[s].calls && !d->services[s].called;
    for (uint32_t s = 0; s < d->service_count; s++) {
        struct draft_service *one = &d->services[s];
        bool entry = is_code(one) && (uncalled > 0 ? one->calls && !one->called : one->published);
        if (!entry) continue;
        one->kind = TOPO_FRONTEND;
        entries++;
    }
    return entries;
}

/* What YAML reads as something else than a text, in whatever letters. */
static bool is_taken(const char *s) {
    static const char *const words[] = {"null", "true", "false", "yes", "no",
                                        "on",   "off",  "y",     "n"};
    char small[8] = "";
    if (strlen(s) >= sizeof small) return false;
    for (size_t k = 0; s[k]; k++) small[k] = (char)tolower((unsigned char)s[k]);
    for (size_t k = 0; k < ARRAY_LEN(words); k++)
        if (strcmp(words[k], small) == 0) return true;
    return false;
}

/* Plain where YAML reads a plain text, else in single quotes. */
static void write_word(FILE *out, const char *s) {
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-/";
    bool plain = isalpha((unsigned char)*s) && s[strspn(s, letters)] == '\0' && !is_taken(s);
    if (!plain) fputc('\'', out);
    for (; *s; s++) {
        if (!plain && *s == '\'') fputc('\'', out);
        fputc(*s, out);
    }
    if (!plain) fputc('\'', out);
}

/* 800000 as "0.8" */
static void write_decimal(FILE *out, int64_t ppm) {
    char digits[8];
    snprintf(digits, sizeof digits, "%06" PRId64, ppm % PPM_ONE);
    size_t len = strlen(digits);
    while (len > 0 && digits[len - 1] == '0') digits[--len] = '\0';
    fprintf(out, "%" PRId64 "%s%s", ppm / PPM_ONE, len ? "." : "", digits);
}

static void write_number(FILE *out, const char *key, int64_t value) {
    if (value > 0) fprintf(out, ", %s: %" PRId64, key, value);
}

static void write_text_key(FILE *out, const char *key, const char *value) {
    if (!*value) return;
    fprintf(out, ", %s: ", key);
    write_word(out, value);
}

static void write_service(FILE *out, const struct draft_service *s) {
    fputs("- {name: ", out);
    write_word(out, s->name);
    fprintf(out, ", kind: %s", topo_kind_name(s->kind));
    write_number(out, "replicas", s->replicas);
    write_number(out, "cpu_limit_millicores", s->cpu_millicores);
    write_number(out, "memory_limit_mb", s->memory_mb);
    write_number(out, "port", s->port);
    write_text_key(out, "language", s->language);
    fputs("}\n", out);
}

static void write_call(FILE *out, const struct draft *d, const struct draft_call *c) {
    fputs("- {from: ", out);
    write_word(out, d->services[c->from].name);
    fputs(", to: ", out);
    write_word(out, d->services[c->to].name);
    write_text_key(out, "protocol", c->protocol);
    write_text_key(out, "role", c->role);
    if (c->per_request_ppm >= 0) {
        fputs(", per_request: ", out);
        write_decimal(out, c->per_request_ppm);
    }
    fputs("}\n", out);
}

static void write_topology(FILE *out, const struct draft *d, const char *name) {
    bool first = true;
    fputs("name: ", out);
    write_word(out, name);
    fputs("\nentrypoints: [", out);
    for (uint32_t s = 0; s < d->service_count; s++) {
        if (d->services[s].kind != TOPO_FRONTEND) continue;
        if (!first) fputs(", ", out);
        first = false;
        write_word(out, d->services[s].name);
    }
    fputs("]\nservices:\n", out);
    for (uint32_t s = 0; s < d->service_count; s++) write_service(out, &d->services[s]);
    if (d->call_count > 0) fputs("calls:\n", out);
    for (uint32_t c = 0; c < d->call_count; c++) write_call(out, d, &d->calls[c]);
    fprintf(out,
            "notes:\n- Imported from %s. What it does not say has the defaults of "
            "docs/TOPOLOGIES.md.\n",
            d->source);
}

const char *draft_text(struct draft *d, const char *name, size_t *len) {
    if (d->service_count == 0) {
        diag_error(d->diags, d->file, 1, 1, "no service in it");
        return NULL;
    }
    unite_repeated(d);
    if (mark_entries(d) == 0) {
        diag_error(
            d->diags, d->file, 1, 1,
            "no entry point: nothing in it calls others without being called, and nothing is "
            "published");
        return NULL;
    }
    char *bytes = NULL;
    FILE *out = open_memstream(&bytes, len);
    ASSERT(out != NULL);
    write_topology(out, d, name);
    ASSERT(fclose(out) == 0);
    const char *text = arena_text(d->arena, bytes, *len);
    free(bytes);
    return text;
}
