/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef ENGINE_HOST_PAYLOAD_H
#define ENGINE_HOST_PAYLOAD_H
/*
 * A message of the engine as each of the four services takes it. Sending it, and telling the engine
 * what became of it (notify_ack), is the host's. All that is not ours (names, texts) is data to
 * each form: nothing in it becomes markup, a mention, a link or a header.
 *
 * Each writes at most size bytes and a terminating zero, and returns the length; 0 when it does not
 * fit, or an address is none. PAYLOAD_MAX bytes always suffice.
 */
#include "engine/host/wording.h"

#define PAYLOAD_MAX 65536

/* Slack, Block Kit by an incoming webhook or chat.postMessage (docs.slack.dev, "Block Kit"): at
 * most 50 blocks, 150 characters in a header, 3000 in a section's text, 2000 in a field, 10 fields.
 * Texts are plain_text objects, which know no markup; the text for notifications is mrkdwn, with &,
 * < and > escaped. channel: "#ops" or an id; NULL: the webhook's own. */
size_t slack_payload(const struct told *told, const char *channel, char *out, size_t size);

/* PagerDuty, Events API v2 (developer.pagerduty.com, "Send an Alert Event"): summary at most 1024
 * characters, dedup_key at most 255. One key an incident: a message that it is resolved resolves
 * the alert that others triggered. */
size_t pagerduty_payload(const struct told *told, const char *routing_key, char *out, size_t size);
/* That a person looks into it, for the same alert. */
size_t pagerduty_acknowledge(const struct told *told, const char *routing_key, char *out,
                             size_t size);

/* Microsoft Teams, an Adaptive Card 1.4 by a webhook (learn.microsoft.com, "Create incoming
 * webhooks"): at most 28 KB. Texts are TextRuns, which know no Markdown, unlike TextBlocks and
 * facts. */
#define TEAMS_BYTES_MAX (28 * 1024)
size_t teams_payload(const struct told *told, char *out, size_t size);

/* A mail: RFC 5322 with MIME (RFC 2045, 2047), lines end in CRLF and have at most 78 characters.
 * Replies to the first of its incident, so that a reader shows them together; automatic by RFC
 * 3834. from, to: plain addresses in ASCII, "ops@example.com"; several in to are separated by
 * commas. */
struct mail_addresses {
    const char *from, *to;
};
size_t mail_payload(const struct told *told, struct mail_addresses addresses, char *out,
                    size_t size);

#endif
