/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names that would like to be markup, commands or formulas are names, in every form. */
#include "engine/base/diag.h"
#include "engine/base/text.h"
#include "tests/runner.h"
#include "tests/support/report_desk.h"
#include <jansson.h>
#include <libxml/parser.h>
#include <libxml/xpath.h>

static char ten_kilobytes[10241], ten_kilobytes_of_bars[10241];

static const char *const hostile[] = {
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
    ten_kilobytes,
    ten_kilobytes_of_bars,
};

static void break_it(struct tb *t, enum act act) {
    if (act == ACT_LOCKED) tb_granted(t, TB_S(15.5), 1, 6, SCOPE_SERVICE, TB_PAYMENT);
}

/* A run in which an invariant broke, and everything has that name. */
static void open_hostile(struct desk *d, const char *name) {
    struct tb_names names = {name, name, name, name, name, name};
    memset(ten_kilobytes, 'A', sizeof ten_kilobytes - 1);
    memset(ten_kilobytes_of_bars, '|', sizeof ten_kilobytes_of_bars - 1);
    desk_open(d);
    whole_story_named(desk_trace(d), &names, no_twist);
    desk_add(d, name);
    whole_story_named(desk_trace(d), &names, break_it);
    desk_add(d, name);
    CU_ASSERT_EQUAL_FATAL(d->verdicts[1].kind, VERDICT_FAIL);
}

/* Nothing but printable text and the ends of lines. */
static bool is_clean(const char *text, const char *allowed) {
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

static int longest_line(const char *text) {
    int longest = 0, points = 0;
    for (bool command = false; *text; text++) {
        if (strncmp(text, "  reproduce: ", 13) == 0) command = true; /* never folded */
        points += ((unsigned char)*text & 0xC0u) != 0x80u;
        if (*text != '\n') continue;
        if (!command && points - 1 > longest) longest = points - 1;
        points = 0;
        command = false;
    }
    return longest;
}

static void text_stays_within_its_lines(void) {
    static const int widths[] = {60, 80, 100, 200};
    for (size_t k = 0; k < ARRAY_LEN(hostile); k++) {
        struct desk d;
        open_hostile(&d, hostile[k]);
        for (size_t w = 0; w < ARRAY_LEN(widths); w++) {
            char *text = desk_text(&d, widths[w], false);
            CU_ASSERT_TRUE(is_clean(text, "\n"));
            CU_ASSERT_TRUE(longest_line(text) <= widths[w]);
            free(text);
        }
        desk_close(&d);
    }
}

static void json_holds_them_as_text(void) {
    for (size_t k = 0; k < ARRAY_LEN(hostile); k++) {
        struct desk d;
        open_hostile(&d, hostile[k]);
        char *text = desk_form(&d, report_json);
        json_t *json = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
        CU_ASSERT_FATAL(json != NULL);
        CU_ASSERT_TRUE(is_clean(text, "\n"));
        const json_t *run = json_array_get(json_object_get(json, "runs"), 1);
        CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(run, "scenario")),
                               d.facts[1].scenario);
        CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(run, "reproduce")),
                               d.report.runs[1].reproduce);
        json_decref(json);
        free(text);
        desk_close(&d);
    }
}

static size_t count_of(xmlDoc *doc, const char *path) {
    xmlXPathContext *context = xmlXPathNewContext(doc);
    xmlXPathObject *found = xmlXPathEval((const xmlChar *)path, context);
    size_t count = found && found->nodesetval ? (size_t)found->nodesetval->nodeNr : 0;
    xmlXPathFreeObject(found);
    xmlXPathFreeContext(context);
    return count;
}

static void junit_holds_them_as_attributes(void) {
    for (size_t k = 0; k < ARRAY_LEN(hostile); k++) {
        struct desk d;
        open_hostile(&d, hostile[k]);
        char *text = desk_form(&d, report_junit);
        xmlDoc *doc = xmlReadMemory(text, (int)strlen(text), "junit.xml", NULL, XML_PARSE_NONET);
        CU_ASSERT_FATAL(doc != NULL);
        CU_ASSERT_TRUE(is_clean(text, "\n"));
        CU_ASSERT_EQUAL(count_of(doc, "//testcase"), 2);
        CU_ASSERT_EQUAL(count_of(doc, "//failure"), 1);
        CU_ASSERT_EQUAL(count_of(doc, "//testcase//*"), 1);
        CU_ASSERT_EQUAL(count_of(doc, "//script | //img"), 0);
        xmlFreeDoc(doc);
        free(text);
        desk_close(&d);
    }
}

static void csv_keeps_cells_apart(void) {
    for (size_t k = 0; k < ARRAY_LEN(hostile); k++) {
        struct desk d;
        struct csv_line head = {0}, line = {0};
        uint32_t lines = 0;
        open_hostile(&d, hostile[k]);
        char *text = desk_form(&d, report_csv), *at = text;
        CU_ASSERT_TRUE(is_clean(text, "\r\n"));
        CU_ASSERT_FATAL(csv_next(&at, &head));
        for (; csv_next(&at, &line); lines++) {
            CU_ASSERT_EQUAL(line.count, head.count);
            for (uint32_t c = 0; c < line.count; c++)
                CU_ASSERT_TRUE(line.cell[c][0] == '\0' || !strchr("=+-@", line.cell[c][0]));
            const char *scenario = csv_cell(&head, &line, "scenario");
            CU_ASSERT_STRING_EQUAL(scenario + (scenario[0] == '\'' && hostile[k][0] != '\''),
                                   d.facts[0].scenario);
        }
        CU_ASSERT_EQUAL(lines, 2);
        CU_ASSERT_STRING_EQUAL(at, "");
        free(text);
        desk_close(&d);
    }
}

/* Of a line of Markdown: bars that part cells. */
static int bars_of(const char *line) {
    int bars = 0;
    for (; *line && *line != '\n'; line++) {
        if (*line == '\\' && line[1])
            line++;
        else
            bars += *line == '|';
    }
    return bars;
}

static void markdown_makes_nothing_of_them(void) {
    for (size_t k = 0; k < ARRAY_LEN(hostile); k++) {
        struct desk d;
        bool code = false;
        int bars = -1;
        size_t fence = 0;
        open_hostile(&d, hostile[k]);
        char *text = desk_form(&d, report_markdown);
        CU_ASSERT_TRUE(is_clean(text, "\n"));
        for (const char *line = text; *line; line += strcspn(line, "\n"), line += *line == '\n') {
            size_t ticks = strspn(line, "`"), len = strcspn(line, "\n");
            if (ticks >= 3 && (!code || (ticks >= fence && ticks == len))) {
                code = !code;
                fence = ticks;
            } else if (!code) {
                CU_ASSERT_TRUE(strcspn(line, "<>") >= len);
                if (line[0] == '|') {
                    if (bars < 0) bars = bars_of(line);
                    CU_ASSERT_EQUAL(bars_of(line), bars);
                }
            }
        }
        CU_ASSERT_FALSE(code);
        CU_ASSERT_TRUE(bars > 0);
        free(text);
        desk_close(&d);
    }
}

TEST_MAIN("forms of hostile names", TEST(text_stays_within_its_lines),
          TEST(json_holds_them_as_text), TEST(junit_holds_them_as_attributes),
          TEST(csv_keeps_cells_apart), TEST(markdown_makes_nothing_of_them))
