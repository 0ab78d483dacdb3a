/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/run/cover_file.h"

#include "sim/run/files.h"

#include <inttypes.h>
#include <unistd.h>

static void path_of(const char *folder, char *out, size_t size) {
    snprintf(out, size, "%s/%s", folder, COVER_FILE);
}

void cover_file_open(struct cover_file *c) {
    char name[COVER_NAME];
    memset(c, 0, sizeof *c);
    for (uint32_t k = 0; k < cover_count(); k++) c->possible += cover_name(k, name);
}

static void count(struct cover_file *c, uint32_t item, uint64_t runs, uint64_t seed) {
    char name[COVER_NAME];
    if (c->runs[item] == 0) {
        c->first_seed[item] = seed;
        c->reached += cover_name(item, name);
    }
    c->runs[item] += runs;
}

static bool read_line(struct cover_file *c, const char *line) {
    char name[COVER_NAME], known[COVER_NAME];
    uint64_t runs, seed;
    if (sscanf(line, "%63[^\t]\t%" SCNu64 "\t%" SCNu64, name, &runs, &seed) != 3) return false;
    for (uint32_t k = 0; k < cover_count(); k++) {
        (void)cover_name(k, known);
        if (strcmp(known, name) == 0) count(c, k, runs, seed);
    }
    return true;
}

bool cover_file_read(struct cover_file *c, const char *folder, struct diags *diags) {
    char path[1024], line[256];
    path_of(folder, path, sizeof path);
    if (access(path, F_OK) != 0) return true;
    FILE *in = fopen(path, "r");
    bool good = in != NULL;
    for (int number = 1; good && fgets(line, sizeof line, in); number++)
        if (number > 1 && !read_line(c, line)) {
            diag_error(diags, path, number, 1, "expected an item, its runs and a seed");
            good = false;
        }
    if (!in) diag_error(diags, path, 0, 0, "cannot be read");
    if (in) fclose(in);
    return good;
}

bool cover_file_add(struct cover_file *c, const uint8_t *hit, uint64_t seed) {
    uint32_t before = c->reached;
    for (uint32_t k = 0; k < cover_count(); k++)
        if (hit[k]) count(c, k, 1, seed);
    return c->reached > before;
}

bool cover_file_write(const struct cover_file *c, const char *folder, struct diags *diags) {
    char path[1024], name[COVER_NAME];
    struct file_out out;
    path_of(folder, path, sizeof path);
    if (!file_begin(&out, path, diags)) return false;
    fprintf(out.stream, "item\truns\tfirst seed\n");
    for (uint32_t k = 0; k < cover_count(); k++)
        if (c->runs[k] > 0 && (cover_name(k, name), true))
            fprintf(out.stream, "%s\t%" PRIu64 "\t%" PRIu64 "\n", name, c->runs[k],
                    c->first_seed[k]);
    return file_commit(&out, diags);
}
