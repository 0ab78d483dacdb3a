/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What goes wrong, and what the patch service makes of it. */
#include "scenarios/loading.h"
#include "engine/base/ratio.h"

#define FAULT_DURATION_MAX NS_PER_HOUR
#define WRITES_MAX         16 /* that a store's successor may lack */
#define FACTOR_MAX         100
#define KEYS_MAX           10000
#define RETRIES_MAX        16
#define BURST_MAX          10000
#define BURST_DEFAULT      5
#define DOWN_DEFAULT       (2 * NS_PER_S)
#define PPM_DRIFT_MAX      500000 /* of a clock: half as fast, or half as fast again */
#define LINES_MAX          1000000
#define TESTS_MAX          1000000

/* ---- Faults ---- */

static enum fault_kind read_kind(struct scn_loading *l, struct yaml_node *node) {
    const char *names[FAULT_COUNT];
    for (int k = 0; k < FAULT_COUNT; k++) names[k] = fault_entry((enum fault_kind)k)->name;
    return (enum fault_kind)yaml_choice(l->doc, scn_required(l, node, "kind", "a fault"), names,
                                        FAULT_COUNT, FAULT_COUNT);
}

static enum symptom usual_symptom(enum fault_kind kind) {
    bool slow = kind == FAULT_LATENCY || kind == FAULT_MEMORY_LEAK ||
                kind == FAULT_POOL_EXHAUSTED || kind == FAULT_SLOW_CPU;
    return slow ? SYMPTOM_LATENCY : SYMPTOM_ERRORS;
}

/* Services as this scenario has them, read before. */
static int64_t pods_of(const struct scn_loading *l, struct svc_id service) {
    return service.v == NONE_ID ? INT64_MAX : l->plan->services[service.v].replicas;
}

static int64_t count_max(const struct scn_loading *l, const struct plan_fault *f) {
    switch (f->kind) {
    case FAULT_PODS_UNREACHABLE: return pods_of(l, f->service);
    case FAULT_GRAPH_STALE: {
        const uint32_t *in = l->plan->topology->in_offset;
        return f->service.v == NONE_ID ? INT64_MAX : in[f->service.v + 1] - in[f->service.v];
    }
    case FAULT_HOT_KEY: return KEYS_MAX;
    case FAULT_RETRY_STORM: return RETRIES_MAX;
    default: return INT32_MAX;
    }
}

static int64_t read_signed(struct scn_loading *l, const struct yaml_node *value, int64_t v) {
    if (v == 0 && value && l->doc->diags->errors == 0) yaml_error(l->doc, value, "changes nothing");
    return v;
}

/* A process that dies over and over. What it had in hand takes its time to end, and of such there
 * can be so many: they die a second apart at least. */
static bool dies(enum fault_kind kind) {
    return kind == FAULT_MEMORY_EXHAUSTED || kind == FAULT_RESTART_LOOP;
}

static void read_value(struct scn_loading *l, struct yaml_node *value, struct plan_fault *f) {
    enum fault_value type = fault_entry(f->kind)->value;
    if (type == FAULT_VALUE_SHARE)
        f->value = yaml_share(l->doc, value, 1, PPM_ONE, 0);
    else if (type == FAULT_VALUE_COUNT)
        f->value = yaml_int(l->doc, value, 1, count_max(l, f), 1);
    else if (type == FAULT_VALUE_FACTOR)
        f->value = yaml_int(l->doc, value, 2, FACTOR_MAX, 2);
    else if (type == FAULT_VALUE_WRITES)
        f->value = yaml_int(l->doc, value, 0, WRITES_MAX, 0);
    else if (type == FAULT_VALUE_PPM)
        f->value = read_signed(l, value, yaml_int(l->doc, value, -PPM_DRIFT_MAX, PPM_DRIFT_MAX, 0));
    else if (type == FAULT_VALUE_OFFSET)
        f->value = read_signed(
            l, value, yaml_duration(l->doc, value, -FAULT_DURATION_MAX, FAULT_DURATION_MAX, 0));
    else
        f->value = yaml_duration(
            l->doc, value, dies(f->kind) ? NS_PER_S : 1, /* a change may be of any time ago */
            fault_entry(f->kind)->target == FAULT_TARGET_FEED ? SCN_DURATION_MAX
                                                              : FAULT_DURATION_MAX,
            0);
    if (f->kind != FAULT_ERROR_RATE || f->value == 0 || f->service.v == NONE_ID) return;
    const struct topo_service *s = &l->plan->topology->services[f->service.v];
    char healthy[32];
    share_format(healthy, sizeof healthy, s->error_ppm);
    if (f->value <= s->error_ppm)
        yaml_error(l->doc, value, "changes nothing: \"%s\" fails %s while healthy", s->name,
                   healthy);
}

