/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef REPORTS_TIMELINE_H
#define REPORTS_TIMELINE_H
/*
 * Where an incident's time went, from its true onset to its end: a sweep over facts and crossings,
 * in which each instant belongs to exactly one bucket, so that the buckets add up to the whole to
 * the nanosecond. Several things outstanding at once count as the one that stands first in
 * bucket_now (timeline.c): the critical path.
 */
#include "reports/judge/judge.h"

#define BUCKET(name, meaning) BUCKET_##name,
enum bucket {
#include "reports/buckets.def"
    BUCKET_COUNT
};
#undef BUCKET

struct timeline {
    time_ns ns[BUCKET_COUNT];
    time_ns total; /* their sum, and end - onset */
    time_ns began, ended;
};

const char *bucket_name(enum bucket bucket);
const char *bucket_meaning(enum bucket bucket);
/* Each stretch of time that one bucket has, in order, from the onset to the end without a gap; two
 * that follow each other are of different buckets. */
typedef void (*timeline_part)(void *context, enum bucket bucket, time_ns from, time_ns to);
void timeline_walk(const struct facts *facts, const struct incident *incident, timeline_part each,
                   void *context);
/* From onset to the close, or as long as the incident is judged. A cause that never acted: zeros.
 */
struct timeline timeline_of(const struct facts *facts, const struct incident *incident);

#endif
