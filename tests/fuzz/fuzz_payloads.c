/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as names, texts and templates: each payload is one that its service takes. */
#include "engine/base/check.h"
#include "tests/unit/payload_checks.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static char names[3][8192], out[PAYLOAD_MAX];
    struct eff_notify notify = {.message = 1, .severity = size % SEVERITY_COUNT};
    if (size < 4) return 0;
    notify.reason = data[0] % REASON_COUNT;
    notify.form = data[1] % FORM_COUNT;
    size_t third = (size - 2) / 3;
    for (int k = 0; k < 3; k++) {
        size_t len = third < sizeof names[k] ? third : sizeof names[k] - 1;
        memcpy(names[k], data + 2 + (size_t)k * third, len);
        names[k][len] = '\0';
    }
    text_setn(&notify.body, names[1], strlen(names[1]));
    const struct policy_template every = {"default", names[2], names[1]};
    struct told told = {.notify = &notify,
                        .service = names[0],
                        .engine = names[1],
                        .link = names[2],
                        .wall = NS_PER_S,
                        .templates = {data[0] & 1, &every}};
    size_t len = slack_payload(&told, names[2], out, sizeof out);
    ASSERT(len == 0 || slack_wrong(out, len) == NULL);
    len = slack_payload(&told, NULL, out, sizeof out);
    ASSERT(slack_wrong(out, len) == NULL);
    len = pagerduty_payload(&told, "key", out, sizeof out);
    ASSERT(pagerduty_wrong(out, len) == NULL);
    len = teams_payload(&told, out, sizeof out);
    ASSERT(teams_wrong(out, len) == NULL);
    len = mail_payload(&told, (struct mail_addresses){"a@b", "c@d"}, out, sizeof out);
    ASSERT(mail_wrong(out, len) == NULL);
    len = mail_payload(&told, (struct mail_addresses){"a@b", names[0]}, out, sizeof out);
    ASSERT(len == 0 || mail_wrong(out, len) == NULL);
    return 0;
}