/* Which pods of the service, and how long a process is away that dies. */
static void read_pods(struct scn_loading *l, struct yaml_node *node, struct plan_fault *f) {
    if (!dies(f->kind) && f->kind != FAULT_SLOW_CPU && f->kind != FAULT_HANDLES_EXHAUSTED) return;
    int64_t all = pods_of(l, f->service);
    f->pods = (uint32_t)yaml_int(l->doc, yaml_key(l->doc, node, "pods"), 1,
                                 all < INT32_MAX ? all : 1, all < INT32_MAX ? all : 1);
    if (dies(f->kind))
        f->down_ns = yaml_duration(l->doc, yaml_key(l->doc, node, "down"), 0, FAULT_DURATION_MAX,
                                   DOWN_DEFAULT);
}

/* A defect: how it shows, what logs say of it. */
static void read_defect(struct scn_loading *l, struct yaml_node *node, struct plan_fault *f) {
    struct yaml_node *log = yaml_key(l->doc, node, "log");
    f->symptom = (enum symptom)scn_word(l, yaml_key(l->doc, node, "symptom"), symptom_name,
                                        SYMPTOM_COUNT, (int)usual_symptom(f->kind));
    f->exception = scn_text(l, yaml_key(l->doc, log, "exception"), SCN_TEXT_BYTES, "");
    f->file = scn_text(l, yaml_key(l->doc, log, "file"), SCN_TEXT_BYTES, "");
    f->line = yaml_int(l->doc, yaml_key(l->doc, log, "line"), 1, INT32_MAX, 0);
    yaml_unknown_keys(l->doc, log, "log");
}

static void read_link(struct scn_loading *l, struct yaml_node *node, struct plan_fault *f) {
    struct yaml_node *from = scn_required(l, node, "from", "a fault");
    struct yaml_node *to = scn_required(l, node, "to", "a fault");
    f->from = scn_node(l, from);
    f->to = scn_node(l, to);
    if (from && to && from->kind == YAML_SCALAR && to->kind == YAML_SCALAR &&
        strcmp(from->text, to->text) == 0)
        yaml_error(l->doc, to, "a link goes to another node");
}

/* What a kind of lock store cannot suffer is no fault of it. */
static void refuse_other_store(struct scn_loading *l, const struct yaml_node *node,
                               const struct plan_fault *f) {
    static const struct {
        enum fault_kind kind;
        enum backend not_of;
        const char *why;
    } none[] = {
        {FAULT_LOCK_EXPIRY_EARLY, BACKEND_FILE, "a file lock has no lease"},
        {FAULT_LOCK_EXPIRY_LATE, BACKEND_FILE, "a file lock has no lease"},
        {FAULT_LOCK_FAILOVER, BACKEND_FILE, "a file has no successor"},
        {FAULT_LOCK_SPLIT_BRAIN, BACKEND_FILE, "a file has no successor"},
        {FAULT_LOCK_SPLIT_BRAIN, BACKEND_ETCD, "a leader without a quorum answers nobody"},
        {FAULT_LOCK_QUORUM_LOST, BACKEND_FILE, "a file has no members"},
        {FAULT_LOCK_QUORUM_LOST, BACKEND_REDIS, "a primary asks nobody"},
        {FAULT_LOCK_STALE_READ, BACKEND_FILE, "a file has no replica"},
        {FAULT_LOCK_STALE_READ, BACKEND_ETCD, "it reads by quorum"},
    };
    for (size_t i = 0; i < ARRAY_LEN(none); i++)
        if (none[i].kind == f->kind && none[i].not_of == l->plan->lock_backend)
            yaml_error(
                l->doc, node, "the policy's lock store is \"%s\", which cannot suffer %s: %s",
                backend_name(l->plan->lock_backend), fault_entry(f->kind)->name, none[i].why);
    if (f->kind == FAULT_LOCK_FAILOVER && f->value > 0 && l->plan->lock_backend == BACKEND_ETCD)
        yaml_error(l->doc, node, "etcd loses no write that it acknowledged; expected value: 0");
}

