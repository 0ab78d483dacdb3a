/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sums and means whose error does not grow with the number of values. */
#include "sim/prometheus/functions.h"
#include <math.h>

void exact_add(struct exact_sum *s, double value) {
    double total = s->sum + value;
    if (isinf(total))
        s->carry = 0;
    else if (fabs(s->sum) >= fabs(value))
        s->carry += (s->sum - total) + value;
    else
        s->carry += (value - total) + s->sum;
    s->sum = total;
}

void exact_mean_add(struct exact_mean *m, double value) {
    m->count++;
    if (!m->incremental) {
        struct exact_sum next = m->sum;
        exact_add(&next, value);
        if (m->count == 1 || !isinf(next.sum)) {
            m->sum = next;
            return;
        }
        m->incremental = true;
        m->sum.sum /= m->count - 1;
        m->sum.carry /= m->count - 1;
    }
    double share = (m->count - 1) / m->count;
    m->sum.sum *= share;
    m->sum.carry *= share;
    exact_add(&m->sum, value / m->count);
}

double exact_mean_value(const struct exact_mean *m) {
    return m->incremental ? m->sum.sum + m->sum.carry
                          : m->sum.sum / m->count + m->sum.carry / m->count;
}
