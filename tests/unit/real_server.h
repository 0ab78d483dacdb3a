/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TESTS_UNIT_REAL_SERVER_H
#define TESTS_UNIT_REAL_SERVER_H
/* A server of somebody else's on loopback, for as long as a test runs. Define _DEFAULT_SOURCE. */
#include "engine/base/simtime.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SKIPPED 77 /* as a test's SKIP_RETURN_CODE says */

static pid_t server_running;

static inline bool installed(const char *program) {
    char line[128];
    snprintf(line, sizeof line, "command -v %s >/dev/null 2>&1", program);
    return system(line) == 0;
}

static inline struct sockaddr_in loopback(int port) {
    return (struct sockaddr_in){.sin_family = AF_INET,
                                .sin_port = htons((uint16_t)port),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

/* 0: none. */
static inline int free_port(void) {
    struct sockaddr_in address = loopback(0);
    socklen_t len = sizeof address;
    int s = socket(AF_INET, SOCK_STREAM, 0);
    bool bound = s >= 0 && bind(s, (struct sockaddr *)&address, len) == 0 &&
                 getsockname(s, (struct sockaddr *)&address, &len) == 0;
    if (s >= 0) close(s);
    return bound ? ntohs(address.sin_port) : 0;
}

/* Its words end with NULL. What it says goes nowhere. */
static inline bool start_server(const char *const *words) {
    server_running = fork();
    if (server_running != 0) return server_running > 0;
    if (!freopen("/dev/null", "w", stdout) || !freopen("/dev/null", "w", stderr)) _exit(2);
    execvp(words[0], (char *const *)(uintptr_t)words);
    _exit(2);
}

static inline void stop_server(void) {
    if (server_running <= 0) return;
    kill(server_running, SIGTERM);
    waitpid(server_running, NULL, 0);
}

static inline time_ns real_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * NS_PER_S + now.tv_nsec;
}

#endif
