/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_PROMETHEUS_TEMPLATE_BUILTIN_H
#define SIM_PROMETHEUS_TEMPLATE_BUILTIN_H
/* The functions that Go's text/template brings by itself. */
#include "sim/prometheus/template_parts.h"

#define BUILTIN(name)                                                                              \
    bool builtin_##name(struct template_run *r, struct template_value *arguments, uint32_t count,  \
                        struct template_value *out)
BUILTIN(eq);
BUILTIN(ne);
BUILTIN(lt);
BUILTIN(le);
BUILTIN(gt);
BUILTIN(ge);
BUILTIN(negate);
BUILTIN(len);
BUILTIN(index);
BUILTIN(slice);
BUILTIN(print);
BUILTIN(println);
BUILTIN(html);
BUILTIN(urlquery);

/* As url.QueryEscape. */
void write_query_escaped(struct writer *out, const char *s, size_t len);

#endif
