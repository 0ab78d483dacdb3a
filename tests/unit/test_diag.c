/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/base/diag.h"
#include "tests/runner.h"
#include <stdlib.h>

static void the_worse_status_wins(void) {
    static const enum status worst_first[] = {STATUS_BUG, STATUS_BAD_INPUT, STATUS_FAILED,
                                              STATUS_INCONCLUSIVE, STATUS_OK};
    for (size_t i = 0; i < ARRAY_LEN(worst_first); i++)
        for (size_t j = 0; j < ARRAY_LEN(worst_first); j++)
            CU_ASSERT_EQUAL(status_worse(worst_first[i], worst_first[j]),
                            worst_first[i < j ? i : j]);
}

static char *printed(const struct diags *d) {
    char *text = NULL;
    size_t len;
    FILE *out = open_memstream(&text, &len);
    diag_print(d, out);
    fclose(out);
    return text;
}

static void prints_file_line_column(void) {
    static struct diags d;
    diag_error(&d, "a.yaml", 3, 7, "unknown key \"%s\"; did you mean \"%s\"?", "toplogy",
               "topology");
    diag_warning(&d, "a.yaml", 4, 0, "late");
    diag_error(&d, "b.yaml", 0, 0, "cannot be read");
    char *text = printed(&d);
    CU_ASSERT_STRING_EQUAL(text, "a.yaml:3:7: error: unknown key \"toplogy\"; did you mean "
                                 "\"topology\"?\na.yaml:4: warning: late\n"
                                 "b.yaml: error: cannot be read\n");
    CU_ASSERT(d.count == 3 && d.errors == 2 && d.dropped == 0);
    free(text);
}

static void what_was_said_is_not_said_again(void) {
    static struct diags first, second, said;
    char *text = NULL;
    size_t len;
    FILE *out = open_memstream(&text, &len);
    diag_warning(&first, "r.yaml", 3, 7, "short");
    diag_warning(&first, "r.yaml", 3, 7, "short");
    diag_warning(&second, "r.yaml", 3, 7, "short");
    diag_warning(&second, "r.yaml", 4, 7, "short");
    diag_error(&second, "r.yaml", 3, 7, "short");
    diag_print_once(&first, &said, out);
    diag_print_once(&second, &said, out);
    fclose(out);
    CU_ASSERT_STRING_EQUAL(text, "r.yaml:3:7: warning: short\nr.yaml:4:7: warning: short\n"
                                 "r.yaml:3:7: error: short\n");
    free(text);
}

static void beyond_the_limit_they_are_counted(void) {
    static struct diags d;
    for (int i = 0; i < DIAG_MAX + 5; i++) diag_error(&d, "f", 1, 1, "%d", i);
    CU_ASSERT(d.count == DIAG_MAX && d.dropped == 5 && d.errors == DIAG_MAX + 5);
    char *text = printed(&d);
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "and 5 more\n"));
    free(text);
}

static void nothing_unprintable_reaches_the_terminal(void) {
    static struct diags d;
    diag_error(&d, "f\x1b[2J", 1, 1, "bad \x1b[31m%s", "\xFF");
    CU_ASSERT_STRING_EQUAL(d.list[0].file, "f\\x1B[2J");
    CU_ASSERT_STRING_EQUAL(d.list[0].message, "bad \\x1B[31m\\xFF");
}

static void long_messages_are_cut(void) {
    static struct diags d;
    char big[2000];
    memset(big, 'x', sizeof big - 1);
    big[sizeof big - 1] = '\0';
    diag_error(&d, big, 1, 1, "%s", big);
    CU_ASSERT_EQUAL(strlen(d.list[0].message), sizeof d.list[0].message - 1);
    CU_ASSERT_EQUAL(strlen(d.list[0].file), sizeof d.list[0].file - 1);
}

static const char *nearest(const char *s) {
    static const char *const names[] = {"topology", "policy", "faults", "fault", "expect", "a"};
    const char *name = nearest_name(s, strlen(s), names, ARRAY_LEN(names));
    return name ? name : "none";
}

static void finds_the_nearest_name(void) {
    CU_ASSERT_STRING_EQUAL(nearest("toplogy"), "topology");  /* one left out */
    CU_ASSERT_STRING_EQUAL(nearest("tpoology"), "topology"); /* two swapped */
    CU_ASSERT_STRING_EQUAL(nearest("policyy"), "policy");
    CU_ASSERT_STRING_EQUAL(nearest("falts"), "faults");
    CU_ASSERT_STRING_EQUAL(nearest("expcet"), "expect");
    CU_ASSERT_STRING_EQUAL(nearest("expectations"), "none");
    CU_ASSERT_STRING_EQUAL(nearest("zzz"), "none");
    CU_ASSERT_STRING_EQUAL(nearest("b"), "a");
    CU_ASSERT_STRING_EQUAL(nearest(""), "a");
    CU_ASSERT_STRING_EQUAL(nearest("faulty"), "faults"); /* "fault" is as near, but later */
}

static void ties_go_to_the_first(void) {
    static const char *const names[] = {"bat", "cat"};
    CU_ASSERT_STRING_EQUAL(nearest_name("hat", 3, names, 2), "bat");
    char big[500];
    memset(big, 'a', sizeof big);
    CU_ASSERT_PTR_NULL(nearest_name(big, sizeof big, names, 2));
}

static void printable_cuts_between_characters(void) {
    char out[8];
    printable(out, sizeof out, "ab\ncd\n", 6);
    CU_ASSERT_STRING_EQUAL(out, "ab\\x0A"
                                "c");
    printable(out, sizeof out, "123456\xC3\xBC", 8);
    CU_ASSERT_STRING_EQUAL(out, "123456");
    printable(out, sizeof out, "\xC2\x9B", 2); /* a control character in two bytes */
    CU_ASSERT_STRING_EQUAL(out, "\\xC2");
    printable(out, 1, "abc", 3);
    CU_ASSERT_STRING_EQUAL(out, "");
}

TEST_MAIN("diag", TEST(the_worse_status_wins), TEST(prints_file_line_column),
          TEST(what_was_said_is_not_said_again), TEST(beyond_the_limit_they_are_counted),
          TEST(nothing_unprintable_reaches_the_terminal), TEST(long_messages_are_cut),
          TEST(finds_the_nearest_name), TEST(ties_go_to_the_first),
          TEST(printable_cuts_between_characters))
