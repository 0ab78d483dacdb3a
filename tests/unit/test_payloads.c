/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Messages as the four services take them: examples byte by byte, limits, hostile names. */
#include "tests/runner.h"
#include "tests/unit/payload_checks.h"
#include <stdio.h>
#include <stdlib.h>

static char out[PAYLOAD_MAX];
static struct eff_notify notify;
static const struct mail_addresses addresses = {"firedrill@example.com",
                                                "ops@example.com, lead@example.com"};

static struct told question(void) {
    notify = (struct eff_notify){.message = (INT64_C(1) << 40) + 7,
                                 .form = FORM_CONFIRM,
                                 .severity = SEVERITY_CRITICAL,
                                 .reason = REASON_GATE,
                                 .service = {1},
                                 .incident = {UINT64_C(1) << 32 | 3},
                                 .op = {UINT64_C(1) << 32 | 4},
                                 .level = 1,
                                 .channels = 15,
                                 .attempt = 1,
                                 .held_back = 2};
    memset(notify.plan.b, 0xAB, sizeof notify.plan.b);
    text_set(&notify.body, "failed / all requests over the window");
    return (struct told){.notify = &notify,
                         .service = "payment",
                         .engine = "firedrill-0",
                         .link = "https://ops.example.com/incidents/3",
                         .wall = INT64_C(1767603600) * NS_PER_S};
}

/* ---- examples ---- */

static void is_as_kept(const char *name, const char *bytes, size_t len) {
    char path[256], kept[PAYLOAD_MAX];
    snprintf(path, sizeof path, "%s/tests/payloads/%s", FIREDRILL_SOURCE_DIR, name);
    if (getenv("FIREDRILL_BLESS")) {
        FILE *file = fopen(path, "wb");
        CU_ASSERT_FATAL(file && fwrite(bytes, 1, len, file) == len);
        fclose(file);
    }
    FILE *file = fopen(path, "rb");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    size_t kept_len = fread(kept, 1, sizeof kept, file);
    fclose(file);
    CU_ASSERT_EQUAL(kept_len, len);
    CU_ASSERT_EQUAL(memcmp(kept, bytes, len), 0);
}

static void a_question_as_each_service_takes_it(void) {
    struct told told = question();
    is_as_kept("slack.json", out, slack_payload(&told, "#ops", out, sizeof out));
    is_as_kept("pagerduty.json", out, pagerduty_payload(&told, "R0UT1NGKEY", out, sizeof out));
    is_as_kept("teams.json", out, teams_payload(&told, out, sizeof out));
    is_as_kept("mail.eml", out, mail_payload(&told, addresses, out, sizeof out));
}

static void one_alert_an_incident(void) {
    struct told told = question();
    pagerduty_payload(&told, "key", out, sizeof out);
    CU_ASSERT_PTR_NOT_NULL(strstr(out, "\"event_action\":\"trigger\",\"dedup_key\":\"firedrill-0-"
                                       "incident-0000000100000003\""));
    notify.reason = REASON_RESOLVED;
    notify.message++;
    pagerduty_payload(&told, "key", out, sizeof out);
    CU_ASSERT_PTR_NOT_NULL(strstr(out, "\"event_action\":\"resolve\",\"dedup_key\":\"firedrill-0-"
                                       "incident-0000000100000003\""));
    pagerduty_acknowledge(&told, "key", out, sizeof out);
    CU_ASSERT_STRING_EQUAL(out, "{\"routing_key\":\"key\",\"event_action\":\"acknowledge\","
                                "\"dedup_key\":\"firedrill-0-incident-0000000100000003\"}");
    notify.incident.v = 0;
    notify.reason = REASON_CHAIN_BROKEN;
    pagerduty_payload(&told, "key", out, sizeof out);
    CU_ASSERT_PTR_NOT_NULL(strstr(out, "\"dedup_key\":\"firedrill-0-chain-broken\""));
    CU_ASSERT_EQUAL(pagerduty_payload(&told, "", out, sizeof out), 0);
    CU_ASSERT_EQUAL(pagerduty_acknowledge(&told, NULL, out, sizeof out), 0);
}

/* Each of ours is one of their four; an address that is no UTF-8 is none. */
static void severities_and_addresses(void) {
    static const char *const theirs[SEVERITY_COUNT] = {"info", "warning", "error", "critical"};
    struct told told = question();
    for (int k = 0; k < SEVERITY_COUNT; k++) {
        char expected[40];
        snprintf(expected, sizeof expected, "\"severity\":\"%s\"", theirs[k]);
        notify.severity = k;
        CU_ASSERT_TRUE(pagerduty_payload(&told, "key", out, sizeof out) > 0);
        CU_ASSERT_PTR_NOT_NULL(strstr(out, expected));
    }
    CU_ASSERT_EQUAL(pagerduty_payload(&told, "\xFF\xFE", out, sizeof out), 0);
    CU_ASSERT_EQUAL(slack_payload(&told, "#\xFF", out, sizeof out), 0);
}

