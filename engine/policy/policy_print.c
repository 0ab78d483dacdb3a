/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/policy/policy.h"
#include "engine/base/check.h"
#include "engine/base/ratio.h"
#include "engine/base/text.h"
#include "engine/policy/policy_table.h"
#include <inttypes.h>

static bool same_word(const char *text, const char *word) {
    for (; *text && *word; text++, word++)
        if ((*text | 0x20) != *word) return false; /* of letters, capitals are no other word */
    return *text == *word;
}

/* Letters, digits, and what YAML takes for nothing else; no number, no word that is a value. */
static bool is_plain(const char *text) {
    static const char *const words[] = {"true", "false", "null", "yes", "no",
                                        "on",   "off",   "y",    "n"};
    bool letter = false;
    for (const char *c = text; *c; c++) {
        bool of_word = (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z');
        letter |= of_word && *c != 'e' && *c != 'E';
        if (!of_word && !strchr(c == text ? "_/" : "0123456789_-/.", *c)) return false;
    }
    for (size_t k = 0; k < ARRAY_LEN(words); k++)
        if (same_word(text, words[k])) return false;
    return letter;
}

void policy_print_text(const char *text, FILE *out) {
    char quoted[1024];
    struct writer w = writer_of(quoted, sizeof(quoted));
    if (is_plain(text)) {
        fputs(text, out);
        return;
    }
    fputc('"', out);
    for (size_t k = 0, len = strlen(text), step; k < len; k += step) { /* in pieces that fit */
        step = utf8_sequence(text + k, len - k);
        if (step == 0) step = 1;
        w = writer_of(quoted, sizeof(quoted));
        write_json_string(&w, text + k, step);
        fwrite(quoted + 1, 1, w.len - 2, out);
    }
    fputc('"', out);
}

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

void policy_print_value(const struct policy *policy, const struct policy_key *key, FILE *out) {
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
        policy_print_value(policy, key, out);
        fputc('\n', out);
    }
}
