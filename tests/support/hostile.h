/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TESTS_SUPPORT_HOSTILE_H
#define TESTS_SUPPORT_HOSTILE_H
/* Names that would like to be markup, commands, formulas or a mess on a terminal; and whether a
 * form made something of them. */
#include "engine/base/text.h"
#include "reports/forms/width.h"
#include "tests/runner.h"
#include <string.h>

static const char *const hostile_names[] = {
    "<script>alert(1)</script>",
    "'\"><img src=x onerror=alert(1)>",
    "one\nline\r\nand another\tand a tab",
    "\033[2J\033[31mred\033]0;title\a\033P",
    "C1: \xC2\x9B[31m",
    "]]><failure message=\"no\"/><![CDATA[",
    "&amp; &#60; %s %n %99999d",
    "| a | b |\n|---|---|",
    "```\nfence\n```` # not a heading",
    "[a link](https://example.org) ![x](y) *b* _e_ @everyone #1",
    "=HYPERLINK(\"https://example.org\")",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "-1,+2;\"quoted\", and more",
    "emoji \xF0\x9F\x94\xA5\xF0\x9F\x9A\x92 and \xE7\x81\xAB\xE4\xBA\x8B",
    "no UTF-8: \xFF\xFE\xC0\xAF\xED\xA0\x80 \xF0\x9F",
    "noncharacters \xEF\xBF\xBE \xEF\xBF\xBF",
    "../../etc/passwd; $(reboot) `reboot`",
    "\xE7\x81\xAB\xE4\xBA\x8B\xE7\x81\xAB\xE4\xBA\x8B\xEF\xBC\xA1\xF0\x9F\x94\xA5",
    "combining e\xCC\x81\xCC\x81\xCC\x81\xCC\x81 and \xE2\x80\x8D joined",
    NULL, /* 10 KB of A, and of | */
    NULL,
};
#define HOSTILE_NAMES ARRAY_LEN(hostile_names)

static inline const char *hostile_name(size_t k) {
    static char letters[10241];
    if (hostile_names[k]) return hostile_names[k];
    memset(letters, k + 1 < HOSTILE_NAMES && !hostile_names[k + 1] ? 'A' : '|', sizeof letters - 1);
    return letters;
}

/* Nothing but printable text and the ends of lines. */
static inline bool is_clean(const char *text, const char *allowed) {
    size_t len = strlen(text);
    while (len > 0) {
        size_t used = utf8_sequence(text, len);
        uint8_t c = (uint8_t)*text;
        bool control = c < 0x20 || c == 0x7F || (c == 0xC2 && (uint8_t)text[1] < 0xA0);
        if (used == 0 || (control && !strchr(allowed, c))) return false;
        text += used;
        len -= used;
    }
    return true;
}

/* In columns of a terminal. */
static inline int longest_line(const char *text) {
    int longest = 0;
    for (; *text; text += strcspn(text, "\n"), text += *text == '\n') {
        char line[16384];
        const char *word = text + strspn(text, " ");
        snprintf(line, sizeof line, "%.*s", (int)strcspn(text, "\n"), text);
        if (strncmp(word, "reproduce: ", 11) == 0) continue; /* to be copied: never folded */
        if (columns_of(line) > longest) longest = columns_of(line);
    }
    return longest;
}

/* Of a line of Markdown: bars that part cells. */
static inline int bars_of(const char *line) {
    int bars = 0;
    for (; *line && *line != '\n'; line++) {
        if (*line == '\\' && line[1])
            line++;
        else
            bars += *line == '|';
    }
    return bars;
}

/* Tables of one width each, nothing of HTML outside of code, every fence closed. */
static inline void markdown_is_harmless(const char *text, int tables) {
    bool code = false;
    int bars = -1, seen = 0;
    size_t fence = 0;
    for (const char *line = text; *line; line += strcspn(line, "\n"), line += *line == '\n') {
        size_t ticks = strspn(line, "`"), len = strcspn(line, "\n");
        if (ticks >= 3 && (!code || (ticks >= fence && ticks == len))) {
            code = !code;
            fence = ticks;
        } else if (!code) {
            CU_ASSERT_TRUE(strcspn(line, "<>") >= len);
            if (line[0] != '|') {
                bars = -1;
                continue;
            }
            if (bars < 0) bars = bars_of(line), seen++;
            CU_ASSERT_EQUAL(bars_of(line), bars);
        }
    }
    CU_ASSERT_FALSE(code);
    CU_ASSERT_EQUAL(seen, tables);
}

#endif