/* ---- templates ---- */

static void a_template_says_it_in_its_words(void) {
    static const struct policy_template list[] = {
        {"default", "d", "d"},
        {"CRITICAL", "c", NULL},
        {"gate", "{{{service}}} {severity} {nothing} {level}", "{body}: {held_back}, {meaning}"}};
    struct told told = question();
    struct wording w;
    told.templates = (struct policy_templates){3, list};
    wording_of(&told, &w);
    CU_ASSERT_STRING_EQUAL(w.title, "{payment} CRITICAL {nothing} 1");
    CU_ASSERT_STRING_EQUAL(
        w.body, "failed / all requests over the window: 2, a gate whose action is pause");
    told.templates.count = 2;
    wording_of(&told, &w);
    CU_ASSERT_STRING_EQUAL(w.title, "c");
    CU_ASSERT_PTR_NOT_NULL(strstr(w.body, "2 more like it before were held back"));
    told.templates.count = 1;
    wording_of(&told, &w);
    CU_ASSERT_STRING_EQUAL(w.body, "d");
}

/* ---- limits and hostile names ---- */

static const char *all_wrong(const struct told *told) {
    size_t len = slack_payload(told, "#ops", out, sizeof out);
    const char *wrong = slack_wrong(out, len);
    if (wrong) return wrong;
    len = pagerduty_payload(told, "key", out, sizeof out);
    wrong = pagerduty_wrong(out, len);
    if (wrong) return wrong;
    len = teams_payload(told, out, sizeof out);
    wrong = teams_wrong(out, len);
    if (wrong) return wrong;
    len = mail_payload(told, addresses, out, sizeof out);
    return mail_wrong(out, len);
}

static void whatever_the_name_it_stays_a_name(void) {
    static const char *const names[] = {
        "",
        "<!channel> <@U123> <https://evil.example|click>",
        "*bold* _it_ `code` ~no~ [link](http://evil.example) # head\n- list",
        "x\r\nBcc: victim@example.com\r\n\r\nbody",
        "\"}],\"blocks\":[{\"type\":\"section\"",
        "=?UTF-8?B?ZXZpbA==?=",
        "\xE2\x80\xAEtxt.exe\xE2\x81\xA6", /* NOLINT(misc-misleading-bidirectional): it is */
        "\xFF\xFE\x80 broken \xC3",
        "zahlung-\xC3\xBC\xC3\xA4 \xE6\x94\xAF\xE6\x89\x95 \xF0\x9F\x94\xA5",
        "\x01\x02\x1B[31m\x7F\xC2\x85",
        ".\n.\nFrom me",
        "&amp; & &lt;"};
    for (size_t k = 0; k < ARRAY_LEN(names); k++) {
        struct told told = question();
        told.service = names[k];
        text_set(&notify.body, names[k]);
        const char *wrong = all_wrong(&told);
        if (wrong) printf("\n  %s: %s\n", names[k], wrong);
        CU_ASSERT_PTR_NULL(wrong);
        told.engine = names[k];
        told.link = names[k];
        CU_ASSERT_PTR_NULL(all_wrong(&told));
    }
}

static void however_long_it_fits(void) {
    static char name[20000];
    static const char *const units[] = {"a",  "<",    "\xC3\xBC", "\xF0\x9F\x94\xA5",
                                        "\n", "\x01", " "};
    for (size_t k = 0; k < ARRAY_LEN(units); k++) {
        struct writer w = writer_of(name, sizeof name - 1); /* and its end */
        while (!w.overflow) write_text(&w, units[k]);
        struct told told = question();
        const struct policy_template every = {"default", name, name};
        told.templates = (struct policy_templates){1, &every};
        told.service = told.engine = name;
        const char *wrong = all_wrong(&told);
        if (wrong) printf("\n  many %s: %s\n", units[k], wrong);
        CU_ASSERT_PTR_NULL(wrong);
    }
}

/* Cut by characters, never inside of one, and it says so. */
static void a_cut_text_ends_in_dots(void) {
    char s[16];
    CU_ASSERT_EQUAL(wording_clean(s, sizeof s, "abcdef", 6, 6), 6);
    wording_clean(s, sizeof s, "abcdefg", 7, 6);
    CU_ASSERT_STRING_EQUAL(s, "abc...");
    wording_clean(s, 8, "\xC3\xBC\xC3\xBC\xC3\xBC\xC3\xBC", 8, 9);
    CU_ASSERT_STRING_EQUAL(s, "\xC3\xBC\xC3\xBC...");
    wording_clean(s, 1, "abc", 3, 9);
    CU_ASSERT_STRING_EQUAL(s, "");
}

