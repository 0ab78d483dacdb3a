/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The same alerts into Debian's Alertmanager on loopback and into ours: what a webhook receiver
 * hears there and what ours tells has to be the same, second by second. All that decides happens
 * half a second apart, so that a busy machine changes nothing; a script lasts less than the 30 s
 * after which the real one, begun at a time of its own, forgets empty groups.
 *
 *   differential_alertmanager [SEED]
 */
#include "engine/base/prng.h"
#include "sim/prometheus/alertmanager.h"
#include <arpa/inet.h>
#include <jansson.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define NAMES      4
#define SERVICES   16
#define ALERTS     (NAMES * SERVICES)
#define LENGTH_S   24
#define LINES_MAX  4096
#define LINE_BYTES 1024
#define SKIPPED    77
#define HTTP_BYTES (1 << 20)

static const char config_text[] =
    "route:\n  receiver: all\n  group_by: [alertname, service]\n  group_wait: 500ms\n"
    "  group_interval: 3s\n  repeat_interval: 7s\n  routes:\n"
    "  - {matchers: ['alertname=~\"Failing|Slow\"'], receiver: pages, group_by: [service],"
    " group_wait: 1500ms, group_interval: 4s, repeat_interval: 9s, continue: true}\n"
    "  - {match: {alertname: Slow}, receiver: quiet, group_by: [alertname], group_wait: 2500ms,"
    " group_interval: 5s, repeat_interval: 11s}\n"
    "  - {match_re: {service: 's[0-3]'}, receiver: all, group_by: ['...']}\n"
    "inhibit_rules:\n"
    "- {source_matchers: [alertname=Failing], target_matchers: [alertname=~Slow|Busy],"
    " equal: [service]}\n"
    "- {source_match: {alertname: Down}, target_match_re: {alertname: '.*'}, equal: [service]}\n"
    "receivers:\n"
    "- {name: all, webhook_configs: [{url: 'http://127.0.0.1:PORT/'}]}\n"
    "- {name: pages, webhook_configs: [{url: 'http://127.0.0.1:PORT/'}]}\n"
    "- {name: quiet, webhook_configs: [{url: 'http://127.0.0.1:PORT/', send_resolved: false}]}\n";

/* ---- what was told: a line each, "second receiver {group} alerts" ---- */

struct lines {
    char (*at)[LINE_BYTES];
    size_t count;
};

static int by_text(const void *a, const void *b) { return strcmp(a, b); }

static void add_line(struct lines *lines, int64_t second, const char *receiver, const char *group,
                     char (*alerts)[64], size_t count) {
    if (lines->count == LINES_MAX) return;
    char *line = lines->at[lines->count++];
    qsort(alerts, count, sizeof *alerts, by_text);
    int used = snprintf(line, LINE_BYTES, "%02lld %s {%s}", (long long)second, receiver, group);
    for (size_t i = 0; i < count && used > 0 && used < LINE_BYTES; i++)
        used += snprintf(line + used, (size_t)(LINE_BYTES - used), " %s", alerts[i]);
}

/* ---- the script ---- */

static const char *const names[NAMES] = {"Failing", "Slow", "Busy", "Down"};

struct step {
    bool said, firing;
    int64_t starts; /* seconds from the begin */
};
static struct step script[LENGTH_S][ALERTS];

static void write_script(uint64_t seed) {
    struct prng random = prng_named(seed, "alertmanager", 0);
    int64_t since[ALERTS];
    for (int a = 0; a < ALERTS; a++) since[a] = -1;
    for (int64_t t = 0; t < LENGTH_S - 2; t++)
        for (int a = 0; a < ALERTS; a++) {
            bool fires = since[a] >= 0;
            uint64_t draw = prng_next(&random) % 100;
            bool rare = a / SERVICES == 3;
            if (draw >= (fires ? 20u : rare ? 2u : 12u)) continue;
            script[t][a] = (struct step){true, !fires, fires ? since[a] : t};
            since[a] = fires ? -1 : t;
        }
}

