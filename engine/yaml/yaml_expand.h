/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef ENGINE_YAML_YAML_EXPAND_H
#define ENGINE_YAML_YAML_EXPAND_H
/*
 * ${NAME:-default} in a scalar, as shells write it; defaults may nest. For the reader, and for the
 * importer of Compose files, which write the same.
 *   NAME known to lookup                     its value
 *   unknown or empty, with a default         the default
 *   unknown, without one; or "${" of no name  stays as written ("${1}" is a regex group)
 */
#include "engine/yaml/yaml.h"

/* Length of the expanded text, written to out unless that is NULL. False if a default has no
 * closing brace. At most limit + 1 bytes are written or counted: more is "too long". */
bool yaml_expand(char *out, size_t *expanded, size_t limit, const char *text, size_t len,
                 yaml_env lookup, void *context) MUST_CHECK;

#endif
