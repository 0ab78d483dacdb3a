/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The model of a Redis lock store beside a real one: redis-server on a socket, one random trace of
 * acquire, renew, release, query and expiry played into both, and what a client sees compared. Time
 * is real here, and the model is taken along; where a lease would end about now, the trace waits
 * until both must agree. Skipped where no redis-server is installed.
 */
#define _DEFAULT_SOURCE /* fork, mkdtemp, usleep */
#include "tests/unit/small_world.h"
#include "tests/unit/real_server.h"
#include <hiredis/hiredis.h>

#define NAMES  3
#define OPS    4
#define STEPS  400
#define UNSURE (10 * NS_PER_MS) /* around a lease's end */

static redisContext *redis;
static struct small_world *model;
static time_ns began;

static bool connect_redis(const char *socket) {
    for (int tries = 0; tries < 200; tries++) {
        redis = redisConnectUnix(socket);
        if (redis && !redis->err) return true;
        if (redis) redisFree(redis);
        usleep(20000);
    }
    return false;
}

/* ---- one request to both ---- */

static const char take[] = "if redis.call('exists', KEYS[1]) == 1 then return 0 end "
                           "local token = redis.call('incr', 'tokens') "
                           "redis.call('set', KEYS[1], token, 'NX', 'PX', ARGV[1]) return token";
static const char renew[] = "if redis.call('get', KEYS[1]) == ARGV[2] then "
                            "return redis.call('pexpire', KEYS[1], ARGV[1]) end return 0";
static const char give[] = "if redis.call('get', KEYS[1]) == ARGV[2] then "
                           "return redis.call('del', KEYS[1]) end return 0";
static const char look[] = "return tonumber(redis.call('get', KEYS[1]) or 0)";

static long long ask_redis(const char *script, int64_t name, int64_t ttl_ms, int64_t token) {
    redisReply *r = redisCommand(redis, "EVAL %s 1 lock:%lld %lld %lld", script, (long long)name,
                                 (long long)ttl_ms, (long long)token);
    long long value = r && r->type == REDIS_REPLY_INTEGER ? r->integer : -1;
    if (r && r->type == REDIS_REPLY_ERROR) fprintf(stderr, "  redis: %s\n", r->str);
    if (r) freeReplyObject(r);
    return value;
}

static time_ns elapsed(void) { return real_now() - began; }

static struct in_lock_reply ask_model(const struct eng_effect *effect, time_ns at) {
    small_run(model, at);
    uint32_t before = model->told_count;
    network_send(&model->world, 0, effect);
    small_run(model, at);
    CU_ASSERT_FATAL(model->told_count > before);
    return model->told[model->told_count - 1].input.lock_reply;
}

/* When a name's lease may end, by what both were told; 0: it has none. */
struct lease {
    time_ns from, to;
    int64_t token; /* of the last hold */
};
static struct lease leases[NAMES];

static void wait_until_sure(const struct lease *lease) {
    for (time_ns now = elapsed(); now > lease->from - UNSURE && now < lease->to + UNSURE;
         now = elapsed())
        usleep(1000);
}

/*
 * When the model is asked what the real one answered after "from". A machine that stood still in
 * between may have let the lease end first: if it answered as one whose lease had ended, the
 * model's has to have ended too.
 */
static time_ns as_late_as(const struct lease *lease, time_ns from, bool answered_as_held) {
    bool was_held = lease->to > 0 && from < lease->from;
    if (!was_held || answered_as_held || elapsed() < lease->from) return from;
    while (elapsed() < lease->to + UNSURE) usleep(1000);
    return elapsed();
}

static void held_from(struct lease *lease, time_ns from, time_ns to, int64_t ttl_ms) {
    lease->from = from + ttl_ms * NS_PER_MS;
    lease->to = to + ttl_ms * NS_PER_MS;
}

static void acquire_both(struct lease *lease, int64_t name, uint64_t op, int64_t ttl_ms,
                         int64_t request) {
    struct eng_effect e = {.kind = EFF_lock_acquire};
    e.lock_acquire = (struct eff_lock_acquire){
        request, {op}, SCOPE_SERVICE, name, ttl_ms * NS_PER_MS, 1, request};
    time_ns from = elapsed();
    long long real = ask_redis(take, name, ttl_ms, 0);
    struct in_lock_reply told = ask_model(&e, as_late_as(lease, from, real <= 0));
    CU_ASSERT_EQUAL(real > 0, told.result == LOCK_REPLY_GRANTED);
    if (told.result == LOCK_REPLY_GRANTED) {
        CU_ASSERT_EQUAL(real, told.token_number);
        lease->token = told.token_number;
        held_from(lease, from, elapsed(), ttl_ms);
        return;
    }
    struct eng_effect leave = {.kind = EFF_lock_leave}; /* a real one has no queue */
    leave.lock_leave = (struct eff_lock_leave){request, {op}, SCOPE_SERVICE, name, request};
    ask_model(&leave, elapsed());
}

