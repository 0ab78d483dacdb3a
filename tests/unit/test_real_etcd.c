/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The model of an etcd lock store beside a real one: etcd on loopback, asked over its JSON gateway
 * (lease/grant, lock/lock, lock/unlock; bytes in base64, int64 as text). Compared: what of a TTL is
 * granted, when a waiter gets what a dead holder had, that tokens grow over both ways of ending.
 * Skipped where no etcd is installed.
 */
#define _DEFAULT_SOURCE /* fork, mkdtemp, usleep */
#include "tests/unit/real_server.h"
#include "tests/unit/small_world.h"
#include <jansson.h>
#include <sodium.h>

static int port;

/* ---- JSON over HTTP/1.0: one connection a request ---- */

static json_t *post(const char *path, const char *body) {
    static char buffer[1 << 16];
    struct sockaddr_in to = loopback(port);
    int s = socket(AF_INET, SOCK_STREAM, 0);
    size_t len = 0;
    if (s >= 0 && connect(s, (struct sockaddr *)&to, sizeof to) == 0) {
        dprintf(s, "POST /v3/%s HTTP/1.0\r\nContent-Length: %zu\r\n\r\n%s", path, strlen(body),
                body);
        for (ssize_t got; len < sizeof buffer - 1; len += (size_t)got)
            if ((got = read(s, buffer + len, sizeof buffer - 1 - len)) <= 0) break;
    }
    if (s >= 0) close(s);
    buffer[len] = '\0';
    const char *content = strstr(buffer, "\r\n\r\n");
    return content ? json_loads(content + 4, 0, NULL) : NULL;
}

/* A number that came as text; -1: none. */
static long long number(const json_t *answer, const char *object, const char *key) {
    const json_t *in = object ? json_object_get(answer, object) : answer;
    const char *text = json_string_value(json_object_get(in, key));
    return text ? atoll(text) : -1;
}

static long long lease_of(long long ttl_s, long long *granted_s) {
    char body[64];
    snprintf(body, sizeof body, "{\"TTL\": %lld}", ttl_s);
    json_t *answer = post("lease/grant", body);
    long long id = number(answer, NULL, "ID");
    *granted_s = number(answer, NULL, "TTL");
    json_decref(answer);
    return id;
}

/* Waits until it is granted; its token, and the key that gives it back. */
static long long lock(const char *name, long long lease, char *key, size_t size) {
    char coded[64], body[256];
    sodium_bin2base64(coded, sizeof coded, (const unsigned char *)name, strlen(name),
                      sodium_base64_VARIANT_ORIGINAL);
    snprintf(body, sizeof body, "{\"name\": \"%s\", \"lease\": \"%lld\"}", coded, lease);
    json_t *answer = post("lock/lock", body);
    long long token = number(answer, "header", "revision");
    const char *given = json_string_value(json_object_get(answer, "key"));
    snprintf(key, size, "%s", given ? given : "");
    json_decref(answer);
    return token;
}

static bool unlock(const char *key) {
    char body[256];
    snprintf(body, sizeof body, "{\"key\": \"%s\"}", key);
    json_t *answer = post("lock/unlock", body);
    bool done = number(answer, "header", "revision") > 0;
    json_decref(answer);
    return done;
}

/* ---- the model ---- */

static struct in_lock_reply model_acquire(struct small_world *s, uint64_t op, time_ns ttl) {
    struct eng_effect e = {.kind = EFF_lock_acquire};
    e.lock_acquire = (struct eff_lock_acquire){(int64_t)op, {op}, SCOPE_SERVICE, 1, ttl, 1, 1};
    uint32_t before = s->told_count;
    network_send(&s->world, 0, &e);
    small_run(s, sim_now(s->world.sim));
    CU_ASSERT_FATAL(s->told_count > before);
    return s->told[s->told_count - 1].input.lock_reply;
}

static struct small_world *open_model(void) {
    struct small_world *s = small_new();
    s->plan.lock_backend = BACKEND_ETCD;
    small_open(s);
    lock_store_open(&s->world, &s->arena);
    return s;
}

