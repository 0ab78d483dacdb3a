/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/world/app_parts.h"

/* What logs and traces know: each failed visit leaves a line with where it began. The newest lines
 * are kept, whatever the services. */

void observe_open(struct app *app, struct arena *arena) {
    app->log = ARENA_NEW(arena, struct app_log_line, APP_LOG_LINES);
    app->tally = ARENA_NEW(arena, uint32_t, app->service_count);
}

void observe_failure(struct app *app, uint32_t service, enum app_code code, uint32_t origin,
                     uint32_t fault) {
    app->log[app->log_count++ % APP_LOG_LINES] = (struct app_log_line){
        .at = sim_now(app->sim),
        .service = service,
        .origin = origin,
        .fault = fault,
        .code = (uint8_t)code,
    };
}

/* Walks the lines of a service from the newest back to the window's begin. */
struct lines {
    const struct app *app;
    uint64_t next, end; /* by number of line, downwards */
    time_ns after;
    uint32_t service;
};

static struct lines lines_of(const struct app *app, uint32_t service, time_ns window_ns) {
    uint64_t count = app->log_count;
    return (struct lines){
        .app = app,
        .next = count,
        .end = count > APP_LOG_LINES ? count - APP_LOG_LINES : 0,
        .after = time_add(sim_now(app->sim), -window_ns),
        .service = service,
    };
}

static const struct app_log_line *lines_next(struct lines *l) {
    while (l->next > l->end) {
        const struct app_log_line *line = &l->app->log[--l->next % APP_LOG_LINES];
        if (line->at <= l->after) break;
        if (line->service == l->service) return line;
    }
    return NULL;
}

void app_log(const struct app *app, struct svc_id service, time_ns window_ns, struct app_log *out) {
    uint64_t by_fault[PLAN_DEFECTS_MAX] = {0}, uncaused = 0;
    *out = (struct app_log){.top_fault = APP_NONE};
    struct lines lines = lines_of(app, service.v, window_ns);
    for (const struct app_log_line *line; (line = lines_next(&lines));) {
        if (!app_own((enum app_code)line->code)) continue;
        out->own_failures++;
        if (line->fault == APP_NONE)
            uncaused++;
        else
            by_fault[line->fault]++;
    }
    out->top_count = uncaused;
    for (uint32_t f = 0; f < PLAN_DEFECTS_MAX; f++) {
        if (by_fault[f] <= out->top_count) continue;
        out->top_count = by_fault[f];
        out->top_fault = f;
    }
}

struct svc_id app_trace_culprit(const struct app *app, struct svc_id service, time_ns window_ns,
                                int64_t *share_ppm, uint64_t *count) {
    uint64_t all = 0;
    struct lines lines = lines_of(app, service.v, window_ns);
    for (const struct app_log_line *line; (line = lines_next(&lines)); all++)
        app->tally[line->origin]++;
    uint32_t culprit = APP_NONE, most = 0;
    lines = lines_of(app, service.v, window_ns);
    for (const struct app_log_line *line; (line = lines_next(&lines));) {
        uint32_t origin = line->origin, n = app->tally[origin];
        if (n > most || (n == most && n > 0 && origin < culprit)) {
            most = n;
            culprit = origin;
        }
        app->tally[origin] = 0;
    }
    *count = most;
    *share_ppm = all > 0 ? ppm_of(most, (int64_t)all) : 0;
    return (struct svc_id){culprit};
}
