/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef REPORTS_FORMS_JSON_PARTS_H
#define REPORTS_FORMS_JSON_PARTS_H
/* What the JSON forms share. A setter takes over its value; what cannot be made for want of
 * memory is a null. */
#include "reports/report.h"
#include <jansson.h>

void json_set(json_t *object, const char *key, json_t *value);
void json_set_int(json_t *object, const char *key, int64_t v);
/* What is no UTF-8 stands there as bytes in hexadecimal. */
json_t *json_text(const char *text);
void json_set_text(json_t *object, const char *key, const char *text);
/* null for TIME_NEVER and anything below 0: it did not happen */
void json_set_time(json_t *object, const char *key, time_ns at);

json_t *json_distribution(const struct distribution *d);
json_t *json_buckets(const time_ns ns[BUCKET_COUNT]);
json_t *json_mttr(const struct mttr *m);
json_t *json_contention(const struct report_run *run);
/* Scenarios by topologies. */
json_t *json_grid(const struct report *report);
json_t *json_indicators(const struct indicators *indicators);

#endif
