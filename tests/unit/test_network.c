/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/small_world.h"

#define NODE_A 0u /* an engine */

struct heard {
    struct world *world;
    uint32_t count;
    struct {
        uint32_t engine;
        time_ns at;
        int64_t request;
    } list[20000];
    bool answers;
};

static void hear(void *part, uint32_t engine, const struct eng_effect *effect) {
    struct heard *h = part;
    h->list[h->count].engine = engine;
    h->list[h->count].at = sim_now(h->world->sim);
    h->list[h->count++].request = effect->registry_read.request;
    if (!h->answers) return;
    struct eng_input input = {.kind = IN_registry_snapshot};
    input.registry_snapshot.request = effect->registry_read.request;
    network_reply(h->world, NODE_LOCK_STORE, engine, &input);
}

static struct heard heard;

static struct small_world *open_network(time_ns link_ns) {
    struct small_world *s = small_new();
    s->plan.fault_count = 4;
    s->plan.times.link_ns = link_ns;
    small_open(s);
    heard = (struct heard){.world = &s->world};
    network_serve(&s->world, EFF_registry_read, NODE_LOCK_STORE, 0, hear, &heard);
    return s;
}

static void ask(struct small_world *s, uint32_t engine, int64_t request) {
    struct eng_effect effect = {.kind = EFF_registry_read};
    effect.registry_read.request = request;
    CU_ASSERT(network_send(&s->world, engine, &effect));
}

static uint32_t store(const struct small_world *s) {
    return world_node(&s->world, NODE_LOCK_STORE);
}

static void delivers_in_order_after_the_latency(void) {
    struct small_world *s = open_network(3 * NS_PER_MS);
    for (int64_t i = 0; i < 100; i++) ask(s, NODE_A, i);
    small_run(s, 3 * NS_PER_MS - 1);
    CU_ASSERT_EQUAL(heard.count, 0);
    small_run(s, NS_PER_S);
    CU_ASSERT_EQUAL(heard.count, 100);
    for (uint32_t i = 0; i < heard.count; i++) {
        CU_ASSERT_EQUAL(heard.list[i].request, i);
        CU_ASSERT_EQUAL(heard.list[i].at, 3 * NS_PER_MS);
    }
    small_close(s);
}

static void orders_senders_by_when_they_sent(void) {
    struct small_world *s = open_network(0);
    ask(s, 2, 20);
    ask(s, 0, 0);
    ask(s, 1, 10);
    small_run(s, 0);
    CU_ASSERT_EQUAL(heard.count, 3);
    CU_ASSERT_EQUAL(heard.list[0].request, 20);
    CU_ASSERT_EQUAL(heard.list[1].request, 0);
    CU_ASSERT_EQUAL(heard.list[2].request, 10);
    small_close(s);
}

static void partition_is_silence_both_ways(void) {
    struct small_world *s = open_network(0);
    heard.answers = true;
    network_bend(&s->world, 1,
                 &(struct link_rule){
                     .from = store(s), .to = NODE_A, .both_ways = true, .loss_ppm = 1000000});
    ask(s, NODE_A, 1);
    ask(s, 1, 2);
    small_run(s, NS_PER_S);
    CU_ASSERT_EQUAL(heard.count, 1);
    CU_ASSERT_EQUAL(s->told_count, 1);
    CU_ASSERT_EQUAL(s->told[0].engine, 1);
    CU_ASSERT_EQUAL(small_records(s, REC_dropped, 0, NULL), 1);
    CU_ASSERT_EQUAL(network_heal(&s->world, 1), 1);
    ask(s, NODE_A, 3);
    small_run(s, 2 * NS_PER_S);
    CU_ASSERT_EQUAL(s->told_count, 2);
    small_close(s);
}

static void one_way_partition_drops_the_answer_only(void) {
    struct small_world *s = open_network(0);
    heard.answers = true;
    network_bend(&s->world, 0,
                 &(struct link_rule){.from = store(s), .to = NODE_A, .loss_ppm = 1000000});
    ask(s, NODE_A, 1);
    small_run(s, NS_PER_S);
    CU_ASSERT_EQUAL(heard.count, 1);
    CU_ASSERT_EQUAL(s->told_count, 0);
    CU_ASSERT_EQUAL(small_records(s, REC_dropped, 0, NULL), 1);
    small_close(s);
}

