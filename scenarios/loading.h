/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SCENARIOS_LOADING_H
#define SCENARIOS_LOADING_H
/*
 * One scenario on its way from a document to a plan. Private to scenarios/. The order matters: what
 * it refers to, then the system, then causes, then expectations, each using names of those before.
 */
#include "engine/base/prng.h"
#include "engine/yaml/yaml.h"
#include "scenarios/scenario.h"

#define SCN_SCENARIOS_MAX     64
#define SCN_NAME_BYTES        47 /* of a scenario, fault, engine or person: they go into file names */
#define SCN_TEXT_BYTES        126 /* of a text that crosses the engine's boundary */
#define SCN_TITLE_BYTES       200
#define SCN_ENGINES_MAX       64
#define SCN_RULES_MAX         16
#define SCN_PROFILES_MAX      4
#define SCN_INCLUDES_MAX      4
#define SCN_ZONES_MAX         8
#define SCN_ANSWERS_MAX       1000
#define SCN_PEOPLE_MAX        100
#define SCN_EXPECTS_MAX       PLAN_DEFECTS_MAX
#define SCN_FORBIDDEN_MAX     32
#define SCN_HISTORY_MAX       10000
#define SCN_AUDIT_ENTRIES_MAX 6000 /* the log store keeps 8,192, those of the run among them */
#define SCN_PODS_MAX          5000 /* of all services: some GiB of metrics */
#define SCN_BUILDS_MAX        50000
#define SCN_RATE_MAX          1000000 /* a second */
#define SCN_DURATION_MAX      (366 * 24 * NS_PER_HOUR)
#define SCN_SETTLE_DEFAULT    (5 * NS_PER_S)  /* until what is under way has ended */
#define SCN_JUDGED_AFTER      (30 * NS_PER_S) /* the judge looks at so much after a close */

struct scn_role {
    const char *name;
    struct svc_id service;
};

struct scn_loading {
    struct yaml_doc *doc;
    struct arena *arena;
    const struct scn_files *files;
    const struct scn_options *options;
    struct yaml_node *root;
    struct scenario *scenario;
    struct plan *plan; /* the scenario's */
    struct plan_source *sources;
    struct plan_service *services; /* the plan's */
    struct scn_role *roles;        /* the scenario's own */
    uint32_t role_count;
};

/* ---- names.c ---- */

/* A printable text of 1 to max bytes; otherwise when it is absent or, with a message, bad. */
const char *scn_text(struct scn_loading *l, struct yaml_node *node, size_t max,
                     const char *otherwise);
/* A text of letters, digits and "_.-" that goes into file names and reports. */
const char *scn_name(struct scn_loading *l, struct yaml_node *node, const char *otherwise);
bool scn_in_name(char c); /* whether it may stand in one */
/* The child of that key; a message and NULL if it is absent. whose: "a fault" */
struct yaml_node *scn_required(struct scn_loading *l, struct yaml_node *mapping, const char *key,
                               const char *whose);
/* Items of a list, with a message and 0 when there are more than max. */
uint32_t scn_count(struct scn_loading *l, struct yaml_node *list, uint32_t max, const char *what);
void scn_unknown(struct scn_loading *l, const struct yaml_node *node, const char *what,
                 const char *const *names, uint32_t count);
/* The same of a name that stands in another file, or in an option: then node has no line. */
void scn_unknown_in(struct scn_loading *l, const char *file, const struct yaml_node *node,
                    const char *what, const char *const *names, uint32_t count);
/* Nobody of the topology can play that role: an error, or what the options ask for instead. */
void scn_uncast(struct scn_loading *l, const struct yaml_node *node, const char *format, ...)
    PRINTF_LIKE(3, 4);
/* Whether the graph says who plays a role of that name where nothing else does. */
bool scn_is_usual(const char *name);
/* The service that a name or a role stands for; none, with a message, if there is none. */
struct svc_id scn_service(struct scn_loading *l, struct yaml_node *node);
/* The same of an optional key: none where it is absent. */
struct svc_id scn_any_service(struct scn_loading *l, struct yaml_node *mapping, const char *key);
/* Node number of the simulated network; 0 with a message if there is no such node. */
uint32_t scn_node(struct scn_loading *l, struct yaml_node *node);
/* Number of an engine; 0 with a message if none is called so. */
uint32_t scn_engine(struct scn_loading *l, struct yaml_node *node);
/* Number of the fault that a node of this file names; -1 with a message if there is none. */
int64_t scn_fault(struct scn_loading *l, const char *file, const struct yaml_node *node);
/* In thousandths a second. */
int64_t scn_rate(struct scn_loading *l, struct yaml_node *node, int64_t otherwise_milli);
/* Index in a table of words by its name function; otherwise when absent or bad. */
int scn_word(struct scn_loading *l, struct yaml_node *node, const char *(*name)(int64_t),
             uint32_t count, int otherwise);
