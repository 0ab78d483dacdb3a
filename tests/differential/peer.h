/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TESTS_DIFFERENTIAL_PEER_H
#define TESTS_DIFFERENTIAL_PEER_H
/* Debian's Prometheus on loopback, over blocks that promtool made of our samples. */
#include "sim/prometheus/prometheus.h"
#include <sys/types.h>

struct peer {
    char folder[64];
    int port;
    pid_t pid;
};

/* Whether prometheus and promtool are on the PATH. */
bool peer_is_installed(void);
/* Exports the samples, makes blocks of them, starts the server on a free port and waits for it. */
bool peer_start(struct peer *peer, struct prom *p, int64_t from_ms, int64_t to_ms);
void peer_stop(struct peer *peer);
/* The body of the answer to a POST of a form, in memory of malloc's; NULL when there is none. */
char *peer_ask(const struct peer *peer, const char *path, const char *form);

#endif