/* Somebody's hands on a lock, for a time of their own rather than the fault's. */
static void read_hands(struct scn_loading *l, struct yaml_node *node, struct plan_fault *f) {
    struct yaml_node *keeps = yaml_key(l->doc, node, "keeps");
    struct yaml_node *waits = yaml_key(l->doc, node, "waits");
    f->keeps_ns = yaml_duration(l->doc, keeps, 1, FAULT_DURATION_MAX, 0);
    f->waits_ns = yaml_duration(l->doc, waits, 1, FAULT_DURATION_MAX, 0);
    if (f->waits_ns > 0 && yaml_is_null(keeps))
        yaml_error(l->doc, waits, "who gives up waiting says, too, how long it \"keeps\" the lock");
}

/* Without any request no defect ever acts. */
static void refuse_unseen(struct scn_loading *l, struct yaml_node *node) {
    if (l->plan->entry_rate_milli > 0 || l->doc->diags->errors > 0) return;
    yaml_error(l->doc, yaml_key(l->doc, node, "target"),
               "no request ever meets this fault: the load is 0/s");
}

enum end { END_NONE, END_LOW, END_HIGH }; /* of a range, where there may be one */

static struct yaml_node *end_of(struct scn_loading *l, struct yaml_node *node, enum end end) {
    if (!node || node->kind != YAML_SEQUENCE || end == END_NONE) return node;
    if (node->count == 2) return node->items[end == END_HIGH];
    yaml_error(l->doc, node, "expected a value, or a range as its two ends");
    return NULL;
}

/* What it is, once it is known at what: the rest of a fault's keys. */
static void read_nature(struct scn_loading *l, struct yaml_node *node, struct plan_fault *f,
                        enum end end) {
    if (fault_is_shown(f->kind)) {
        refuse_unseen(l, node);
        read_defect(l, node, f);
        read_pods(l, node, f);
    }
    if (f->kind == FAULT_LOCK_HELD) {
        read_hands(l, node, f);
        scn_read_held(l, node, f);
    }
    if (f->kind == FAULT_LINK_LOSS_BURSTS)
        f->burst = (uint32_t)yaml_int(l->doc, yaml_key(l->doc, node, "burst"), 1, BURST_MAX,
                                      BURST_DEFAULT);
    if (f->kind == FAULT_SWIZZLE) scn_read_every(l, node, f);
    if (fault_entry(f->kind)->value != FAULT_VALUE_NOTHING)
        read_value(l, end_of(l, scn_required(l, node, "value", "a fault"), end), f);
    if (fault_entry(f->kind)->value == FAULT_VALUE_SHARE) scn_seen_by(l, node, f);
    if (f->kind == FAULT_GRAPH_STALE && (f->at != 0 || f->lasts_ns != TIME_NEVER))
        yaml_error(l->doc, node,
                   "engines are started with their graph: expected \"at: 0s\" and no end");
    refuse_other_store(l, node, f);
    yaml_unknown_keys(l->doc, node,
                      scn_format(l->arena, "fault of kind %s", fault_entry(f->kind)->name));
}

static bool begin_fault(struct scn_loading *l, struct yaml_node *node, struct plan_fault *f) {
    *f = (struct plan_fault){.service = ID_NONE(svc_id),
                             .from = NONE_ID,
                             .to = NONE_ID,
                             .name = "",
                             .exception = "",
                             .file = "",
                             .command = {.reason = ""}};
    f->kind = read_kind(l, node);
    return f->kind != FAULT_COUNT; /* else told; what else a fault has follows from its kind */
}

bool scn_read_cause(struct scn_loading *l, struct yaml_node *node, struct svc_id service, bool high,
                    struct plan_fault *f) {
    enum end end = high ? END_HIGH : END_LOW;
    uint32_t errors = l->doc->diags->errors;
    if (!begin_fault(l, node, f)) return false;
    enum fault_target target = fault_entry(f->kind)->target;
    if (!fault_is_shown(f->kind) && target != FAULT_TARGET_LOCK && target != FAULT_TARGET_PODS) {
        yaml_error(l->doc, yaml_key(l->doc, node, "kind"),
                   "\"%s\" happens to no service; incidents are of a kind that does",
                   fault_entry(f->kind)->name);
        return false;
    }
    f->service = service;
    f->trigger_of = ID_NONE(svc_id);
    f->lasts_ns = yaml_duration(l->doc, end_of(l, yaml_key(l->doc, node, "for"), end), 1,
                                SCN_DURATION_MAX, TIME_NEVER);
    read_nature(l, node, f, end);
    return l->doc->diags->errors == errors;
}