const char *scn_format(struct arena *arena, const char *format, ...) PRINTF_LIKE(2, 3);

/* ---- the parts, in the order of reading ---- */

void scn_read_references(struct scn_loading *l); /* references.c: what files it names */
/* What messages call the file that a node names, whose bytes are then the source added last; NULL
 * after a message. */
const char *scn_read_file(struct scn_loading *l, const struct yaml_node *node, const char *kind,
                          const char *name);
void scn_add_source(struct scn_loading *l, const char *kind, const char *name, const char *bytes,
                    size_t len);
void scn_read_system(struct scn_loading *l); /* system.c: clock, engines, roles, load, times */
/* recorded.c: the steps of a recording; its peak, 0 after an error. Then its peak is what enters.
 */
int64_t scn_read_recorded(struct scn_loading *l, struct yaml_node *node);
void scn_scale_recorded(struct scn_loading *l, int64_t peak_milli);
/* choose.c: the service of a role that is chosen by a graph rule unless the topology maps it. */
struct svc_id scn_choose(struct scn_loading *l, const char *role, struct yaml_node *rule);
/* The same of "payment", "order" and "notification", by the rule of topologies/roles.h; none for
 * any other name. */
struct svc_id scn_usual_role(struct scn_loading *l, const char *name);
/* Keeps in the plan that the graph made a service (which may be none) play that role. */
void scn_gave_role(struct scn_loading *l, const char *role, struct svc_id service);
/* The share of the target's requests that have to fail for the fault's share of its caller's
 * ("seen_by") to; as it is where there is no such key. */
void scn_seen_by(struct scn_loading *l, struct yaml_node *fault, struct plan_fault *f);
void scn_read_people(struct scn_loading *l); /* past.c: who is on call, and what was before */
void scn_read_faults(struct scn_loading *l); /* causes.c */
/* What befalls a service, without its time: the keys of a fault of a kind that has a service as its
 * target. "value" and "for" may be ranges: their lower ends, or the higher ones. False after a
 * message. */
bool scn_read_cause(struct scn_loading *l, struct yaml_node *node, struct svc_id service, bool high,
                    struct plan_fault *f) MUST_CHECK;
void scn_read_answer(struct scn_loading *l, struct yaml_node *node, struct plan_answer *a);
/* incidents.c: faults drawn at a rate, behind those that are stated one by one. */
struct scn_stream { /* when they come */
    struct yaml_node *node, *rate;
    time_ns gap_ns, from_ns, until_ns;
};
void scn_draw_incidents(struct scn_loading *l);
time_ns scn_exponential(struct prng *stream, time_ns mean); /* an exponential number; saturates */
void scn_refuse_rate(struct scn_loading *l, const struct scn_stream *stream, int64_t room);
/* mix.c: incidents of several kinds, drawn by the hour of the day, and their patches. */
void scn_draw_mix(struct scn_loading *l, const struct scn_stream *stream);
void scn_draw_patches(struct scn_loading *l);
void scn_read_command(struct scn_loading *l, struct yaml_node *node, struct plan_fault *f);
/* triggers.c: when a fault begins; the steps of a rollout; the locks that an operator takes */
void scn_read_span(struct scn_loading *l, struct yaml_node *node, struct plan_fault *f);
/* How long its steps are apart. */
void scn_read_every(struct scn_loading *l, struct yaml_node *node, struct plan_fault *f);
void scn_read_rollout(struct scn_loading *l, struct yaml_node *node, struct plan_fault *f);
void scn_read_held(struct scn_loading *l, struct yaml_node *node, struct plan_fault *f);
void scn_read_patches(struct scn_loading *l);
void scn_read_history(struct scn_loading *l);
void scn_read_expectations(struct scn_loading *l); /* expect.c */

/* ---- without.c: the same scenario, one cause of which (or "all") never begins ---- */

void scn_leave_out(struct scn_loading *l, const char *fault);

/* ---- set.c: the same scenario with other values: "incidents.rate=5/min,engines=3" ---- */

void scn_set(struct scn_loading *l, const char *text);
/* The path from the scenario's root to a key that may be set, in a file more than on the command
 * line; NULL: nothing begins so, near is the nearest name or NULL. */
const char *scn_settable(struct scn_loading *l, const char *key, bool in_file, const char **near);

/* ---- include.c: what the scenario lacks, from files that it shares with others ---- */

void scn_include(struct scn_loading *l);

/* ---- variants.c: a scenario for each combination of a matrix ---- */

uint32_t scn_variants(struct scn_loading *l); /* how many: 1 without a matrix, 0 after a message */
/* Makes the document that variant, and says how it is called beside the others. */
const char *scn_vary(struct scn_loading *l, uint32_t number);

/* ---- options.c: the options of a load as a source, and back ---- */

void scn_write_options(struct scn_loading *l);
bool scn_read_options(struct arena *arena, const struct plan_source *source, struct diags *diags,
                      struct scn_options *out) MUST_CHECK;

#endif