static void service_of(char out[8], int alert) { snprintf(out, 8, "s%d", alert % SERVICES); }

/* ---- ours ---- */

struct ours {
    struct lines lines;
    int64_t now_ms;
};

static void on_notification(void *context, const struct alertmanager_notification *n) {
    struct ours *ours = context;
    char group[128] = "", alerts[ALERTS][64];
    for (uint32_t i = 0; i < n->group_count; i++) {
        strcat(group, i > 0 ? "," : "");
        strcat(group, n->group[i].value);
    }
    for (uint32_t i = 0; i < n->alert_count; i++) /* labels: alertname, service */
        snprintf(alerts[i], sizeof alerts[i], "%s@%s%c", n->alerts[i].labels[0].value,
                 n->alerts[i].labels[1].value, n->alerts[i].firing ? '+' : '-');
    add_line(&ours->lines, ours->now_ms / 1000, n->receiver, group, alerts, n->alert_count);
}

static void run_until(struct alertmanager *am, struct ours *ours, int64_t until_ms) {
    int64_t due;
    while ((due = alertmanager_due(am)) <= until_ms) {
        ours->now_ms = due;
        alertmanager_run(am, due, on_notification, ours);
    }
}

static bool run_ours(struct ours *ours) {
    struct arena arena;
    struct diags diags = {0};
    arena_open(&arena);
    const struct alertmanager_config *config =
        alertmanager_read(&arena, "am.yml", config_text, sizeof config_text - 1, &diags);
    if (!config) {
        diag_print(&diags, stderr);
        return false;
    }
    struct alertmanager *am = alertmanager_open(&arena, config, 4 * ALERTS, -1);
    for (int64_t t = 0; t < LENGTH_S; t++) {
        run_until(am, ours, t * 1000 - 1);
        for (int a = 0; a < ALERTS; a++) {
            const struct step *s = &script[t][a];
            char service[8];
            if (!s->said) continue;
            service_of(service, a);
            const struct prom_label labels[] = {{"alertname", names[a / SERVICES]},
                                                {"service", service}};
            alertmanager_post(am, t * 1000,
                              &(struct alertmanager_alert){labels, 2, s->starts * 1000,
                                                           (s->firing ? 1000 + t : t) * 1000, 0});
        }
    }
    run_until(am, ours, LENGTH_S * 1000);
    arena_close(&arena);
    return true;
}

/* ---- the real one ---- */

static int64_t wall_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Bound to a port of the system's choice; listening, or given up again for a server to take. */
static int bound(int *port) {
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t size = sizeof address;
    int s = socket(AF_INET, SOCK_STREAM, 0);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (s < 0 || bind(s, (struct sockaddr *)&address, size) != 0 ||
        getsockname(s, (struct sockaddr *)&address, &size) != 0 || listen(s, 64) != 0)
        return -1;
    *port = ntohs(address.sin_port);
    return s;
}

/* True once the server has taken it. */
static bool ask(int port, const char *method, const char *path, const char *body) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    char head[256], answer[256] = "";
    int s = socket(AF_INET, SOCK_STREAM, 0);
    int len = snprintf(head, sizeof head,
                       "%s %s HTTP/1.0\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
                       "Content-Length: %zu\r\n\r\n",
                       method, path, strlen(body));
    bool sent = s >= 0 && connect(s, (struct sockaddr *)&address, sizeof address) == 0 &&
                send(s, head, (size_t)len, MSG_NOSIGNAL) == len &&
                send(s, body, strlen(body), MSG_NOSIGNAL) == (ssize_t)strlen(body) &&
                recv(s, answer, sizeof answer - 1, 0) > 0;
    if (s >= 0) close(s);
    return sent && strstr(answer, " 200 ");
}

struct peer {
    char folder[64];
    int port, webhook_port, webhook;
    pid_t pid;
    int64_t began_ms;
    struct lines lines;
};