static void read_part(struct scn_loading *l, struct yaml_node *node, struct plan_fault *f) {
    const struct topology *t = l->plan->topology;
    struct yaml_node *by = scn_required(l, node, "by", "a fault");
    int part = scn_word(l, by, topo_part_name, TOPO_PART_COUNT, TOPO_PART_ONE);
    struct svc_id of = scn_any_service(l, node, "target");
    uint8_t *side = ARENA_NEW(l->arena, uint8_t, t->service_count);
    f->resets = yaml_bool(l->doc, yaml_key(l->doc, node, "reset"), false);
    f->side = side;
    if (by && l->doc->diags->errors == 0 && !topo_part(l->arena, t, (enum topo_part)part, of, side))
        yaml_error(l->doc, by, "\"%s\" cuts nothing off in this topology", topo_part_name(part));
}

static void read_fault(struct scn_loading *l, struct yaml_node *node, struct plan_fault *f) {
    if (!begin_fault(l, node, f)) return;
    const struct fault_entry *entry = fault_entry(f->kind);
    f->name = scn_name(l, yaml_key(l->doc, node, "name"), entry->name);
    scn_read_span(l, node, f);
    if (entry->target == FAULT_TARGET_LINK)
        read_link(l, node, f);
    else if (entry->target == FAULT_TARGET_ENGINE)
        f->from = scn_engine(l, scn_required(l, node, "target", "a fault"));
    else if (entry->target == FAULT_TARGET_NODE)
        f->from = scn_node(l, scn_required(l, node, "target", "a fault"));
    else if (entry->target == FAULT_TARGET_PART)
        read_part(l, node, f);
    else if (entry->target == FAULT_TARGET_COMMAND)
        scn_read_command(l, node, f);
    else if (entry->target == FAULT_TARGET_ROLLOUT)
        scn_read_rollout(l, node, f);
    else if (entry->target != FAULT_TARGET_NONE)
        f->service = scn_service(l, scn_required(l, node, "target", "a fault"));
    read_nature(l, node, f, END_NONE);
}

void scn_read_faults(struct scn_loading *l) {
    struct yaml_node *list = yaml_key(l->doc, l->root, "faults");
    uint32_t count = scn_count(l, list, PLAN_DEFECTS_MAX, "faults");
    struct plan_fault *faults = ARENA_NEW(l->arena, struct plan_fault, count);
    for (uint32_t i = 0; i < count; i++) {
        read_fault(l, list->items[i], &faults[i]);
        for (uint32_t j = 0; j < i; j++)
            if (*faults[i].name && strcmp(faults[j].name, faults[i].name) == 0)
                yaml_error(l->doc, list->items[i],
                           "fault \"%s\" stands twice, first in line %d; give each a \"name\"",
                           faults[i].name, list->items[j]->line);
    }
    l->plan->faults = faults;
    l->plan->fault_count = count;
    scn_draw_incidents(l);
}

/* ---- Patches ---- */

static void read_checks(struct scn_loading *l, struct yaml_node *node, struct plan_answer *a) {
    struct yaml_doc *doc = l->doc;
    struct yaml_node *failed = yaml_key(doc, node, "tests_failed");
    a->syntax = yaml_bool(doc, yaml_key(doc, node, "syntax"), true);
    a->analysis = yaml_bool(doc, yaml_key(doc, node, "analysis"), true);
    a->dependencies = yaml_bool(doc, yaml_key(doc, node, "dependencies"), true);
    a->tests_run = yaml_int(doc, yaml_key(doc, node, "tests_run"), 0, TESTS_MAX, 3);
    a->tests_failed = yaml_int(doc, failed, 0, TESTS_MAX, 0);
    a->finding = scn_text(l, yaml_key(doc, node, "finding"), SCN_TEXT_BYTES, "");
    yaml_unknown_keys(doc, node, "checks");
    if (a->tests_failed > a->tests_run)
        yaml_error(doc, failed, "more tests fail than the %lld that run", (long long)a->tests_run);
}

static void read_bad_from(struct scn_loading *l, struct yaml_node *node, struct plan_answer *a) {
    if (yaml_is_null(node)) return;
    a->bad_from_ppm =
        yaml_share(l->doc, scn_required(l, node, "share", "bad_from"), 1, PPM_ONE, PPM_ONE);
    a->bad_ppm =
        yaml_share(l->doc, scn_required(l, node, "error_rate", "bad_from"), 1, PPM_ONE, PPM_ONE);
    yaml_unknown_keys(l->doc, node, "bad_from");
}

