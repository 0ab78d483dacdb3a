/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_PROMETHEUS_VIEWS_H
#define SIM_PROMETHEUS_VIEWS_H
/*
 * Views: what is scraped, once more under other names, so that rules made for another exporter find
 * theirs. A view is a file of relabelling as a scrape configuration has it:
 *
 *   relabel_configs          over a target's labels: service, pod, revision, job, __address__ and
 *                            what Kubernetes' discovery would say (__meta_kubernetes_namespace,
 *                            _pod_name, _pod_container_name, _pod_label_app, _service_name)
 *   metric_relabel_configs   over each series with its target's labels
 *   alert_relabel_configs    over the labels of alerts on their way out
 *
 * A label __scale__ that is left at the end is a number by which values are multiplied, and falls
 * away as all that begin with "__". Series of a view have "instance", as every target's; what was
 * scraped has none, so that instance="" names it alone. Relabelling happens once a series; a sample
 * costs one more append for each view.
 */
#include "sim/prometheus/prometheus.h"

struct view;
/* NULL after errors with their places. */
const struct view *view_read(struct arena *arena, const char *file, const char *text, size_t len,
                             struct diags *diags);
/* Before any series of p; p's series_max has to have room for them. */
void prom_view(struct prom *p, const struct view *view);

/* The alert with its labels relabelled by every view, in order; false: one drops it. The labels
 * are valid until the next call. */
bool prom_alert_relabel(struct prom *p, const struct prom_alert *alert,
                        struct prom_alert *out) MUST_CHECK;

#endif
