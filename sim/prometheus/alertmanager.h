/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_PROMETHEUS_ALERTMANAGER_H
#define SIM_PROMETHEUS_ALERTMANAGER_H
/*
 * An Alertmanager at virtual time: what Prometheus sends is routed, grouped, held back, inhibited,
 * repeated and told as resolved, as alertmanager.yml says. Semantics are those of Alertmanager 0.25
 * with one receiver's integrations taken as one, whose notifications always arrive:
 *
 * - A group is a route and the values of its group_by labels. Its first notification goes
 * group_wait after it began, or at once for an alert that is already older; then it is looked at
 * each group_interval, and notified when an alert fires that the last notification did not have,
 * when all have resolved, when one has that was not told (send_resolved), or when repeat_interval
 * is over. A group without alerts ends at the next maintenance, every 30 s, and begins anew.
 * - An alert is inhibited while another fires that a rule's source matchers match and that has
 * equal labels; one that matches both sides is inhibited by none that does. Inhibited alerts are
 * left out of notifications, resolved ones too.
 * - Prometheus' side: an alert is sent when it begins to fire, again each minute, and when it ends;
 *   one that is not sent again for four of these ends by itself.
 *
 * Times are milliseconds since the epoch. Memory is the arena's; what finds no room is counted and
 * not told.
 */
#include "sim/prometheus/prometheus.h"

struct alertmanager;
struct alertmanager_config;

/* Reads alertmanager.yml. NULL after errors with their places. Receivers' integrations are read for
 * send_resolved alone; a receiver without any is nobody. Silences are none of the file's; time
 * intervals are refused where a route uses them. */
const struct alertmanager_config *alertmanager_read(struct arena *arena, const char *file,
                                                    const char *text, size_t len,
                                                    struct diags *diags);
struct alertmanager_counts {
    uint32_t routes, receivers, inhibitions;
};
struct alertmanager_counts alertmanager_counts(const struct alertmanager_config *config);

/* alerts_max: that are ever told apart; groups have as much room again. start_ms: maintenance
 * counts from there. */
struct alertmanager *alertmanager_open(struct arena *arena,
                                       const struct alertmanager_config *config,
                                       uint32_t alerts_max, int64_t start_ms);

/* As Alertmanager's API takes it; ends_ms 0: not stated, resolve_timeout from now. */
struct alertmanager_alert {
    const struct prom_label *labels;
    uint32_t label_count;
    int64_t starts_ms, ends_ms;
    double value; /* carried along */
};
void alertmanager_post(struct alertmanager *am, int64_t now_ms,
                       const struct alertmanager_alert *alert);
/* What a rule's evaluation tells, as Prometheus sends it on. interval_ms: between evaluations. */
void alertmanager_hear(struct alertmanager *am, int64_t now_ms, int64_t interval_ms,
                       const struct prom_alert *alert);

/* When alertmanager_run has something to do next; INT64_MAX: never, as things are. */
int64_t alertmanager_due(const struct alertmanager *am);

struct alertmanager_notified {
    const struct prom_label *labels;
    uint32_t label_count;
    bool firing;
    int64_t starts_ms, ends_ms;
    double value;
};
struct alertmanager_notification {
    const char *receiver;
    const struct prom_label *group; /* the values that it is grouped by */
    uint32_t group_count;
    bool firing;                                /* any of its alerts */
    const struct alertmanager_notified *alerts; /* in the order of their labels */
    uint32_t alert_count;
};
/* Notification and its alerts are valid within the sink alone. */
typedef void (*alertmanager_sink)(void *context, const struct alertmanager_notification *n);
void alertmanager_run(struct alertmanager *am, int64_t now_ms, alertmanager_sink sink,
                      void *context);

uint64_t alertmanager_refused(const struct alertmanager *am); /* for want of room */

#endif