static bool write_config(const struct peer *peer) {
    char path[128];
    snprintf(path, sizeof path, "%s/am.yml", peer->folder);
    FILE *out = fopen(path, "w");
    if (!out) return false;
    for (const char *at = config_text; *at;) {
        const char *port = strstr(at, "PORT");
        size_t len = port ? (size_t)(port - at) : strlen(at);
        fwrite(at, 1, len, out);
        if (port) fprintf(out, "%d", peer->webhook_port);
        at += len + (port ? 4 : 0);
    }
    return fclose(out) == 0;
}

static bool peer_start(struct peer *peer) {
    char config[128], data[128], listen_at[64];
    strcpy(peer->folder, "/tmp/firedrill-am-XXXXXX");
    peer->webhook = bound(&peer->webhook_port);
    int reserved = bound(&peer->port);
    if (reserved >= 0) close(reserved);
    if (peer->webhook < 0 || reserved < 0 || !mkdtemp(peer->folder) || !write_config(peer))
        return false;
    snprintf(config, sizeof config, "--config.file=%s/am.yml", peer->folder);
    snprintf(data, sizeof data, "--storage.path=%s/data", peer->folder);
    snprintf(listen_at, sizeof listen_at, "--web.listen-address=127.0.0.1:%d", peer->port);
    peer->pid = fork();
    if (peer->pid == 0) {
        execlp("prometheus-alertmanager", "prometheus-alertmanager", config, data, listen_at,
               "--cluster.listen-address=", "--log.level=error", (char *)NULL);
        _exit(127);
    }
    for (int tries = 0; peer->pid > 0 && tries < 200; tries++) {
        if (ask(peer->port, "GET", "/-/ready", "")) return true;
        nanosleep(&(struct timespec){0, 50000000}, NULL);
    }
    return false;
}

static void peer_stop(struct peer *peer) {
    char command[128];
    if (peer->pid > 0) {
        kill(peer->pid, SIGTERM);
        waitpid(peer->pid, NULL, 0);
    }
    if (peer->webhook >= 0) close(peer->webhook);
    snprintf(command, sizeof command, "rm -rf %s", peer->folder);
    if (system(command) != 0) fprintf(stderr, "could not remove %s\n", peer->folder);
}

static void write_time(char *out, size_t size, int64_t ms) {
    time_t seconds = (time_t)(ms / 1000);
    struct tm tm;
    size_t len = strftime(out, size, "%Y-%m-%dT%H:%M:%S", gmtime_r(&seconds, &tm));
    snprintf(out + len, size - len, ".%03dZ", (int)(ms % 1000));
}

static bool post_second(const struct peer *peer, int64_t t) {
    json_t *list = json_array();
    for (int a = 0; a < ALERTS; a++) {
        const struct step *s = &script[t][a];
        char service[8], starts[40], ends[40];
        if (!s->said) continue;
        service_of(service, a);
        write_time(starts, sizeof starts, peer->began_ms + s->starts * 1000);
        write_time(ends, sizeof ends, peer->began_ms + (s->firing ? 1000 + t : t) * 1000);
        json_array_append_new(list, json_pack("{s:{s:s,s:s},s:s,s:s}", "labels", "alertname",
                                              names[a / SERVICES], "service", service, "startsAt",
                                              starts, "endsAt", ends));
    }
    char *body = json_dumps(list, 0);
    bool taken = json_array_size(list) == 0 || ask(peer->port, "POST", "/api/v2/alerts", body);
    json_decref(list);
    free(body);
    return taken;
}

