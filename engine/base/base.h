/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef BASE_BASE_H
#define BASE_BASE_H
/* The few words that every file of firedrill uses. Depends on libc only. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))
#define MUST_CHECK   __attribute__((warn_unused_result))
#define PRINTF_LIKE(format_index, first_argument)                                                  \
    __attribute__((format(printf, format_index, first_argument)))

__extension__ typedef unsigned __int128 uint128;
__extension__ typedef __int128 int128;

#endif
