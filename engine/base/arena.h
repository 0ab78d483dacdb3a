/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H
/*
 * One block of memory per run. open -> take ... take -> seal. After the seal any take is a bug.
 * Everything a run needs is taken while it is built; afterwards nothing allocates. The arena owns
 * its block; what is taken lives as long as the arena. Memory comes zeroed and aligned to 16 bytes.
 * While open it grows by chaining blocks from the given source (malloc in programs; a static block
 * with no source in the engine's production host).
 */
#include "engine/base/base.h"

struct arena_block;
struct arena {
    struct arena_block *blocks; /* newest first */
    size_t taken;               /* bytes handed out, for the report of memory */
    bool sealed;
};

void arena_open(struct arena *arena);
void *arena_take(struct arena *arena, size_t count,
                 size_t size); /* asserts: not sealed; aborts when out of memory */
void arena_seal(struct arena *arena);
/* All that was taken, as bytes, and put back where it was: pointers into it stay good. Of an arena
 * from which nothing was taken between the two. */
size_t arena_bytes(const struct arena *arena);
void arena_save(const struct arena *arena, void *to);
void arena_load(struct arena *arena, const void *from);
void arena_close(struct arena *arena);
#define ARENA_NEW(arena, type, count) ((type *)arena_take((arena), (count), sizeof(type)))
/* A terminated copy of s. */
char *arena_text(struct arena *arena, const char *s, size_t len);

#endif