static void what_is_under_way_when_a_link_is_cut_arrives(void) {
    struct small_world *s = open_network(NS_PER_MS);
    ask(s, NODE_A, 1);
    network_bend(&s->world, 0,
                 &(struct link_rule){.from = NODE_A, .to = store(s), .loss_ppm = 1000000});
    small_run(s, NS_PER_S);
    CU_ASSERT_EQUAL(heard.count, 1);
    small_close(s);
}

static void latencies_add_up(void) {
    struct small_world *s = open_network(NS_PER_MS);
    struct link_rule slow = {
        .from = NODE_A, .to = store(s), .both_ways = true, .slow_ns = 10 * NS_PER_MS};
    network_bend(&s->world, 0, &slow);
    network_bend(&s->world, 3, &slow);
    ask(s, NODE_A, 1);
    small_run(s, NS_PER_S);
    CU_ASSERT_EQUAL(heard.list[0].at, 21 * NS_PER_MS);
    CU_ASSERT_EQUAL(network_heal(&s->world, 0), 1);
    CU_ASSERT_EQUAL(network_heal(&s->world, 3), 1);
    small_close(s);
}

/* 10,000 draws at 20 %: 2,000 expected, standard deviation 40. */
static void loses_its_share(void) {
    struct small_world *s = open_network(0);
    network_bend(
        &s->world, 0,
        &(struct link_rule){.from = NODE_A, .to = store(s), .both_ways = true, .loss_ppm = 200000});
    for (int64_t i = 0; i < 10000; i++) {
        ask(s, NODE_A, i);
        small_run(s, i);
    }
    CU_ASSERT(heard.count > 7800 && heard.count < 8200);
    CU_ASSERT_EQUAL(network_heal(&s->world, 0), 10000 - heard.count);
    small_close(s);
}

/* Which messages a link loses depends on that link's own traffic alone. */
static void a_links_luck_is_its_own(void) {
    uint32_t count[2];
    int64_t sum[2];
    for (int other = 0; other < 2; other++) {
        struct small_world *s = open_network(0);
        struct link_rule loss = {
            .from = NODE_A, .to = store(s), .both_ways = true, .loss_ppm = 500000};
        network_bend(&s->world, 0, &loss);
        loss.from = 1;
        network_bend(&s->world, 1, &loss);
        count[other] = 0;
        sum[other] = 0;
        for (int64_t i = 0; i < 200; i++) {
            if (other) ask(s, 1, -1);
            ask(s, NODE_A, i);
        }
        small_run(s, 0);
        for (uint32_t i = 0; i < heard.count; i++) {
            if (heard.list[i].engine != NODE_A) continue;
            count[other]++;
            sum[other] += heard.list[i].request * (heard.list[i].request + 1);
        }
        small_close(s);
    }
    CU_ASSERT(count[0] > 50 && count[0] < 150);
    CU_ASSERT_EQUAL(count[0], count[1]);
    CU_ASSERT_EQUAL(sum[0], sum[1]);
}

static void a_lost_message_to_people_is_recorded(void) {
    struct small_world *s = open_network(0);
    people_open(&s->world, &s->arena);
    network_bend(&s->world, 0,
                 &(struct link_rule){.from = NODE_A,
                                     .to = world_node(&s->world, NODE_PEOPLE),
                                     .loss_ppm = 1000000});
    struct eng_effect effect = {.kind = EFF_notify};
    effect.notify.message = 42;
    network_send(&s->world, NODE_A, &effect);
    small_run(s, NS_PER_S);
    int64_t message = 0;
    CU_ASSERT_EQUAL(small_records(s, REC_message_lost, 1, &message), 1);
    CU_ASSERT_EQUAL(message, 42);
    CU_ASSERT_EQUAL(s->told_count, 0);
    small_close(s);
}

TEST_MAIN("network", TEST(delivers_in_order_after_the_latency),
          TEST(orders_senders_by_when_they_sent), TEST(partition_is_silence_both_ways),
          TEST(one_way_partition_drops_the_answer_only),
          TEST(what_is_under_way_when_a_link_is_cut_arrives), TEST(latencies_add_up),
          TEST(loses_its_share), TEST(a_links_luck_is_its_own),
          TEST(a_lost_message_to_people_is_recorded))
