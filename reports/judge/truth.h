/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef REPORTS_JUDGE_TRUTH_H
#define REPORTS_JUDGE_TRUTH_H
/*
 * What the world really did, as questions: figures of a service over a time, what served, which
 * revision carried a defect. Truth comes in records of one second each; a second belongs to a time
 * when it lies within it wholly.
 */
#include "reports/judge/judge.h"

#define TRUTH_NS NS_PER_S

struct truth_sum {
    int64_t seconds; /* distinct ones with a record */
    int64_t requests, failed, own_failed;
    int128 p95_weighted; /* sum of p95 * requests */
    time_ns p95_worst;
};
/* Revision v = 0: all. Seconds within [from, to]. */
struct truth_sum truth_over(const struct facts *facts, struct svc_id service,
                            struct revision_id revision, time_ns from, time_ns to);
int64_t truth_own_share(const struct truth_sum *sum); /* ppm; 0 without requests */
time_ns truth_p95(const struct truth_sum *sum);       /* mean by requests; 0 without */
/* The index of the first truth record whose second begins at or after "from". */
size_t truth_index(const struct facts *facts, time_ns from);

/* The last traffic record of the service at or before "at" (record: and before that record);
 * NULL while nothing was ever shifted. */
const struct fact_traffic *traffic_at(const struct facts *facts, struct svc_id service, time_ns at);
/* The first record that lets the revision serve a share of at least "ppm"; NULL: never. */
const struct fact_traffic *traffic_reached(const struct facts *facts, struct revision_id revision,
                                           int64_t ppm);
static inline bool revision_served(const struct facts *facts, struct revision_id revision) {
    return traffic_reached(facts, revision, 1) != NULL;
}
/* The share that serves an incident's defect at a time, in ppm; 0 once its fault has ended. */
int64_t defect_share(const struct facts *facts, const struct incident *incident, time_ns at);

/* An engine of the run, as opposed to an operator or other people's rollouts. */
bool is_engine(const struct facts *facts, int64_t engine);
/* The last traffic record of the service before a record; NULL while nothing was ever shifted. */
const struct fact_traffic *traffic_before(const struct facts *facts, struct svc_id service,
                                          uint64_t record);
/* The first order accepted from an engine, of any kind, in (after, until]; NULL: none. */
const struct fact_deploy_order *order_after(const struct facts *facts, time_ns after,
                                            time_ns until);

/* The operation's first stage that the target accepted; NULL: it deployed nothing of its own. */
const struct fact_deploy_order *op_first_stage(const struct facts *facts, struct op_id op);
/* Whether with this order the operation begins to change something: the first of its orders that
 * the target accepted, be it a stage, another remedy, or the undoing of what others deployed. */
bool op_begins(const struct facts *facts, const struct fact_deploy_order *order);
/* Whether it orders a change: a stage, a remedy about pods, or, of an operation that ordered
 * nothing before, to undo what others deployed. Not: to take back what it did itself. */
bool orders_change(const struct facts *facts, const struct seen_effect *effect, struct op_id *op);
/* The plan that the operation stated last before a record; NULL: none. */
const struct hash *op_registered_plan(const struct facts *facts, struct op_id op, uint64_t before);
/* A person's yes to a message of this operation, before the record, and to the very plan that the
 * operation had last registered by then: a yes to another plan approves nothing. */
bool op_approved(const struct facts *facts, struct op_id op, uint64_t before);
/* Whether an engine had suspended its automation at a record. */
bool engine_suspended(const struct facts *facts, int64_t engine, uint64_t record);
/* One of the two calls the other. */
bool services_call(const struct facts *facts, struct svc_id a, struct svc_id b);

/* Incidents of a run: one a cause; owned by the caller (incidents_free). NULL with *count 0 when
 * memory is out; there is always room for at least one. */
struct judged *incidents_of(const struct facts *facts, uint32_t *count);
void incidents_free(struct judged *list);
bool incident_has_id(const struct incident *incident, struct incident_id id);
/* Whether a report of one of its ids says that the cause is gone. One at a caller, or of another
 * symptom than the cause has, may close first, as healed by another, and says nothing of it. */
bool incident_says_healed(const struct incident *incident, const struct eff_report *report);
bool incident_has_op(const struct facts *facts, const struct incident *incident, struct op_id op);
bool incident_has_revision(const struct incident *incident, struct revision_id revision);
/* A message or entry about this incident, or about none in particular. */
bool incident_concerns(const struct incident *incident, struct incident_id id);

#endif
