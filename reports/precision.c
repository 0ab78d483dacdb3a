/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/precision.h"

bool precision_begins(const char *text) { return strncmp(text + strspn(text, " "), "ci", 2) == 0; }

bool precision_read(struct precision *out, const char *text, size_t len, const char *const *names,
                    size_t count, const char *option, struct diags *diags) {
    char copy[64] = "", figure[24] = "", end = '\0', shown[96];
    *out = (struct precision){.figure = -1};
    snprintf(copy, sizeof copy, "%.*s", (int)(len < sizeof copy ? len : sizeof copy - 1), text);
    int matched = sscanf(copy, " ci ( %23[a-z0-9._] ) < %lf %c", figure, &out->share, &end);
    out->share /= 100;
    for (size_t k = 0; k < count; k++)
        if (strcmp(figure, names[k]) == 0) out->figure = (int)k;
    if (matched == 3 && end == '%' && out->figure >= 0 && out->share > 0) return true;
    const char *nearest = nearest_name(figure, strlen(figure), names, count);
    bool misspelt = out->figure < 0 && nearest;
    printable(shown, sizeof shown, text, len);
    diag_error(diags, option, 0, 0, "expected such as \"ci(%s) < 2%%\", got \"%s\"%s%s%s", names[0],
               shown, misspelt ? "; did you mean \"" : "", misspelt ? nearest : "",
               misspelt ? "\"?" : "");
    return false;
}