static void read_loop(struct scn_loading *l, struct yaml_node *node, struct plan_answer *a) {
    if (yaml_is_null(node)) return;
    a->loop_ppm = yaml_share(l->doc, yaml_key(l->doc, node, "share"), 1, PPM_ONE, PPM_ONE);
    a->loop_ns =
        yaml_duration(l->doc, scn_required(l, node, "for", "a loop"), 1, FAULT_DURATION_MAX, 0);
    yaml_unknown_keys(l->doc, node, "loop");
}

static void read_calls(struct scn_loading *l, struct yaml_node *node, struct plan_answer *a) {
    if (yaml_is_null(node)) return;
    a->calls_from_ppm = yaml_share(l->doc, yaml_key(l->doc, node, "from"), 1, PPM_ONE, 1);
    a->calls_ppm = yaml_share(l->doc, scn_required(l, node, "error_rate", "failing_calls"), 1,
                              PPM_ONE, PPM_ONE);
    yaml_unknown_keys(l->doc, node, "failing_calls");
}

static void read_revision(struct scn_loading *l, struct yaml_node *node, struct plan_answer *a) {
    struct yaml_doc *doc = l->doc;
    a->fixes = yaml_bool(doc, yaml_key(doc, node, "fixes"), true);
    a->error_ppm = yaml_share(doc, yaml_key(doc, node, "error_rate"), 0, PPM_ONE, -1);
    a->latency_ns = yaml_duration(doc, yaml_key(doc, node, "latency"), 0, FAULT_DURATION_MAX, 0);
    read_loop(l, yaml_key(doc, node, "loop"), a);
    read_calls(l, yaml_key(doc, node, "failing_calls"), a);
    a->leak_bytes = yaml_size(doc, yaml_key(doc, node, "leak"), 0);
    read_bad_from(l, yaml_key(doc, node, "bad_from"), a);
    a->size_lines = yaml_int(doc, yaml_key(doc, node, "size_lines"), 0, LINES_MAX, 10);
    a->changes_shared = yaml_bool(doc, yaml_key(doc, node, "changes_shared"), false);
    read_checks(l, yaml_key(doc, node, "checks"), a);
}

void scn_read_answer(struct scn_loading *l, struct yaml_node *node, struct plan_answer *a) {
    struct yaml_doc *doc = l->doc;
    *a = (struct plan_answer){.error_ppm = -1, .finding = ""};
    a->reply = (enum reply_kind)scn_word(l, yaml_key(doc, node, "reply"), reply_name, REPLY_COUNT,
                                         REPLY_OK);
    a->service = scn_any_service(l, node, "service");
    a->symptom = scn_word(l, yaml_key(doc, node, "symptom"), symptom_name, SYMPTOM_COUNT, -1);
    a->repeat = yaml_bool(doc, yaml_key(doc, node, "repeat"), false);
    if (a->reply == REPLY_OK) read_revision(l, node, a);
    if (a->reply == REPLY_RATE_LIMITED)
        a->retry_after_ns =
            yaml_duration(doc, scn_required(l, node, "retry_after", "a rate-limited patch"), 1,
                          SCN_DURATION_MAX, 0);
    yaml_unknown_keys(doc, node, scn_format(l->arena, "patch with reply %s", reply_name(a->reply)));
}

/* Each fault and each patch can bring a new build, whose pods have series of their own. */
static void refuse_too_many_builds(struct scn_loading *l, const struct yaml_node *patches) {
    const struct plan *plan = l->plan;
    uint32_t largest = 0, causes = plan_causes(plan);
    for (uint32_t s = 0; s < plan->topology->service_count; s++)
        if (plan->services[s].replicas > largest) largest = plan->services[s].replicas;
    if ((uint64_t)largest * causes <= SCN_BUILDS_MAX) return;
    yaml_error(l->doc, patches ? patches : l->root,
               "%u faults and patches with a service of %u pods; expected at most %u with so many",
               causes, largest, SCN_BUILDS_MAX / largest);
}

void scn_read_patches(struct scn_loading *l) {
    struct yaml_node *list = yaml_key(l->doc, l->root, "patches");
    uint32_t count = scn_count(l, list, SCN_ANSWERS_MAX, "patches");
    struct plan_answer *answers = ARENA_NEW(l->arena, struct plan_answer, count);
    for (uint32_t i = 0; i < count; i++) scn_read_answer(l, list->items[i], &answers[i]);
    l->plan->answers = answers;
    l->plan->answer_count = count;
    scn_draw_patches(l);
    refuse_too_many_builds(l, list);
}
