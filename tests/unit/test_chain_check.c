/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What was done to a chain is told from the chain alone. The reference knows what was done: it
 * holds the damaged chain against the one that was written. */
#include "engine/base/prng.h"
#include "engine/chain_check.h"
#include "tests/runner.h"

#define LENGTH_MAX 64

struct line {
    struct hash previous, hash;
    struct blob body;
};
struct log {
    int count;
    struct line lines[LENGTH_MAX + 2];
};

static void write_line(struct line *line, int64_t sequence, const struct hash *previous,
                       const char *what) {
    struct audit_entry entry = {
        .sequence = sequence, .what = what, .service = ID_NONE(svc_id), .wall = sequence * 17};
    line->previous = *previous;
    entry_write(&entry, &line->body);
    entry_hash(previous, &line->body, &line->hash);
}

static void genuine(struct log *log, int count) {
    struct hash head = {{0}};
    log->count = count;
    for (int k = 0; k < count; k++) {
        write_line(&log->lines[k], k + 1, &head, "as it was");
        head = log->lines[k].hash;
    }
}

struct told {
    enum flaw flaw;
    int64_t first_bad;
};

/* anchor: so many entries of "whole" are known by a signed checkpoint; 0: none. */
static struct told check(const struct log *log, const struct log *whole, int anchor) {
    struct chain_check c;
    chain_check_open(&c);
    if (anchor > 0) chain_check_anchor(&c, anchor, &whole->lines[anchor - 1].hash);
    for (int k = 0; k < log->count; k++)
        if (!chain_check_entry(&c, &log->lines[k].previous, &log->lines[k].hash,
                               &log->lines[k].body))
            return (struct told){c.flaw, c.first_bad};
    chain_check_end(&c);
    return (struct told){c.flaw, c.first_bad};
}

/* ---- what can be done to a chain ---- */

static void alter(struct log *log, int at) { log->lines[at].body.b[20] ^= 1; }

/* Its hash is made to fit; what comes after links to the former one. */
static void alter_well(struct log *log, int at) {
    struct hash previous = log->lines[at].previous;
    write_line(&log->lines[at], at + 1, &previous, "as it never was");
}

static void tear(struct log *log, int at) {
    log->lines[at].body.len /= 2;
    memset(log->lines[at].body.b + log->lines[at].body.len, 0, BLOB_MAX - log->lines[at].body.len);
}

static void make_room(struct log *log, int at) {
    memmove(&log->lines[at + 1], &log->lines[at], (size_t)(log->count - at) * sizeof *log->lines);
    log->count++;
}

/* A forged entry that links to the former one. */
static void insert(struct log *log, int at) {
    struct hash previous = log->lines[at].previous;
    make_room(log, at);
    write_line(&log->lines[at], at + 1, &previous, "as it never was");
}

/* An old entry said again. */
static void insert_old(struct log *log, int at) {
    make_room(log, at);
    log->lines[at] = log->lines[at / 2];
}

static void delete (struct log *log, int at) {
    log->count--;
    memmove(&log->lines[at], &log->lines[at + 1], (size_t)(log->count - at) * sizeof *log->lines);
}

static void swap(struct log *log, int at) {
    struct line line = log->lines[at];
    log->lines[at] = log->lines[at + 1];
    log->lines[at + 1] = line;
}

static void move_to_end(struct log *log, int at) {
    struct line line = log->lines[at];
    delete (log, at);
    log->lines[log->count++] = line;
}

static void cut(struct log *log, int at) { log->count = at; }

/* From there on another story, all of it fitting. */
static void rewrite(struct log *log, int at) {
    struct hash head = log->lines[at].previous;
    for (int k = at; k < log->count; k++) {
        write_line(&log->lines[k], k + 1, &head, "as it never was");
        head = log->lines[k].hash;
    }
}

/* ---- the reference ---- */

static bool same(const struct line *a, const struct line *b) {
    return memcmp(a->previous.b, b->previous.b, 32) == 0 && memcmp(a->hash.b, b->hash.b, 32) == 0 &&
           a->body.len == b->body.len && memcmp(a->body.b, b->body.b, a->body.len) == 0;
}

static int times(const struct log *log, const struct line *line) {
    int count = 0;
    for (int k = 0; k < log->count; k++) count += same(&log->lines[k], line);
    return count;
}

