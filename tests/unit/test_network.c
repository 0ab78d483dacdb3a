/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/base/ratio.h"
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

static struct small_world *open_spoilt(struct link_rule link) {
    struct small_world *s = open_network(0);
    link.from = NODE_A;
    link.to = store(s);
    link.both_ways = true;
    network_bend(&s->world, 0, &link);
    return s;
}

static void ask_each(struct small_world *s, int64_t count, time_ns apart) {
    for (int64_t i = 0; i < count; i++) {
        ask(s, NODE_A, i);
        small_run(s, (i + 1) * apart);
    }
}

/* A fifth of 10,000 as before, but what is lost stands together: bursts of ten on the mean. */
static void losses_come_in_bursts(void) {
    struct small_world *s = open_spoilt((struct link_rule){.loss_ppm = 200000, .burst = 10});
    ask_each(s, 10000, 1);
    uint32_t bursts = 0, lost = 10000 - heard.count;
    for (uint32_t i = 1; i < heard.count; i++)
        bursts += heard.list[i].request != heard.list[i - 1].request + 1;
    CU_ASSERT(lost > 1500 && lost < 2500);
    CU_ASSERT(lost >= 7 * bursts && lost <= 13 * bursts);
    CU_ASSERT_EQUAL(network_heal(&s->world, 0), lost);
    small_close(s);
}

static void a_link_flaps(void) {
    struct small_world *s =
        open_spoilt((struct link_rule){.loss_ppm = PPM_ONE, .flap_ns = 3 * NS_PER_S});
    ask_each(s, 12, NS_PER_S);
    static const int64_t arrive[] = {3, 4, 5, 9, 10, 11};
    CU_ASSERT_EQUAL_FATAL(heard.count, ARRAY_LEN(arrive));
    for (uint32_t i = 0; i < heard.count; i++) CU_ASSERT_EQUAL(heard.list[i].request, arrive[i]);
    CU_ASSERT_EQUAL(network_heal(&s->world, 0), 6);
    small_close(s);
}

static void what_is_delivered_twice_is_heard_twice(void) {
    struct small_world *s = open_spoilt((struct link_rule){.twice_ppm = 500000});
    ask_each(s, 1000, 1);
    CU_ASSERT(heard.count > 1400 && heard.count < 1600);
    CU_ASSERT_EQUAL(network_heal(&s->world, 0), heard.count - 1000);
    small_close(s);
}

static void messages_overtake_each_other(void) {
    struct small_world *s = open_spoilt((struct link_rule){.jitter_ns = NS_PER_S});
    ask_each(s, 100, NS_PER_MS);
    small_run(s, 2 * NS_PER_S);
    uint32_t back = 0;
    CU_ASSERT_EQUAL(heard.count, 100);
    for (uint32_t i = 1; i < heard.count; i++)
        back += heard.list[i].request < heard.list[i - 1].request;
    CU_ASSERT(back > 30);
    for (uint32_t i = 0; i < heard.count; i++)
        CU_ASSERT(heard.list[i].at < heard.list[i].request * NS_PER_MS + NS_PER_S);
    CU_ASSERT_EQUAL(network_heal(&s->world, 0), 100);
    small_close(s);
}

static void a_clogged_link_holds(void) {
    struct small_world *s = open_spoilt((struct link_rule){.clogs = true});
    ask_each(s, 3, NS_PER_S);
    ask(s, 1, 99); /* another link */
    small_run(s, 4 * NS_PER_S);
    CU_ASSERT_EQUAL(heard.count, 1);
    CU_ASSERT_EQUAL(network_heal(&s->world, 0), 3);
    small_run(s, 5 * NS_PER_S);
    CU_ASSERT_EQUAL_FATAL(heard.count, 4);
    for (uint32_t i = 1; i < 4; i++) {
        CU_ASSERT_EQUAL(heard.list[i].request, i - 1);
        CU_ASSERT_EQUAL(heard.list[i].at, 4 * NS_PER_S);
    }
    CU_ASSERT_EQUAL(small_records(s, REC_dropped, 0, NULL), 0);
    small_close(s);
}

static void clogged_nodes_are_let_go_one_by_one(void) {
    struct small_world *s = open_network(0);
    network_bend(&s->world, 0,
                 &(struct link_rule){.from = NODE_ANY, .to = NODE_ANY, .clogs = true});
    ask(s, 0, 1); /* nothing is clogged yet */
    network_clog(&s->world, 0, 0, true);
    network_clog(&s->world, 0, 1, true);
    ask(s, 0, 2);
    ask(s, 1, 3);
    ask(s, 2, 4);
    small_run(s, NS_PER_S);
    CU_ASSERT_EQUAL(heard.count, 2);
    network_clog(&s->world, 0, 1, false);
    small_run(s, 2 * NS_PER_S);
    CU_ASSERT_EQUAL(heard.count, 3);
    CU_ASSERT_EQUAL(heard.list[2].request, 3);
    CU_ASSERT_EQUAL(network_heal(&s->world, 0), 2);
    small_run(s, 3 * NS_PER_S);
    CU_ASSERT_EQUAL(heard.count, 4);
    CU_ASSERT_EQUAL(heard.list[3].request, 2);
    small_close(s);
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
          TEST(loses_its_share), TEST(a_links_luck_is_its_own), TEST(losses_come_in_bursts),
          TEST(a_link_flaps), TEST(what_is_delivered_twice_is_heard_twice),
          TEST(messages_overtake_each_other), TEST(a_clogged_link_holds),
          TEST(clogged_nodes_are_let_go_one_by_one), TEST(a_lost_message_to_people_is_recorded))
