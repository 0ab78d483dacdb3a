/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/forms/explain.h"
#include "sim/run/command.h"
#include "sim/run/terminal.h"
#include "sim/run/trace_file.h"

#include <stdlib.h>

/* Decisions of a trace as a person would tell them. */

static const struct option_spec options[] = {
    {"incident", "NAME|N",
     "only this incident: its name, or an engine's number of it, such as 0.1"},
    {"decision", "N", "only this decision, such as 3, or 0.3: the third of the first engine"},
    {"why-not", "CHOICE", "only what this choice would have needed, such as \"no incident\""},
    {NULL, NULL, NULL}};

/* "3" or "0.3" */
static bool read_decision(const char *text, struct explained *asked) {
    char *end;
    asked->decision = asked->engine = -1;
    if (!text) return true;
    long first = strtol(text, &end, 10), second = -1;
    bool good = end != text && first >= 0;
    if (good && *end == '.') {
        const char *from = end + 1;
        second = strtol(from, &end, 10);
        good = end != from && second >= 0;
    }
    asked->engine = second >= 0 ? first : -1;
    asked->decision = second >= 0 ? second : first;
    if (good && *end == '\0') return true;
    fprintf(stderr, "firedrill explain: --decision: expected a number such as 3 or 0.3\n");
    return false;
}

static enum status nothing(const struct explained *asked, const char *file, const char *nearest) {
    char shown[96], name[200];
    const char *what = asked->why_not ? asked->why_not : asked->incident ? asked->incident : "";
    printable(shown, sizeof shown, what, strlen(what));
    printable(name, sizeof name, file, strlen(file));
    if (asked->why_not || asked->incident)
        fprintf(stderr, "firedrill explain: %s: no %s \"%s\"", name,
                asked->why_not ? "decision there could have been" : "incident", shown);
    else
        fprintf(stderr, "firedrill explain: %s: no such decision", name);
    if (nearest && strcmp(nearest, what) != 0) fprintf(stderr, "; did you mean \"%s\"?", nearest);
    fputc('\n', stderr);
    return STATUS_BAD_INPUT;
}

static enum status explain_trace(const char *path, const struct explained *asked) {
    struct trace_file file;
    struct diags diags = {0};
    struct facts facts;
    struct verdict verdict;
    const char *nearest;
    enum status status = STATUS_BAD_INPUT;
    if (!trace_file_open(&file, path, &diags)) return bad_input(&diags);
    if (trace_file_facts(&file, &facts, &diags)) {
        if (!judge_run(&facts, &verdict)) abort();
        status = explain(&facts, &verdict, asked, stdout, terminal_width(stdout), &nearest)
                     ? STATUS_OK
                     : nothing(asked, path, nearest);
        verdict_free(&verdict);
        facts_free(&facts);
    } else
        status = bad_input(&diags);
    trace_file_close(&file);
    return status;
}

static enum status run(int argc, char **argv) {
    struct arguments a;
    enum status status;
    if (!arguments_read(&a, &command_explain, argc, argv, &status)) return status;
    if (a.operand_count != 1) {
        command_help(&command_explain, stderr);
        return STATUS_BAD_INPUT;
    }
    struct explained asked = {.incident = argument(&a, "incident"),
                              .why_not = argument(&a, "why-not")};
    if (!read_decision(argument(&a, "decision"), &asked)) return STATUS_BAD_INPUT;
    return explain_trace(a.operands[0], &asked);
}

const struct command command_explain = {
    "explain",
    "TRACE",
    "tells why each decision was made, and what another would have needed",
    "firedrill explain out/high_error_rate@shop-1.trace --why-not \"no incident\"",
    options,
    run};