static void renew_both(struct lease *lease, int64_t name, int64_t ttl_ms, int64_t token,
                       int64_t request) {
    struct eng_effect e = {.kind = EFF_lock_renew};
    e.lock_renew =
        (struct eff_lock_renew){request, {9}, SCOPE_SERVICE, name, ttl_ms * NS_PER_MS, 1, token};
    time_ns from = elapsed();
    long long real = ask_redis(renew, name, ttl_ms, token);
    struct in_lock_reply told = ask_model(&e, as_late_as(lease, from, real == 1));
    CU_ASSERT_EQUAL(real == 1, told.result == LOCK_REPLY_RENEWED);
    if (real == 1) held_from(lease, from, elapsed(), ttl_ms);
}

static void release_both(struct lease *lease, int64_t name, int64_t token, int64_t request) {
    struct eng_effect e = {.kind = EFF_lock_release};
    e.lock_release = (struct eff_lock_release){request, {9}, SCOPE_SERVICE, name, 1, token};
    time_ns from = elapsed();
    long long real = ask_redis(give, name, 0, token);
    struct in_lock_reply told = ask_model(&e, as_late_as(lease, from, real == 1));
    CU_ASSERT_EQUAL(real == 1, told.result == LOCK_REPLY_RELEASED);
    if (real == 1) lease->from = lease->to = 0;
}

static void look_at_both(const struct lease *lease, int64_t name, int64_t request) {
    struct eng_effect e = {.kind = EFF_lock_query};
    e.lock_query = (struct eff_lock_query){request, {9}, SCOPE_SERVICE, name};
    time_ns from = elapsed();
    long long real = ask_redis(look, name, 0, 0);
    struct in_lock_reply told = ask_model(&e, as_late_as(lease, from, real > 0));
    CU_ASSERT_EQUAL(real > 0, told.result == LOCK_REPLY_HELD);
}

static void one_random_trace_in_both(void) {
    struct prng luck = prng_named(1, "real-redis", 0);
    uint32_t granted = 0, ended = 0;
    model = small_new();
    small_open(model);
    lock_store_open(&model->world, &model->arena);
    began = real_now();
    for (int64_t request = 1; request <= STEPS; request++) {
        int64_t name = (int64_t)prng_below(&luck, NAMES);
        int64_t ttl_ms = 30 + (int64_t)prng_below(&luck, 150);
        struct lease *lease = &leases[name];
        int64_t token = prng_below(&luck, 4) ? lease->token : lease->token - 1;
        if (lease->to > 0) wait_until_sure(lease);
        int64_t before = lease->token;
        switch (prng_below(&luck, 6)) {
        case 0: release_both(lease, name, token, request); break;
        case 1: renew_both(lease, name, ttl_ms, token, request); break;
        case 2:
            ended += lease->to > 0 && elapsed() > lease->to;
            look_at_both(lease, name, request);
            break;
        default:
            acquire_both(lease, name, 1 + prng_below(&luck, OPS) + 10 * (uint64_t)request, ttl_ms,
                         request);
        }
        granted += lease->token != before;
        usleep((useconds_t)prng_below(&luck, 25000));
    }
    CU_ASSERT(granted > 20); /* the trace did something, and leases ended by themselves */
    CU_ASSERT(ended > 0);
    small_close(model);
}

int main(void) {
    if (!installed("redis-server")) {
        puts("skipped: redis-server is not installed (Debian: redis-server)");
        return SKIPPED;
    }
    /* a socket of its own: a port that was free may be another's by the time a server asks for it
     */
    char folder[] = "/tmp/firedrill-redis-XXXXXX", socket[64];
    if (!mkdtemp(folder)) return 1;
    snprintf(socket, sizeof socket, "%s/socket", folder);
    const char *const words[] = {"redis-server", "--port", "0", "--unixsocket",
                                 socket,         "--save", "",  NULL};
    bool up = start_server(words) && connect_redis(socket);
    static const struct test_case cases[] = {TEST(one_random_trace_in_both)};
    int status = up ? test_run("beside a real redis", cases, ARRAY_LEN(cases)) : 1;
    if (up) redisFree(redis);
    stop_server(); /* which takes its socket away */
    rmdir(folder);
    return status;
}
