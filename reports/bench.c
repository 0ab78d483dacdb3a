/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/bench.h"
#include "engine/base/ratio.h"

const char *bench_target_word(enum indicator which, const struct share *share) {
    int64_t low, high, least, most;
    if (share->whole == 0) return "open";
    indicator_range(which, &least, &most);
    indicator_interval(share, &low, &high);
    if (low >= least && high <= most) return "met";
    if (high < least || low > most) return "missed";
    return "open";
}