static const char *text_at(const json_t *object, const char *key) {
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

static void take_notification(struct peer *peer, const char *body, int64_t second) {
    json_t *n = json_loads(body, 0, NULL), *alert;
    const json_t *labels = json_object_get(n, "groupLabels");
    const char *name = text_at(labels, "alertname"), *service = text_at(labels, "service");
    char group[128], alerts[ALERTS][64];
    size_t index, count = 0;
    snprintf(group, sizeof group, "%s%s%s", name, *name && *service ? "," : "", service);
    json_array_foreach(json_object_get(n, "alerts"), index, alert) {
        const json_t *of = json_object_get(alert, "labels");
        bool firing = strcmp(text_at(alert, "status"), "firing") == 0;
        if (count < ALERTS)
            snprintf(alerts[count++], sizeof *alerts, "%s@%s%c", text_at(of, "alertname"),
                     text_at(of, "service"), firing ? '+' : '-');
    }
    add_line(&peer->lines, second, text_at(n, "receiver"), group, alerts, count);
    json_decref(n);
}

/* One request a connection; answered when its body is whole. */
static void serve_webhook(struct peer *peer) {
    static char request[HTTP_BYTES];
    static const char answer[] =
        "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    int64_t second = (wall_ms() - peer->began_ms) / 1000;
    int s = accept(peer->webhook, NULL, NULL);
    size_t used = 0;
    const char *body = NULL;
    while (s >= 0 && used < sizeof request - 1) {
        ssize_t got = recv(s, request + used, sizeof request - 1 - used, 0);
        if (got <= 0) break;
        used += (size_t)got;
        request[used] = '\0';
        const char *end = strstr(request, "\r\n\r\n"),
                   *length = strstr(request, "Content-Length: ");
        if (!end || !length) continue;
        if (used - (size_t)(end + 4 - request) < strtoul(length + 16, NULL, 10)) continue;
        body = end + 4;
        break;
    }
    if (body) {
        send(s, answer, sizeof answer - 1, MSG_NOSIGNAL);
        take_notification(peer, body, second);
    }
    if (s >= 0) close(s);
}

static bool run_peer(struct peer *peer) {
    peer->began_ms = wall_ms() + 200;
    for (int64_t t = 0; t <= LENGTH_S;) {
        int64_t left = peer->began_ms + t * 1000 - wall_ms();
        struct pollfd waiting = {.fd = peer->webhook, .events = POLLIN};
        if (left > 0) {
            if (poll(&waiting, 1, (int)left) > 0) serve_webhook(peer);
            continue;
        }
        if (t < LENGTH_S && !post_second(peer, t)) return false;
        t++;
    }
    return true;
}

/* ---- beside each other ---- */

static size_t compare(struct lines *ours, struct lines *theirs) {
    size_t i = 0, k = 0, differ = 0;
    qsort(ours->at, ours->count, LINE_BYTES, by_text);
    qsort(theirs->at, theirs->count, LINE_BYTES, by_text);
    while (i < ours->count || k < theirs->count) {
        int order = i == ours->count     ? 1
                    : k == theirs->count ? -1
                                         : strcmp(ours->at[i], theirs->at[k]);
        if (order < 0) printf("only ours:   %s\n", ours->at[i]);
        if (order > 0) printf("only theirs: %s\n", theirs->at[k]);
        differ += order != 0;
        i += order <= 0;
        k += order >= 0;
    }
    return differ;
}

int main(int argc, char **argv) {
    static char own_lines[LINES_MAX][LINE_BYTES], peer_lines[LINES_MAX][LINE_BYTES];
    struct ours ours = {.lines = {own_lines, 0}};
    struct peer peer = {.webhook = -1, .lines = {peer_lines, 0}};
    uint64_t seed = argc > 1 ? strtoull(argv[1], NULL, 10) : 1;
    if (system("command -v prometheus-alertmanager >/dev/null") != 0) {
        puts("skipped: prometheus-alertmanager is not installed");
        return SKIPPED;
    }
    write_script(seed);
    bool good = peer_start(&peer) && run_peer(&peer);
    peer_stop(&peer);
    if (!good || !run_ours(&ours)) {
        puts("failed: the real Alertmanager did not start, or did not take an alert");
        return 1;
    }
    size_t differ = compare(&ours.lines, &peer.lines);
    printf("seed %llu: %zu notifications of Debian's Alertmanager, %zu of ours, %zu differ\n",
           (unsigned long long)seed, peer.lines.count, ours.lines.count, differ);
    return differ == 0 && ours.lines.count > 50 ? 0 : 1;
}