static void leases_are_whole_seconds_and_two_at_least(void) {
    static const long long asked[] = {1, 2, 3, 10};
    for (size_t i = 0; i < ARRAY_LEN(asked); i++) {
        long long granted = 0;
        struct small_world *s = open_model();
        CU_ASSERT(lease_of(asked[i], &granted) > 0);
        CU_ASSERT_EQUAL(model_acquire(s, 1, asked[i] * NS_PER_S).expires_in_ns, granted * NS_PER_S);
        small_close(s);
    }
}

static void a_waiter_gets_what_a_dead_holder_had(void) {
    char key[128];
    long long ttl = 0;
    struct small_world *s = open_model();
    time_ns from = real_now();
    long long first = lock("waited", lease_of(2, &ttl), key, sizeof key);
    long long second = lock("waited", lease_of(60, &ttl), key, sizeof key);
    time_ns real = real_now() - from;
    struct in_lock_reply held = model_acquire(s, 1, 2 * NS_PER_S);
    CU_ASSERT_EQUAL(model_acquire(s, 2, 60 * NS_PER_S).result, LOCK_REPLY_HELD);
    small_run(s, NS_PER_MIN);
    const struct told *granted = small_last(s, 0);
    CU_ASSERT_EQUAL(granted->input.lock_reply.result, LOCK_REPLY_GRANTED);
    printf("\n  after %.2f s; the model: %.2f s\n", (double)real / 1e9, (double)granted->at / 1e9);
    /* the real one looks every half second, from when it began on */
    CU_ASSERT(real >= 2 * NS_PER_S && real <= granted->at + NS_PER_S);
    CU_ASSERT(second > first && first > 0);
    CU_ASSERT(granted->input.lock_reply.token_number > held.token_number);
    CU_ASSERT(unlock(key));
    small_close(s);
}

static void a_released_lock_is_had_at_once(void) {
    char key[128];
    long long ttl = 0, last = 0;
    for (int i = 0; i < 5; i++) {
        long long token = lock("free", lease_of(60, &ttl), key, sizeof key);
        CU_ASSERT(token > last);
        last = token;
        CU_ASSERT(unlock(key));
    }
}

int main(void) {
    char client[64], peer[64], folder[] = "/tmp/real-etcd-XXXXXX", where[64];
    port = free_port();
    int between = free_port();
    if (!installed("etcd")) {
        puts("skipped: etcd is not installed (Debian: etcd-server)");
        return SKIPPED;
    }
    if (sodium_init() < 0 || !mkdtemp(folder)) return 1;
    snprintf(client, sizeof client, "http://127.0.0.1:%d", port);
    snprintf(peer, sizeof peer, "http://127.0.0.1:%d", between);
    snprintf(where, sizeof where, "rm -rf %s", folder);
    const char *const line[] = {"etcd", "--data-dir",
                                folder, "--listen-client-urls",
                                client, "--advertise-client-urls",
                                client, "--listen-peer-urls",
                                peer,   "--initial-advertise-peer-urls",
                                peer,   "--initial-cluster",
                                NULL,   "--unsafe-no-fsync",
                                NULL};
    char cluster[80];
    snprintf(cluster, sizeof cluster, "default=%s", peer);
    const char *words[ARRAY_LEN(line)];
    memcpy(words, line, sizeof line);
    words[12] = cluster;
    long long ttl;
    bool up = start_server(words);
    for (int tries = 0; up && tries < 300 && lease_of(2, &ttl) <= 0; tries++) usleep(20000);
    static const struct test_case cases[] = {TEST(leases_are_whole_seconds_and_two_at_least),
                                             TEST(a_waiter_gets_what_a_dead_holder_had),
                                             TEST(a_released_lock_is_had_at_once)};
    int status = up ? test_run("beside a real etcd", cases, ARRAY_LEN(cases)) : 1;
    stop_server();
    return system(where) == 0 ? status : 1;
}
