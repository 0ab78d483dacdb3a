/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which remedy, once more. */
#include "reports/judge/recompute.h"

void recompute_remedy(struct recomputing *r) { (void)r; }
