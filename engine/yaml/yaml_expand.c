/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/yaml/yaml_expand.h"

#define NAME_MAX_LEN 128

struct expansion {
    char *out;
    size_t len, limit;
    const char *at, *end;
    yaml_env lookup;
    void *context;
};

static void put(struct expansion *x, const char *s, size_t len) {
    size_t room = x->limit + 1 - x->len;
    if (len > room) len = room;
    if (x->out) memcpy(x->out + x->len, s, len);
    x->len += len;
}

static bool is_name_char(char c, bool first) {
    return c == '_' || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           (!first && c >= '0' && c <= '9');
}

/* "${NAME}" or "${NAME:-" at the current place: its name, and how long it is; 0 if neither. */
static size_t opening(const struct expansion *x, char name[NAME_MAX_LEN], bool *has_default) {
    const char *s = x->at;
    if (x->end - s < 4 || s[0] != '$' || s[1] != '{') return 0;
    size_t n = 0;
    for (s += 2; s < x->end && n + 1 < NAME_MAX_LEN && is_name_char(*s, n == 0); s++)
        name[n++] = *s;
    name[n] = '\0';
    if (n == 0 || s >= x->end) return 0;
    *has_default = *s == ':' && x->end - s >= 2 && s[1] == '-';
    if (*has_default) return n + 4;
    return *s == '}' ? n + 3 : 0;
}

/* Past the brace that closes a default whose value is not wanted. */
static bool skip_default(struct expansion *x) {
    char name[NAME_MAX_LEN];
    for (uint32_t open = 1; x->at < x->end;) {
        bool has_default = false;
        size_t n = opening(x, name, &has_default);
        if (n == 0 && *x->at == '}') open--;
        if (n > 0 && has_default) open++;
        x->at += n > 0 ? n : 1;
        if (open == 0) return true;
    }
    return false;
}

/* One pass without recursion: an opening whose default is wanted is dropped, and so is the brace
 * that closes it. */
bool yaml_expand(char *out, size_t *expanded, size_t limit, const char *text, size_t len,
                 yaml_env lookup, void *context) {
    struct expansion x = {out, 0, limit, text, text + len, lookup, context};
    uint32_t open = 0;
    while (x.at < x.end && x.len <= limit) {
        char name[NAME_MAX_LEN];
        bool has_default = false;
        size_t n = opening(&x, name, &has_default);
        const char *value = n > 0 && lookup ? lookup(context, name) : NULL;
        if (value && value[0] == '\0' && has_default) value = NULL;
        if (value) {
            put(&x, value, strlen(value));
            x.at += n;
            if (has_default && !skip_default(&x)) return false;
        } else if (n > 0 && has_default) {
            open++;
            x.at += n;
        } else if (n == 0 && open > 0 && *x.at == '}') {
            open--;
            x.at++;
        } else {
            put(&x, x.at, n > 0 ? n : 1);
            x.at += n > 0 ? n : 1;
        }
    }
    *expanded = x.len;
    return open == 0 || x.len > limit;
}