static struct told reference(const struct log *log, const struct log *whole) {
    int at = 0;
    while (at < log->count && at < whole->count && same(&log->lines[at], &whole->lines[at])) at++;
    if (at == log->count && at == whole->count) return (struct told){FLAW_NONE, 0};
    if (at == log->count) return (struct told){FLAW_CUT, at + 1};
    bool gone = times(log, &whole->lines[at]) == 0;
    if (!gone)
        return (struct told){log->count == whole->count ? FLAW_REORDERED : FLAW_INSERTED, at + 1};
    if (log->count < whole->count) return (struct told){FLAW_DELETED, at + 1};
    bool whole_line = log->lines[at].body.b[log->lines[at].body.len - 1] == '}';
    return (struct told){whole_line ? FLAW_ALTERED : FLAW_TORN, at + 1};
}

/* ---- tests ---- */

static struct log whole, damaged;

static void expect(struct told told, struct told wanted, const char *what, int count, int at) {
    if (told.flaw == wanted.flaw && told.first_bad == wanted.first_bad) return;
    printf("\n%s at %d of %d: %s at %lld, expected %s at %lld", what, at + 1, count,
           flaw_name(told.flaw), (long long)told.first_bad, flaw_name(wanted.flaw),
           (long long)wanted.first_bad);
    CU_FAIL("told wrongly");
}

static void all_is_well(void) {
    for (int count = 0; count <= LENGTH_MAX; count++) {
        genuine(&whole, count);
        CU_ASSERT_EQUAL(check(&whole, &whole, count).flaw, FLAW_NONE);
        CU_ASSERT_EQUAL(check(&whole, &whole, count / 2).flaw, FLAW_NONE);
    }
}

static const struct {
    const char *what;
    void (*damage)(struct log *log, int at);
    int rest; /* so many entries have to follow */
} kinds[] = {
    {"altered", alter, 0},   {"altered well", alter_well, 1},        {"torn", tear, 0},
    {"inserted", insert, 0}, {"an old one inserted", insert_old, 0}, {"deleted", delete, 1},
    {"swapped", swap, 1},    {"moved to the end", move_to_end, 1},
};

/* Every kind at every place of chains of 3 to 12 entries, known to their end by a checkpoint. */
static void each_damage_at_each_place(void) {
    for (size_t kind = 0; kind < ARRAY_LEN(kinds); kind++)
        for (int count = 3; count <= 12; count++)
            for (int at = 0; at + kinds[kind].rest < count; at++) {
                genuine(&whole, count);
                damaged = whole;
                kinds[kind].damage(&damaged, at);
                expect(check(&damaged, &whole, count), reference(&damaged, &whole),
                       kinds[kind].what, count, at);
                CU_ASSERT_NOT_EQUAL(reference(&damaged, &whole).flaw, FLAW_NONE);
            }
}

static void at_random_places_of_long_chains(void) {
    struct prng random = prng_named(7, "chains", 0);
    for (int round = 0; round < 3000; round++) {
        size_t kind = (size_t)(prng_next(&random) % ARRAY_LEN(kinds));
        int count = 13 + (int)(prng_next(&random) % (LENGTH_MAX - 13));
        int at = (int)(prng_next(&random) % (uint64_t)(count - kinds[kind].rest));
        genuine(&whole, count);
        damaged = whole;
        kinds[kind].damage(&damaged, at);
        expect(check(&damaged, &whole, count), reference(&damaged, &whole), kinds[kind].what, count,
               at);
    }
}

static void a_cut_tail_needs_a_checkpoint(void) {
    for (int at = 0; at < 20; at++) {
        genuine(&whole, 20);
        damaged = whole;
        cut(&damaged, at);
        struct told cut_off = {FLAW_CUT, at + 1}, nothing = {FLAW_NONE, 0};
        expect(check(&damaged, &whole, 20), cut_off, "cut", 20, at);
        expect(check(&damaged, &whole, 0), nothing, "cut unseen", 20, at);
    }
}

