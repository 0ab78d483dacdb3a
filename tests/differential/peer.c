/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/differential/peer.h"
#include "sim/prometheus/exposition.h"
#include <arpa/inet.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

bool peer_is_installed(void) {
    return system("command -v prometheus >/dev/null && command -v promtool >/dev/null") == 0;
}

static bool export(const struct peer *peer, struct prom *p, int64_t from_ms, int64_t to_ms) {
    char path[128];
    snprintf(path, sizeof path, "%s/samples.om", peer->folder);
    FILE *out = fopen(path, "w");
    if (!out) return false;
    exposition_write(p, from_ms, to_ms, out);
    if (fclose(out) != 0) return false;
    snprintf(path, sizeof path, "%s/config.yml", peer->folder);
    out = fopen(path, "w");
    return out && fputs("global: {evaluation_interval: 1m}\n", out) >= 0 && fclose(out) == 0;
}

/* Bound to a port of the system's choice and given up again, for the server to take. */
static int free_port(void) {
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t size = sizeof address;
    int port = -1, s = socket(AF_INET, SOCK_STREAM, 0);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (s >= 0 && bind(s, (struct sockaddr *)&address, size) == 0 &&
        getsockname(s, (struct sockaddr *)&address, &size) == 0)
        port = ntohs(address.sin_port);
    if (s >= 0) close(s);
    return port;
}

static pid_t start(const struct peer *peer) {
    char config[128], data[128], listen[64];
    snprintf(config, sizeof config, "--config.file=%s/config.yml", peer->folder);
    snprintf(data, sizeof data, "--storage.tsdb.path=%s/data", peer->folder);
    snprintf(listen, sizeof listen, "--web.listen-address=127.0.0.1:%d", peer->port);
    pid_t pid = fork();
    if (pid != 0) return pid;
    execlp("prometheus", "prometheus", config, data, listen, "--storage.tsdb.retention.time=100y",
           "--log.level=error", (char *)NULL);
    _exit(127);
}

static bool wait_ready(const struct peer *peer) {
    for (int tries = 0; tries < 200; tries++) {
        char *body = peer_ask(peer, "/api/v1/query", "query=1&time=1");
        bool ready = body && strstr(body, "success");
        free(body);
        if (ready) return true;
        nanosleep(&(struct timespec){0, 50000000}, NULL);
    }
    return false;
}

bool peer_start(struct peer *peer, struct prom *p, int64_t from_ms, int64_t to_ms) {
    char command[512];
    *peer = (struct peer){.folder = "/tmp/firedrill-peer-XXXXXX"};
    if (!mkdtemp(peer->folder) || !export(peer, p, from_ms, to_ms)) return false;
    snprintf(command, sizeof command,
             "promtool tsdb create-blocks-from openmetrics %s/samples.om %s/data >/dev/null",
             peer->folder, peer->folder);
    if (system(command) != 0) return false;
    peer->port = free_port();
    peer->pid = peer->port > 0 ? start(peer) : -1;
    return peer->pid > 0 && wait_ready(peer);
}

void peer_stop(struct peer *peer) {
    char command[128];
    if (peer->pid > 0) {
        kill(peer->pid, SIGTERM);
        waitpid(peer->pid, NULL, 0);
    }
    if (!peer->folder[0]) return;
    snprintf(command, sizeof command, "rm -rf %s", peer->folder);
    if (system(command) != 0) fprintf(stderr, "could not remove %s\n", peer->folder);
}

/* ---- HTTP 1.0: one request a connection, which the server closes ---- */

static bool send_all(int s, const char *bytes, size_t len) {
    while (len > 0) {
        ssize_t sent = send(s, bytes, len, MSG_NOSIGNAL);
        if (sent <= 0) return false;
        bytes += sent;
        len -= (size_t)sent;
    }
    return true;
}

static char *receive_all(int s) {
    size_t size = 1 << 16, used = 0;
    char *bytes = malloc(size);
    ssize_t got = 0;
    while (bytes && (got = recv(s, bytes + used, size - used - 1, 0)) > 0) {
        used += (size_t)got;
        if (size - used > 1) continue;
        char *larger = realloc(bytes, size *= 2);
        if (!larger) free(bytes);
        bytes = larger;
    }
    if (bytes) bytes[used] = '\0';
    return bytes;
}

char *peer_ask(const struct peer *peer, const char *path, const char *form) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)peer->port)};
    char head[256], *answer = NULL;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int s = socket(AF_INET, SOCK_STREAM, 0);
    int len = snprintf(head, sizeof head,
                       "POST %s HTTP/1.0\r\nHost: 127.0.0.1\r\nContent-Length: %zu\r\n"
                       "Content-Type: application/x-www-form-urlencoded\r\n\r\n",
                       path, strlen(form));
    if (s >= 0 && connect(s, (struct sockaddr *)&address, sizeof address) == 0 &&
        send_all(s, head, (size_t)len) && send_all(s, form, strlen(form)))
        answer = receive_all(s);
    if (s >= 0) close(s);
    char *body = answer ? strstr(answer, "\r\n\r\n") : NULL;
    if (body) memmove(answer, body + 4, strlen(body + 4) + 1);
    return answer;
}
