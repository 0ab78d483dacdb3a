/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TESTS_UNIT_PAYLOAD_CHECKS_H
#define TESTS_UNIT_PAYLOAD_CHECKS_H
/* What each service demands of a payload, read from its bytes alone: tests and the fuzzer ask it. A
 * check returns what is wrong, or NULL. */
#include "engine/base/text.h"
#include "engine/host/payload.h"

#include <jansson.h>

static inline const char *text_at(json_t *o, const char *key) {
    return json_string_value(json_object_get(o, key));
}
static inline size_t characters_at(json_t *o, const char *key) {
    const char *s = text_at(o, key);
    return s ? wording_characters(s) : 0;
}

/* What Slack would read as markup in a text: an unescaped <, or an & that begins no entity. */
static inline bool slack_safe(const char *s) {
    for (; s && *s; s++) {
        if (*s == '<' || *s == '>') return false;
        if (*s == '&' && strncmp(s, "&amp;", 5) != 0 && strncmp(s, "&lt;", 4) != 0 &&
            strncmp(s, "&gt;", 4) != 0)
            return false;
    }
    return true;
}

static inline const char *slack_text_wrong(json_t *text, size_t max) {
    if (strcmp(text_at(text, "type"), "plain_text") != 0) return "a text that knows markup";
    if (characters_at(text, "text") < 1) return "an empty text";
    if (characters_at(text, "text") > max) return "a text that is too long";
    return slack_safe(text_at(text, "text")) ? NULL : "an unescaped text";
}

static inline const char *slack_block_wrong(json_t *block) {
    json_t *text = json_object_get(block, "text"), *field;
    const char *type = text_at(block, "type"), *wrong = NULL;
    size_t k;
    if (!type) return "a block without a type";
    if (strcmp(type, "header") == 0) return slack_text_wrong(text, 150);
    if (strcmp(type, "actions") == 0) return NULL;
    if (strcmp(type, "section") != 0) return "a block that is none of ours";
    if (text) wrong = slack_text_wrong(text, 3000);
    json_t *fields = json_object_get(block, "fields");
    if (json_array_size(fields) > 10) return "more than 10 fields";
    json_array_foreach(fields, k, field) if (!wrong) wrong = slack_text_wrong(field, 2000);
    return wrong;
}

static inline const char *slack_wrong(const char *bytes, size_t len) {
    json_t *o = json_loadb(bytes, len, 0, NULL), *blocks = json_object_get(o, "blocks"), *block;
    const char *wrong = !o                                ? "no JSON"
                        : !slack_safe(text_at(o, "text")) ? "an unescaped notification"
                        : json_array_size(blocks) > 50    ? "more than 50 blocks"
                        : json_array_size(blocks) < 3     ? "too few blocks"
                                                          : NULL;
    size_t k;
    json_array_foreach(blocks, k, block) if (!wrong) wrong = slack_block_wrong(block);
    json_decref(o);
    return wrong;
}

static inline const char *pagerduty_wrong(const char *bytes, size_t len) {
    json_t *o = json_loadb(bytes, len, 0, NULL), *payload = json_object_get(o, "payload");
    const char *wrong = NULL, *action = text_at(o, "event_action");
    if (!o || !action || !text_at(o, "routing_key"))
        wrong = "no event";
    else if (characters_at(o, "dedup_key") < 1 || strlen(text_at(o, "dedup_key")) > 255)
        wrong = "a dedup_key that is none";
    else if (strcmp(action, "acknowledge") != 0 &&
             (characters_at(payload, "summary") < 1 || characters_at(payload, "summary") > 1024 ||
              characters_at(payload, "source") < 1 || !text_at(payload, "severity")))
        wrong = "a payload that lacks something, or is too long";
    json_decref(o);
    return wrong;
}

static inline const char *teams_wrong(const char *bytes, size_t len) {
    json_t *o = json_loadb(bytes, len, 0, NULL);
    json_t *card = json_object_get(json_array_get(json_object_get(o, "attachments"), 0), "content");
    json_t *line, *run;
    const char *wrong = !o || !card ? "no card" : len > 28 * 1024 ? "more than 28 KB" : NULL;
    size_t k, r;
    json_array_foreach(json_object_get(card, "body"), k, line) {
        if (strcmp(text_at(line, "type"), "RichTextBlock") != 0)
            wrong = "a text that knows Markdown";
        json_array_foreach(json_object_get(line, "inlines"), r, run) {
            if (strcmp(text_at(run, "type"), "TextRun") != 0 || !text_at(run, "text"))
                wrong = "a run that is none";
        }
    }
    json_decref(o);
    return wrong;
}

/* The names of headers in the order in which they have to stand; no other, none twice. */
static inline const char *mail_wrong(const char *bytes, size_t len) {
    static const char *const headers[] = {
        "From: ",       "To: ",           "Subject: ",      "Date: ",       "Message-ID: ",
        "References: ", "Auto-Submitted", "MIME-Version: ", "Content-Type", "Content-Transfer"};
    size_t next = 0, line = 0;
    bool in_body = false;
    for (size_t k = 0; k < len; k++) {
        unsigned char c = (unsigned char)bytes[k];
        if (c > '~' || (c < ' ' && c != '\r' && c != '\n')) return "a byte that is not ASCII";
        if (c == '\r' && (k + 1 == len || bytes[k + 1] != '\n')) return "CR without LF";
        if (c != '\n') continue;
        if (k == 0 || bytes[k - 1] != '\r') return "LF without CR";
        size_t length = k - 1 - line;
        if (length > 998) return "a line of more than 998";
        if (in_body && length > 76) return "a quoted line of more than 76";
        if (!in_body && length == 0)
            in_body = true;
        else if (!in_body && bytes[line] != ' ') {
            if (next == ARRAY_LEN(headers) ||
                strncmp(bytes + line, headers[next], strlen(headers[next])) != 0)
                return "a header that is none of ours";
            next++;
        }
        line = k + 1;
    }
    return in_body && next == ARRAY_LEN(headers) && line == len ? NULL : "not whole";
}

#endif
