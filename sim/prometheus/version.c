/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/prometheus/prometheus.h"
#include <stdlib.h>

bool prom_version_read(const char *text, uint32_t *version) {
    if (strcmp(text, "2") == 0) text = "2.42";
    *version = UINT32_MAX;
    if (strcmp(text, "3") == 0) return true;
    if ((text[0] != '2' && text[0] != '3') || text[1] != '.') return false;
    const char *minor = text + 2;
    size_t digits = strspn(minor, "0123456789");
    if (digits == 0 || digits > 3 || minor[digits] != '\0') return false;
    *version = PROM_VERSION(text[0] - '0', strtoul(minor, NULL, 10));
    return true;
}
