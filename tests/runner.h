/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TESTS_RUNNER_H
#define TESTS_RUNNER_H
/*
 * One CUnit suite a program. CUnit's basic runner returns 0 with failing tests, so the exit status
 * comes from the count of failures.
 *
 *   static void adds_up(void) { CU_ASSERT_EQUAL(1 + 1, 2); }
 *   TEST_MAIN("sums", TEST(adds_up))
 */
#include <CUnit/Basic.h>
#include <stdio.h>

struct test_case {
    const char *name;
    void (*run)(void);
};
#define TEST(function)                                                                             \
    { #function, function }
#define TEST_MAIN(suite_name, ...)                                                                 \
    int main(void) {                                                                               \
        static const struct test_case cases[] = {__VA_ARGS__};                                     \
        return test_run(suite_name, cases, sizeof(cases) / sizeof(cases[0]));                      \
    }

static inline int test_run(const char *suite_name, const struct test_case *cases, size_t count) {
    if (CU_initialize_registry() != CUE_SUCCESS) return 3;
    CU_pSuite suite = CU_add_suite(suite_name, NULL, NULL);
    for (size_t i = 0; suite && i < count; i++)
        if (!CU_add_test(suite, cases[i].name, cases[i].run)) suite = NULL;
    if (!suite) return 3;
    CU_basic_set_mode(CU_BRM_NORMAL);
    CU_basic_run_tests();
    unsigned failures = CU_get_number_of_failures() + CU_get_number_of_suites_failed();
    unsigned ran = CU_get_number_of_tests_run();
    CU_cleanup_registry();
    return failures == 0 && ran == count ? 0 : 1;
}

#endif
