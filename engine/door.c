/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/core.h"

/*
 * What comes in from outside is data, whoever sent it: looked at once, here, before any part sees
 * it. A word has to be in its table, a length within its room, a time or a figure small enough that
 * sums and differences of two fit 64 bits, a service one that the graph knows. What is not so is
 * refused, and the refusal is traced. Ids of operations, incidents, requests and messages are free:
 * whoever looks one up finds nothing.
 */

#define FAR (INT64_C(1) << 61) /* of a time: the year 2043; of a figure: more than any */

struct range {
    enum input_kind kind;
    size_t offset; /* of an INT field */
    int64_t low, high;
    const char *what;
};
#define RANGE(input, field, low, high)                                                             \
    { IN_##input, offsetof(struct eng_input, input.field), low, high, #input ": " #field }
#define WORD(input, field, COUNT) RANGE(input, field, 0, COUNT - 1)
#define FROM_ZERO(input, field)   RANGE(input, field, 0, FAR)
#define DURATION(input, field)                                                                     \
    RANGE(input, field, 0, TIME_NEVER) /* never added to, but by time_add */

static const struct range ranges[] = {
    RANGE(recovered, incarnation, 0, UINT16_MAX),
    FROM_ZERO(recovered, sequence),
    FROM_ZERO(past_operation, ended_wall),
    WORD(alert, symptom, SYMPTOM_COUNT),
    FROM_ZERO(alert, active_since_wall),
    WORD(query_result, kind, VALUE_COUNT),
    RANGE(query_result, micro, -FAR, FAR),
    RANGE(query_result, pod, -1, UINT32_MAX),
    WORD(evidence, source, SOURCE_COUNT),
    WORD(evidence, reply, REPLY_COUNT),
    RANGE(evidence, culprit_share_ppm, 0, PPM_ONE),
    FROM_ZERO(evidence, line),
    WORD(change, kind, OPKIND_COUNT),
    FROM_ZERO(change, at_wall),
    WORD(patch_reply, reply, REPLY_COUNT),
    FROM_ZERO(patch_reply, size_lines),
    DURATION(patch_reply, retry_after_ns),
    WORD(check_results, reply, REPLY_COUNT),
    FROM_ZERO(check_results, tests_run),
    FROM_ZERO(check_results, tests_failed),
    WORD(lock_reply, result, LOCK_REPLY_COUNT),
    DURATION(lock_reply, expires_in_ns),
    RANGE(lock_reply, place, 0, UINT32_MAX),
    FROM_ZERO(registry_snapshot, number),
    WORD(deployment, status, DEPLOY_COUNT),
    RANGE(deployment, pods_total, 0, UINT32_MAX),
    FROM_ZERO(deployment, drained),
    RANGE(notify_ack, channels, 0, (1 << CHANNEL_COUNT) - 1),
    WORD(person_decision, answer, ANSWER_COUNT),
    FROM_ZERO(person_decision, issued_wall),
    WORD(person_command, command, COMMAND_COUNT),
    WORD(person_command, severity, SEVERITY_COUNT),
    FROM_ZERO(person_command, issued_wall),
    WORD(audit_ack, result, AUDIT_REPLY_COUNT),
    FROM_ZERO(audit_ack, sequence),
    WORD(audit_record, result, AUDIT_REPLY_COUNT),
    FROM_ZERO(audit_record, sequence),
    FROM_ZERO(checkpoint, sequence),
};

static const struct {
    enum input_kind kind;
    size_t offset; /* of a SVC field that is looked up in the graph */
} known_services[] = {
    {IN_past_operation, offsetof(struct eng_input, past_operation.service)},
    {IN_alert, offsetof(struct eng_input, alert.service)},
    {IN_change, offsetof(struct eng_input, change.service)},
};

/* clang-format off */
#define FITS_INT(v)     true
#define FITS_BOOL(v)    true
#define FITS_SVC(v)     true
#define FITS_REV(v)     true
#define FITS_INC(v)     true
#define FITS_OP(v)      true
#define FITS_PERSON(v)  true
#define FITS_HASH(v)    true
#define FITS_TEXT(v)    ((v).len <= TEXT_MAX)
#define FITS_BLOB(v)    ((v).len <= BLOB_MAX)
#define FITS_INTENTS(v) ((v).count <= INTENTS_MAX)
#define F(name, type) && FITS_##type(it->name)
#define INPUT(name, meaning, fields) case IN_##name: { const struct in_##name *it = &input->name; (void)it; return true fields; }
static bool lengths_fit(const struct eng_input *input) {
    switch (input->kind) {
#include "engine/words/input.def"
    default: return false;
    }
}
#undef INPUT
#undef F
/* clang-format on */

static bool in_range(const struct eng_input *input, const struct range *r) {
    int64_t value;
    memcpy(&value, (const uint8_t *)input + r->offset, sizeof value);
    return r->low <= value && value <= r->high;
}

static bool service_known(const struct engine *e, const struct eng_input *input, size_t offset) {
    struct svc_id service;
    memcpy(&service, (const uint8_t *)input + offset, sizeof service);
    return service.v < e->graph.service_count;
}

const char *door_refuses(const struct engine *e, const struct eng_input *input) {
    if ((uint32_t)input->kind >= IN_COUNT) return "an unknown kind of input";
    if (e->started == (input->kind == IN_recovered)) return "recovered comes first, and once";
    if (input->wall < 0 || input->wall > FAR || input->mono < 0 || input->mono > FAR)
        return "a clock that is out of range";
    if (!lengths_fit(input)) return "an input longer than its room";
    for (size_t k = 0; k < ARRAY_LEN(ranges); k++)
        if (ranges[k].kind == input->kind && !in_range(input, &ranges[k])) return ranges[k].what;
    for (size_t k = 0; k < ARRAY_LEN(known_services); k++)
        if (known_services[k].kind == input->kind &&
            !service_known(e, input, known_services[k].offset))
            return "a service that the graph does not know";
    return NULL;
}