/* It fits in itself: named is what comes after the last checkpoint that still fits. */
static void a_rewritten_chain_needs_one_too(void) {
    for (int at = 0; at < 20; at++) {
        genuine(&whole, 20);
        damaged = whole;
        rewrite(&damaged, at);
        struct told rewritten = {FLAW_REWRITTEN, 1}, nothing = {FLAW_NONE, 0};
        expect(check(&damaged, &whole, 20), rewritten, "rewritten", 20, at);
        expect(check(&damaged, &whole, 0), nothing, "rewritten unseen", 20, at);
        struct chain_check c;
        chain_check_open(&c);
        chain_check_anchor(&c, 5, &whole.lines[4].hash);
        for (int k = 0; k < 20; k++) {
            if (k == 10) chain_check_anchor(&c, 15, &whole.lines[14].hash);
            if (!chain_check_entry(&c, &damaged.lines[k].previous, &damaged.lines[k].hash,
                                   &damaged.lines[k].body))
                break;
        }
        chain_check_end(&c);
        int64_t after = at < 5 ? 1 : at < 15 ? 6 : 0;
        CU_ASSERT_EQUAL(c.first_bad, after);
    }
}

static void a_chain_read_from_its_middle(void) {
    genuine(&whole, 20);
    for (int damage = 0; damage < 2; damage++) {
        damaged = whole;
        if (damage) alter(&damaged, 15);
        struct chain_check c;
        chain_check_open(&c);
        chain_check_from(&c, 11);
        for (int k = 10; k < 20; k++)
            if (!chain_check_entry(&c, &damaged.lines[k].previous, &damaged.lines[k].hash,
                                   &damaged.lines[k].body))
                break;
        chain_check_end(&c);
        CU_ASSERT_EQUAL(c.flaw, damage ? FLAW_ALTERED : FLAW_NONE);
        CU_ASSERT_EQUAL(c.first_bad, damage ? 16 : 0);
    }
}

/* ---- lines ---- */

static void a_line_comes_back_byte_by_byte(void) {
    genuine(&whole, 3);
    tear(&whole, 2);
    for (int k = 0; k < 3; k++) {
        char text[ENTRY_LINE_MAX];
        struct line back;
        size_t len = entry_export(&whole.lines[k].previous, &whole.lines[k].hash,
                                  &whole.lines[k].body, text);
        CU_ASSERT_TRUE(entry_import(text, len, &back.previous, &back.hash, &back.body));
        CU_ASSERT_TRUE(same(&back, &whole.lines[k]));
        for (size_t cut_at = 0; cut_at < len; cut_at++)
            if (entry_import(text, cut_at, &back.previous, &back.hash, &back.body))
                CU_ASSERT_FALSE(same(&back, &whole.lines[k]));
    }
}

static void what_a_line_says_is_read(void) {
    struct blob body;
    struct text detail, read;
    int64_t value;
    const struct entry_figure figures[] = {{"revision", 12}, {"share_ppm", -5}};
    text_set(&detail, "a \"quote\",\"revision\":9");
    struct audit_entry entry = {.sequence = 3,
                                .what = "said",
                                .incident = {UINT64_C(2) << 48 | UINT64_C(1) << 32 | 7},
                                .figures = figures,
                                .figure_count = 2,
                                .detail = &detail};
    entry_write(&entry, &body);
    CU_ASSERT_EQUAL(entry_sequence(&body), 3);
    CU_ASSERT_TRUE(entry_number(&body, "revision", &value) && value == 12);
    CU_ASSERT_TRUE(entry_number(&body, "share_ppm", &value) && value == -5);
    CU_ASSERT_FALSE(entry_number(&body, "what", &value));
    CU_ASSERT_FALSE(entry_number(&body, "token", &value));
    read = entry_text(&body, "correlation");
    CU_ASSERT_TRUE(text_is(&read, "2/1/7"));
    read = entry_text(&body, "category");
    CU_ASSERT_TRUE(text_is(&read, category_name(0)));
}

TEST_MAIN("audit chain: entries, verification", TEST(all_is_well), TEST(each_damage_at_each_place),
          TEST(at_random_places_of_long_chains), TEST(a_cut_tail_needs_a_checkpoint),
          TEST(a_rewritten_chain_needs_one_too), TEST(a_chain_read_from_its_middle),
          TEST(a_line_comes_back_byte_by_byte), TEST(what_a_line_says_is_read))
