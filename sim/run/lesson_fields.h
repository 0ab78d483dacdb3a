/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_RUN_LESSON_FIELDS_H
#define SIM_RUN_LESSON_FIELDS_H
/*
 * One field of one record of a trace by its name, with the unit that its name tells: _at and "at"
 * are instants, _ns times, _ppm shares, _micro scores; what is a word of the contract is that word,
 * what is a service its name. The fields are those of record.def, input.def and effect.def.
 */
#include "reports/judge/judge.h"
#include "sim/run/lesson_value.h"

/* ref: a record in trace order; of an input or effect, its own fields beside engine, at, step.
 * False: it has no such field. */
bool record_field(const struct facts *facts, const struct fact_ref *ref, const char *field,
                  struct lv *out);
/* The same number in the words of that field, so that a condition may name it: "granted" of lock's
 * event. False: the field has no words. */
bool record_word(const struct facts *facts, const struct fact_ref *ref, const char *field,
                 int64_t n, const char **word);
/* The kind of a record, an input or an effect by its name; -1, and the nearest known or NULL. */
int record_kind_of(const char *name, const char **nearest);
int input_kind_of(const char *name, const char **nearest);
int effect_kind_of(const char *name, const char **nearest);
/* A service by its name or role; NONE_ID if there is none. */
struct svc_id service_named(const struct facts *facts, const char *name);

#endif