static void too_small_a_room_gives_nothing(void) {
    struct told told = question();
    size_t len = slack_payload(&told, NULL, out, sizeof out);
    CU_ASSERT_EQUAL(slack_payload(&told, NULL, out, len), 0);
    CU_ASSERT_EQUAL(slack_payload(&told, NULL, out, len + 1), len);
    len = mail_payload(&told, addresses, out, sizeof out);
    CU_ASSERT_EQUAL(mail_payload(&told, addresses, out, len), 0);
    CU_ASSERT_EQUAL(mail_payload(&told, addresses, out, len + 1), len);
    CU_ASSERT_EQUAL(teams_payload(&told, out, 100), 0);
}

/* ---- mail ---- */

static void an_address_is_no_header(void) {
    static const char *const bad[] = {
        "",      "a",    "@x",   "a@",       "a@b@c",   "a b@x",     "a@x\r\nBcc: v@x",
        "<a@x>", "a@x,", ",a@x", "a@x,,b@x", "a@x;b@x", "\xC3\xBC@x"};
    struct told told = question();
    for (size_t k = 0; k < ARRAY_LEN(bad); k++) {
        CU_ASSERT_EQUAL(
            mail_payload(&told, (struct mail_addresses){"a@x", bad[k]}, out, sizeof out), 0);
        CU_ASSERT_EQUAL(
            mail_payload(&told, (struct mail_addresses){bad[k], "a@x"}, out, sizeof out), 0);
    }
    CU_ASSERT_EQUAL(mail_payload(&told, (struct mail_addresses){"a@x,b@x", "a@x"}, out, sizeof out),
                    0);
}

static unsigned digit(char c) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    return (unsigned)(strchr(digits, c) - digits);
}

/* A reader's way back: encoded words put together, each of them valid UTF-8 by itself. */
static void decode_subject(const char *mail, char *subject) {
    const char *s = strstr(mail, "\r\nSubject: ") + 11, *end = strstr(s, "\r\nDate: ");
    while (s < end) {
        CU_ASSERT_EQUAL_FATAL(strncmp(s, "=?UTF-8?B?", 10), 0);
        const char *close = strstr(s += 10, "?=");
        CU_ASSERT_TRUE(close - s <= 75 - 12);
        char *begin = subject;
        for (; s < close; s += 4) {
            unsigned bits = digit(s[0]) << 18 | digit(s[1]) << 12;
            *subject++ = (char)(bits >> 16);
            if (s[2] == '=') continue;
            bits |= digit(s[2]) << 6;
            *subject++ = (char)(bits >> 8);
            if (s[3] == '=') continue;
            *subject++ = (char)(bits | digit(s[3]));
        }
        for (const char *c = begin; c < subject;) {
            size_t sequence = utf8_sequence(c, (size_t)(subject - c));
            CU_ASSERT_TRUE_FATAL(sequence > 0);
            c += sequence;
        }
        s = close + 2;
        s += strspn(s, "\r\n ");
    }
    *subject = '\0';
}

/* Soft breaks out, =XX back. */
static void decode_body(const char *mail, char *body) {
    const char *s = strstr(mail, "\r\n\r\n") + 4;
    while (*s) {
        unsigned byte;
        if (strncmp(s, "=\r\n", 3) == 0) {
            s += 3;
        } else if (*s == '=' && sscanf(s + 1, "%2X", &byte) == 1) {
            *body++ = (char)byte;
            s += 3;
        } else {
            if (*s != '\r') *body++ = *s;
            s++;
        }
    }
    *body = '\0';
}

static void what_was_encoded_reads_back(void) {
    static char subject[4096], body[PAYLOAD_MAX];
    static const char *const texts[] = {
        "\xE6\x94\xAF\xE6\x89\x95 \xF0\x9F\x94\xA5 zahlung-\xC3\xBC, again and again and again",
        "a = b, trailing \n.dot\nFrom me, and a line that is a good deal longer than one may be",
        "=?UTF-8?B?ZXZpbA==?= and the rest of a title that cannot stand as it is in one line"};
    for (size_t k = 0; k < ARRAY_LEN(texts); k++) {
        struct told told = question();
        const struct policy_template every = {"default", "\xC3\x9C {body}", "{body}\n\n{body}"};
        told.templates = (struct policy_templates){1, &every};
        text_set(&notify.body, texts[k]);
        struct wording w;
        wording_of(&told, &w);
        CU_ASSERT_PTR_NULL(mail_wrong(out, mail_payload(&told, addresses, out, sizeof out)));
        decode_subject(out, subject);
        CU_ASSERT_STRING_EQUAL(subject, w.title);
        decode_body(out, body);
        CU_ASSERT_EQUAL(strncmp(body, w.body, strlen(w.body)), 0);
    }
}

TEST_MAIN("host: payloads", TEST(a_question_as_each_service_takes_it), TEST(one_alert_an_incident),
          TEST(severities_and_addresses), TEST(a_template_says_it_in_its_words),
          TEST(whatever_the_name_it_stays_a_name), TEST(however_long_it_fits),
          TEST(a_cut_text_ends_in_dots), TEST(too_small_a_room_gives_nothing),
          TEST(an_address_is_no_header), TEST(what_was_encoded_reads_back))
