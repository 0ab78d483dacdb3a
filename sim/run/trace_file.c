/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _DEFAULT_SOURCE /* madvise */
#include "sim/run/trace_file.h"
#include "sim/run/needed.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* Reading what a file has no more is a signal, and nothing could go on after it. */
static void became_shorter(int number) {
    static const char message[] = "firedrill: a trace became shorter while it was read\n";
    (void)number;
    ssize_t written = write(STDERR_FILENO, message, sizeof message - 1);
    _exit(written < 0 ? STATUS_BUG : STATUS_BAD_INPUT);
}

static bool cannot_be_read(const char *path, struct diags *diags) {
    diag_error(diags, path, 0, 0, "cannot be read: %s", strerror(errno));
    return false;
}

static bool mapped(struct trace_file *file, int from, struct diags *diags) {
    struct stat st;
    if (fstat(from, &st) != 0) return cannot_be_read(file->path, diags);
    if (!S_ISREG(st.st_mode)) {
        diag_error(diags, file->path, 0, 0, "expected a file");
        return false;
    }
    file->bytes = "";
    file->len = (size_t)st.st_size;
    if (file->len == 0) return true;
    void *bytes = mmap(NULL, file->len, PROT_READ, MAP_PRIVATE, from, 0);
    if (bytes == MAP_FAILED) return cannot_be_read(file->path, diags);
    file->bytes = bytes;
    /* What is looked at again are single records: no more than their pages need to come back. */
    (void)madvise(bytes, file->len, MADV_RANDOM);
    return true;
}

bool trace_file_open(struct trace_file *file, const char *path, struct diags *diags) {
    *file = (struct trace_file){.path = path};
    int from =
        open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a pipe is refused, not waited for */
    if (from < 0) return cannot_be_read(path, diags);
    (void)sigaction(SIGBUS, &(struct sigaction){.sa_handler = became_shorter}, NULL);
    (void)posix_fadvise(from, 0, 0, POSIX_FADV_SEQUENTIAL);
    bool good = mapped(file, from, diags);
    close(from);
    needed_note(path);
    return good;
}

void trace_file_close(struct trace_file *file) {
    if (file->len > 0) munmap((void *)(uintptr_t)file->bytes, file->len);
    *file = (struct trace_file){0};
}

void trace_file_passed(const void *bytes, size_t len) {
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    uintptr_t from = (uintptr_t)bytes / page * page;
    (void)madvise((void *)from, ((uintptr_t)bytes + len) / page * page - from, MADV_DONTNEED);
}

bool trace_file_facts(const struct trace_file *file, struct facts *facts, struct diags *diags) {
    struct trace_error error;
    if (facts_read_passing(file->bytes, file->len, trace_file_passed, facts, &error)) return true;
    diag_error(diags, file->path, 0, 0, "record %llu, byte %zu: %s",
               (unsigned long long)error.record, error.offset, error.what);
    return false;
}
