/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as an exported audit log, and as its checkpoints: read, verified, asked, handed on.
 * What was read goes out as it came in, so that its export verifies just as it does. */
#include "engine/base/check.h"
#include "sim/run/audit_forms.h"
#include <stdlib.h>

static FILE *nowhere(void) {
    static FILE *out;
    if (!out) out = fopen("/dev/null", "w");
    return out;
}

static void ask(const struct audit_log *log) {
    struct audit_query q = {.category = CATEGORY_DEPLOYMENT,
                            .least_severity = SEVERITY_INFO,
                            .service = 1,
                            .operation = -1,
                            .actor = "engine",
                            .since = 0,
                            .until = INT64_MAX};
    for (uint32_t k = 0; k < log->count; k++)
        if (audit_log_matches(&log->lines[k], &q)) audit_write_row(log, &log->lines[k], nowhere());
    audit_write_statistics(log, nowhere());
    audit_write_chain(log, nowhere());
    audit_write_elasticsearch(log, nowhere());
    audit_write_loki(log, nowhere());
    audit_write_checkpoints(log, nowhere());
}

static void go_round(struct arena *arena, const struct audit_log *log) {
    struct audit_finding found, again;
    struct audit_log back = {0};
    struct diags diags = {0};
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    ASSERT(out);
    audit_write_chain(log, out);
    fclose(out);
    bool read = audit_log_lines(&back, arena, "back", text, len, &diags);
    struct audit_log bare = *log;
    bare.checkpoint_count = 0;
    audit_log_verify(&bare, &found);
    if (read && back.count == log->count) {
        audit_log_verify(&back, &again);
        ASSERT(found.flaw == again.flaw || found.flaw == FLAW_TORN || again.flaw == FLAW_TORN);
        ASSERT(found.first_bad == again.first_bad);
    }
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena arena;
    struct diags diags = {0};
    struct audit_log log = {.engine_name = ""};
    struct audit_finding found;
    const char *bytes = (const char *)data;
    arena_open(&arena);
    if (audit_log_lines(&log, &arena, "fuzz", bytes, size, &diags)) {
        (void)audit_log_checkpoints(&log, &arena, "fuzz", bytes, size, NULL, &diags);
        audit_log_verify(&log, &found);
        ask(&log);
        go_round(&arena, &log);
    }
    arena_close(&arena);
    return 0;
}
