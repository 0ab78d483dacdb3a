/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TOPOLOGIES_IMPORT_DRAFT_H
#define TOPOLOGIES_IMPORT_DRAFT_H
/* An application as an importer gathers it, and as the text of a topology file. Private to
 * topologies/import/. */
#include "engine/base/ratio.h"
#include "topologies/import/import.h"
#include "topologies/topology.h"

#define DRAFT_SHARE_MAX (1000 * PPM_ONE) /* calls for a request that a file may state */

struct yaml_doc;
struct draft_service {
    const char *name;
    enum topo_kind kind;
    int64_t replicas, cpu_millicores, memory_mb, port; /* 0: not stated */
    const char *language;
    bool published; /* to the outside */
    bool called;    /* by a service */
    bool calls;
};
struct draft_call {
    uint32_t from, to;
    const char *protocol, *role; /* "" when not stated */
    int64_t per_request_ppm;     /* -1: not stated */
};
struct draft {
    struct arena *arena;
    struct diags *diags;
    const char *file;
    const char *text; /* the input */
    size_t len;
    struct draft_service *services;
    struct draft_call *calls;
    uint32_t service_count, call_count, service_room, call_room;
    uint32_t *table, table_size; /* services by a hash of their names, from 1 */
    const char *source;          /* what it was imported from, for a note */
};

/* The service of that name, made if it is new: its kind is guessed from its name. */
uint32_t draft_service(struct draft *d, const char *name, size_t len);
/* Its number; UINT32_MAX: there is none. */
uint32_t draft_find(const struct draft *d, const char *name, size_t len);
/* One of that protocol and role; the same call stated again is no second one: their shares add up.
 */
void draft_call(struct draft *d, const struct draft_call *call);
/* A kind that a name or an image speaks of: "redis-cart" a cache; service if of none. */
enum topo_kind draft_kind(const char *name);
/* The whole file; NULL with a diagnostic. */
const char *draft_text(struct draft *d, const char *name, size_t *len);

/* ---- what a variable of a process's environment says: environment.c ---- */

struct draft_variable {
    const char *name, *value; /* value NULL: given from elsewhere */
    int line, column;
    const char *const *aliases; /* pairs: another name of a service, the service; ends with NULL */
    bool in_cluster;            /* "NAME.NAMESPACE.svc.cluster.local" is NAME, too */
};
/* A call of the service, if the variable's name is that of an address. */
void draft_variable(struct draft *d, uint32_t service, const struct draft_variable *v);

void import_graphml(struct draft *d);
void import_jaeger(struct draft *d);
void import_kubernetes(struct draft *d, struct yaml_doc *doc);
void import_compose(struct draft *d, struct yaml_doc *doc);

#endif
