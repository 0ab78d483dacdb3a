/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * In a build that counts what is run (preset coverage), the ways out of a process that skip its
 * exit handlers write the counts first: workers, tests that fork, a crash. The linker leads those
 * calls here (--wrap).
 */
extern void __gcov_dump(void);            /* NOLINT(bugprone-reserved-identifier) */
extern _Noreturn void __real__exit(int);  /* NOLINT(bugprone-reserved-identifier) */
extern _Noreturn void __real__Exit(int);  /* NOLINT(bugprone-reserved-identifier) */
extern _Noreturn void __real_abort(void); /* NOLINT(bugprone-reserved-identifier) */
_Noreturn void __wrap__exit(int status);  /* NOLINT(bugprone-reserved-identifier) */
_Noreturn void __wrap__Exit(int status);  /* NOLINT(bugprone-reserved-identifier) */
_Noreturn void __wrap_abort(void);        /* NOLINT(bugprone-reserved-identifier) */

_Noreturn void __wrap__exit(int status) {
    __gcov_dump();
    __real__exit(status);
}
_Noreturn void __wrap__Exit(int status) {
    __gcov_dump();
    __real__Exit(status);
}
_Noreturn void __wrap_abort(void) {
    __gcov_dump();
    __real_abort();
}
