/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/policy/policy.h"
#include "engine/base/check.h"
#include "engine/base/ratio.h"
#include "engine/base/text.h"
#include "engine/policy/policy_table.h"
#include <inttypes.h>

static void print_micro(FILE *out, int64_t micro) {
    char text[32];
    struct writer w = writer_of(text, sizeof(text));
    write_micro(&w, micro);
    fwrite(text, 1, w.len, out);
}

static void print_duration(FILE *out, time_ns ns) {
    char text[32];
    duration_format(text, sizeof(text), ns);
    fputs(text, out);
}

static void print_share(FILE *out, int64_t ppm) {
    char text[32];
    share_format(text, sizeof(text), ppm);
    fputs(text, out);
}

static void print_word(FILE *out, enum policy_type type, int64_t value) {
    size_t count;
    const struct policy_word *words = policy_words(type, &count);
    for (size_t i = 0; i < count; i++) {
        if (words[i].value != value) continue;
        fputs(words[i].name, out);
        return;
    }
    UNREACHABLE();
}

static void print_channels(FILE *out, int64_t bits) {
    const char *comma = "";
    fputc('[', out);
    for (int c = 0; c < CHANNEL_COUNT; c++) {
        if (!(bits >> c & 1)) continue;
        fprintf(out, "%s%s", comma, channel_name(c));
        comma = ", ";
    }
    fputc(']', out);
}

static void print_value(const struct policy *policy, const struct policy_key *key, FILE *out) {
    int64_t v = policy_get(policy, key);
    switch (key->type) {
    case KEY_BOOL:
    case KEY_TRUE: fputs(v ? "true" : "false", out); break;
    case KEY_COUNT:
    case KEY_RANK: fprintf(out, "%" PRId64, v); break;
    case KEY_SHARE: print_share(out, v); break;
    case KEY_PERCENT: print_micro(out, v * 100); break;
    case KEY_FACTOR: print_micro(out, v); break;
    case KEY_DURATION: print_duration(out, v); break;
    case KEY_LATENCY: print_duration(out, v * NS_PER_US); break;
    case KEY_LIMIT:
    case KEY_SECONDS: print_micro(out, muldiv(v, PPM_ONE, NS_PER_S)); break;
    case KEY_MINUTES: print_micro(out, muldiv(v, PPM_ONE, NS_PER_MIN)); break;
    case KEY_HOURS: print_micro(out, muldiv(v, PPM_ONE, NS_PER_HOUR)); break;
    case KEY_CONFLICT_ACTION:
    case KEY_GATE_ACTION:
    case KEY_SEVERITY:
    case KEY_MODE: print_word(out, key->type, v); break;
    case KEY_CHANNELS: print_channels(out, v); break;
    case KEY_SPECIAL: key->special->print(policy, out); break;
    case KEY_UNUSED: UNREACHABLE();
    }
}

void policy_print(const struct policy *policy, FILE *out) {
    for (uint32_t i = 0; i < policy_key_count; i++) {
        const struct policy_key *key = &policy_keys[i];
        if (key->type == KEY_UNUSED) continue;
        fprintf(out, "%s = ", key->path);
        print_value(policy, key, out);
        fputc('\n', out);
    }
}
