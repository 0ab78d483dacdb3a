/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_RUN_FILES_H
#define SIM_RUN_FILES_H
/*
 * Files: where the project's own data stand, what a name in a file or on the command line means,
 * and writing so that a half-written file is never taken for a whole one (beside, then renamed).
 *
 * A name with a '/' or an ending (".yaml") is a path, relative to the file it stands in, or to the
 * working directory; any other is looked up in the catalogue: topologies/catalogue, policies,
 * rules, lessons, scenarios/{core,extended}.
 */
#include "engine/base/arena.h"
#include "engine/base/diag.h"
#include "scenarios/scenario.h"

/* The folder with the project's data: what FIREDRILL_DATA names, else the nearest above the program
 * that holds scenarios/core, or ../share/firedrill beside it. NULL with a message on stderr if
 * there is none. */
const char *data_root(void);

/* The whole file, in the arena, terminated. Limit 2 GiB. */
bool file_read(struct arena *arena, const char *path, const char **bytes, size_t *len,
               struct diags *diags) MUST_CHECK;

bool file_is_path(const char *name);
/* The path of a catalogue entry or a path as it stands; kind: "topology", "policy", "rules",
 * "lesson", "scenario". False: no such file, and suggestion is the nearest known name, or NULL.
 */
bool file_find(struct arena *arena, const char *kind, const char *name, const char *from_file,
               const char **path, const char **suggestion);
/* Names in a catalogue, ascending, without ending. */
uint32_t file_list(struct arena *arena, const char *kind, const char *const **names);

/* For scn_load: reads what a scenario names. */
struct file_source {
    struct arena *arena;
    const char *from_file;
};
const char *const *file_source_list(void *file_source, const char *kind, uint32_t *count);
bool file_zone_read(void *context, const char *name, const char **bytes, size_t *len);
bool file_source_read(void *file_source, const char *kind, const char *name,
                      struct plan_source *out);

/* Writing beside and renaming. False with a diagnostic if it cannot be made. What is there and is
 * neither file nor folder (a device, a pipe, a link) is written to as it stands. */
struct file_out {
    char path[512], beside[560]; /* beside: empty when written in place */
    FILE *stream;
};
/* A name as part of a file's name: '/', '%', a '.' at its beginning and what is not printed stand
 * as %2F and the like, so that it neither leaves its folder nor hides in it. Cut where size is
 * small. */
void file_word(char *out, size_t size, const char *name);
bool file_is_written_in_place(const char *path);
/* Whether file_begin and file_commit will do, as far as can be known before. */
bool file_possible(const char *path, struct diags *diags) MUST_CHECK;
bool file_begin(struct file_out *out, const char *path, struct diags *diags) MUST_CHECK;
bool file_commit(struct file_out *out,
                 struct diags *diags) MUST_CHECK; /* flushes, renames; on failure removes */
void file_abandon(struct file_out *out);

#endif
