/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Objectives of services, and how fast their error budgets may be burnt. */
#include "engine/policy/policy_table.h"
#include "engine/base/ratio.h"
#include "engine/base/text.h"

static const char *const indicators[] = {"availability", "latency"};

static struct eng_slo read_slo(struct policy_loader *l, struct yaml_node *node) {
    struct yaml_node *objective = yaml_key(l->doc, node, "objective");
    struct eng_slo slo = {.objective_ppm = yaml_share(l->doc, objective, 1, PPM_ONE - 1, 0)};
    if (node->kind == YAML_MAPPING && yaml_is_null(objective))
        yaml_error(l->doc, node, "an SLO needs an objective, such as \"objective: 99.9%%\"");
    slo.window_ns = yaml_duration(l->doc, yaml_key(l->doc, node, "window"), NS_PER_MIN,
                                  INT64_C(90) * 24 * NS_PER_HOUR, INT64_C(30) * 24 * NS_PER_HOUR);
    slo.latency = yaml_choice(l->doc, yaml_key(l->doc, node, "indicator"), indicators,
                              ARRAY_LEN(indicators), 0) == 1;
    yaml_unknown_keys(l->doc, node, "an SLO");
    return slo;
}

static void read_slos(struct policy_loader *l, struct yaml_node *mapping) {
    uint32_t count = yaml_pairs(l->doc, mapping);
    struct policy_slo_of *slos = ARENA_NEW(l->doc->arena, struct policy_slo_of, count);
    for (uint32_t k = 0; k < count; k++)
        slos[k] = (struct policy_slo_of){mapping->keys[k]->text, read_slo(l, mapping->items[k])};
    l->policy->slos = slos;
    l->policy->slo_count = count;
}

static void print_slos(const struct policy *policy, FILE *out) {
    fputc('{', out);
    for (uint32_t k = 0; k < policy->slo_count; k++) {
        const struct policy_slo_of *of = &policy->slos[k];
        char objective[32], window[32];
        share_format(objective, sizeof(objective), of->slo.objective_ppm);
        duration_format(window, sizeof(window), of->slo.window_ns);
        fputs(k ? ", " : "", out);
        policy_print_text(of->service, out);
        fprintf(out, ": {objective: %s, window: %s, indicator: %s}", objective, window,
                indicators[of->slo.latency]);
    }
    fputc('}', out);
}
const struct policy_special policy_slos = {read_slos, print_slos};

static struct eng_burn read_burn(struct policy_loader *l, struct yaml_node *item) {
    time_ns most = INT64_C(90) * 24 * NS_PER_HOUR;
    struct eng_burn burn = {
        .factor_ppm = yaml_decimal(l->doc, yaml_key(l->doc, item, "factor"), PPM_ONE / 100,
                                   INT64_C(100000) * PPM_ONE, 0),
        .long_ns = yaml_duration(l->doc, yaml_key(l->doc, item, "long"), NS_PER_S, most, 0),
        .short_ns = yaml_duration(l->doc, yaml_key(l->doc, item, "short"), NS_PER_S, most, 0)};
    yaml_unknown_keys(l->doc, item, "a burn rate");
    if (burn.factor_ppm == 0 || burn.long_ns == 0 || burn.short_ns == 0)
        yaml_error(l->doc, item, "a burn rate is {factor: 14.4, long: 1h, short: 5m}");
    else if (burn.short_ns >= burn.long_ns)
        yaml_error(l->doc, item, "its short window is no shorter than the long one");
    return burn;
}

static void read_burn_rates(struct policy_loader *l, struct yaml_node *list) {
    if (yaml_is_null(list)) return;
    struct eng_gates *gates = &l->policy->config.gates;
    uint32_t count = yaml_count(l->doc, list);
    if (count > BURN_RATES_MAX)
        yaml_error(l->doc, list, "expected at most %d burn rates, got %u", BURN_RATES_MAX, count);
    memset(gates->burn, 0, sizeof(gates->burn));
    gates->burn_count = 0;
    for (uint32_t k = 0; k < count && k < BURN_RATES_MAX; k++)
        gates->burn[gates->burn_count++] = read_burn(l, list->items[k]);
}

static void print_burn_rates(const struct policy *policy, FILE *out) {
    const struct eng_gates *gates = &policy->config.gates;
    fputc('[', out);
    for (uint32_t k = 0; k < gates->burn_count; k++) {
        char factor[32], longer[32], shorter[32];
        struct writer w = writer_of(factor, sizeof(factor));
        write_micro(&w, gates->burn[k].factor_ppm);
        duration_format(longer, sizeof(longer), gates->burn[k].long_ns);
        duration_format(shorter, sizeof(shorter), gates->burn[k].short_ns);
        fprintf(out, "%s{factor: %s, long: %s, short: %s}", k ? ", " : "", factor, longer, shorter);
    }
    fputc(']', out);
}
const struct policy_special policy_burn_rates = {read_burn_rates, print_burn_rates};
