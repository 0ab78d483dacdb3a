/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/forms/width.h"
#include "engine/base/base.h"
#include "engine/base/text.h"

struct range {
    uint32_t first, last;
};
#define NONE(first, last)
#define WIDE(first, last) {first, last},
static const struct range wide[] = {
#include "reports/forms/width.def"
};
#undef NONE
#undef WIDE
#define NONE(first, last) {first, last},
#define WIDE(first, last)
static const struct range none[] = {
#include "reports/forms/width.def"
};
#undef NONE
#undef WIDE

static bool within(const struct range *ranges, size_t count, uint32_t point) {
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (ranges[middle].last < point)
            low = middle + 1;
        else
            high = middle;
    }
    return low < count && ranges[low].first <= point;
}

/* Of the sign that text begins with; *len: its bytes. */
static int sign_columns(const char *text, size_t *len) {
    static const uint32_t lead[] = {0, 0x7F, 0x1F, 0x0F, 0x07};
    *len = utf8_sequence(text, strnlen(text, 4));
    if (*len == 0) {
        *len = 1;
        return 1;
    }
    uint32_t point = (uint8_t)text[0] & lead[*len];
    for (size_t k = 1; k < *len; k++) point = point << 6 | ((uint8_t)text[k] & 0x3Fu);
    if (within(none, ARRAY_LEN(none), point)) return 0;
    return within(wide, ARRAY_LEN(wide), point) ? 2 : 1;
}

int columns_of(const char *text) {
    int columns = 0;
    for (size_t len; *text; text += len) columns += sign_columns(text, &len);
    return columns;
}

int print_cut(FILE *out, const char *text, int width) {
    bool cut = columns_of(text) > width;
    int room = cut ? width - 1 : width, used = 0;
    if (width <= 0) return 0;
    for (size_t len; *text; text += len) {
        int columns = sign_columns(text, &len);
        if (used + columns > room) break;
        fwrite(text, 1, len, out);
        used += columns;
    }
    if (cut) fputc('~', out);
    return used + cut;
}
