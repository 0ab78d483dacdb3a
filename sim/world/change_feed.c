/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/world/internal.h"
#include "engine/base/ratio.h"

void change_feed_publish(struct world *world, const struct in_change *change) {
    struct eng_input input = {.kind = IN_change};
    input.change = *change;
    for (uint32_t e = 0; e < world->plan->engine_count; e++)
        network_reply(world, NODE_CHANGES, e, &input);
}

void change_feed_past(struct world *world, struct svc_id service, enum op_kind kind,
                      const char *author, time_ns before_ns) {
    struct in_change change = {
        .service = service,
        .kind = kind,
        .op = ID_NONE64(op_id),
        .share_ppm = PPM_ONE,
        .ended = true,
        .at_wall = world_wall(world, world_node(world, NODE_CHANGES)) - before_ns,
    };
    text_set(&change.author, author);
    change_feed_publish(world, &change);
}

void change_feed_start(struct world *world) {
    const struct plan_history *history = &world->plan->history;
    for (uint32_t i = 0; i < history->change_count; i++) {
        const struct plan_history_change *past = &history->changes[i];
        change_feed_past(world, past->service, past->kind, past->author, past->before_ns);
    }
}
