/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A process is told by its environment whom it calls: CART_ADDR=cartservice:7070. */
#include "topologies/import/draft.h"

#include <ctype.h>
#include <stdlib.h>

#define HOST_MAX 200

static const char *const suffixes[] = {"_ADDR",     "_ADDRESS", "_HOST",   "_HOSTS",
                                       "_HOSTNAME", "_URL",     "_URI",    "_ENDPOINT",
                                       "_SERVER",   "_SERVERS", "_BROKERS"};

/* Bytes of the name before what says that it is an address; 0: it is none. */
static size_t subject(const char *name) {
    size_t len = strlen(name);
    for (size_t k = 0; k < sizeof suffixes / sizeof *suffixes; k++) {
        size_t tail = strlen(suffixes[k]);
        if (len > tail && strcmp(name + len - tail, suffixes[k]) == 0) return len - tail;
    }
    return 0;
}

struct address {
    char host[HOST_MAX + 1], scheme[16];
    int port;
};

/* "mongodb://user:pass@db:27017/x" and "cart:7070": the first address of a list. */
static bool address_of(const char *value, struct address *a) {
    *a = (struct address){.port = 0};
    const char *at = strstr(value, "://");
    if (at && (size_t)(at - value) < sizeof a->scheme)
        memcpy(a->scheme, value, (size_t)(at - value));
    at = at ? at + 3 : value;
    size_t part = strcspn(at, "/?, ");
    const char *user = memchr(at, '@', part);
    if (user) at = user + 1;
    size_t len = strcspn(at, ":/?, ");
    if (len == 0 || len > HOST_MAX) return false;
    memcpy(a->host, at, len);
    if (at[len] == ':') a->port = (int)strtol(at + len + 1, NULL, 10);
    return true;
}

static const char *protocol_of(const struct address *a) {
    static const struct {
        int port;
        const char *word;
    } ports[] = {{6379, "redis"},    {11211, "memcached"}, {27017, "mongodb"},
                 {5432, "postgres"}, {3306, "mysql"},      {9092, "kafka"},
                 {5672, "amqp"},     {4222, "nats"},       {1883, "mqtt"}};
    static const char *const schemes[] = {"http",     "grpc",      "redis", "mongodb",
                                          "postgres", "memcached", "mysql", "kafka",
                                          "amqp",     "nats",      "mqtt"};
    if (strcmp(a->scheme, "https") == 0) return "http";
    if (strcmp(a->scheme, "postgresql") == 0) return "postgres";
    for (size_t k = 0; k < sizeof schemes / sizeof *schemes; k++)
        if (strcmp(a->scheme, schemes[k]) == 0) return schemes[k];
    for (size_t k = 0; k < sizeof ports / sizeof *ports; k++)
        if (a->port == ports[k].port) return ports[k].word;
    return "";
}

static uint32_t named(const struct draft *d, const struct draft_variable *v, const char *name,
                      size_t len) {
    for (const char *const *pair = v->aliases; pair && pair[0]; pair += 2)
        if (strlen(pair[0]) == len && memcmp(pair[0], name, len) == 0)
            return draft_find(d, pair[1], strlen(pair[1]));
    return draft_find(d, name, len);
}

/* What follows a name within a cluster: ".NAMESPACE", ".NAMESPACE.svc" or that with its domain. */
static bool is_of_cluster(const char *rest) {
    if (*rest != '.') return false;
    size_t namespace = strcspn(rest + 1, ".");
    const char *domain = rest + 1 + namespace;
    return namespace > 0 && (strcmp(domain, "") == 0 || strcmp(domain, ".svc") == 0 ||
                             strcmp(domain, ".svc.cluster.local") == 0 ||
                             strcmp(domain, ".svc.cluster.local.") == 0);
}

/* "cart.shop.svc.cluster.local" is "cart" in Kubernetes; "cart.example.com" is outside. */
static uint32_t host_named(const struct draft *d, const struct draft_variable *v,
                           const char *host) {
    uint32_t s = named(d, v, host, strlen(host));
    size_t label = strcspn(host, ".");
    if (s != UINT32_MAX || !v->in_cluster || !is_of_cluster(host + label)) return s;
    return named(d, v, host, label);
}

/* PRODUCT_CATALOG of PRODUCT_CATALOG_ADDR is "product-catalog". */
static uint32_t subject_named(const struct draft *d, const struct draft_variable *v, size_t len) {
    char name[HOST_MAX + 1];
    if (len > HOST_MAX) return UINT32_MAX;
    for (size_t k = 0; k < len; k++) {
        unsigned char c = (unsigned char)v->name[k];
        name[k] = c == '_' ? '-' : (char)tolower(c);
    }
    return named(d, v, name, len);
}

static bool is_here(const char *host) {
    return strcmp(host, "localhost") == 0 || (host[0] >= '0' && host[0] <= '9') || host[0] == '[';
}

/* Its value is not in the file: its own name may say who is meant. */
static void take_unstated(struct draft *d, uint32_t service, const struct draft_variable *v,
                          uint32_t to) {
    char variable[81];
    printable(variable, sizeof variable, v->name, strlen(v->name));
    if (to == UINT32_MAX)
        diag_warning(d->diags, d->file, v->line, v->column,
                     "%s has its host from elsewhere: left out", variable);
    else
        diag_warning(d->diags, d->file, v->line, v->column,
                     "%s has its host from elsewhere: taken for \"%s\" by its own name", variable,
                     d->services[to].name);
    if (to != UINT32_MAX) draft_call(d, &(struct draft_call){service, to, "", "", -1});
}

void draft_variable(struct draft *d, uint32_t service, const struct draft_variable *v) {
    struct address a = {.port = 0};
    size_t len = subject(v->name);
    if (len == 0) return;
    if (!v->value || !address_of(v->value, &a) || strchr(a.host, '$')) {
        take_unstated(d, service, v, subject_named(d, v, len));
        return;
    }
    uint32_t to = host_named(d, v, a.host);
    if (to != UINT32_MAX) {
        draft_call(d, &(struct draft_call){service, to, protocol_of(&a), "", -1});
        return;
    }
    if (is_here(a.host)) return;
    char shown[81], variable[81];
    printable(shown, sizeof shown, a.host, strlen(a.host));
    printable(variable, sizeof variable, v->name, strlen(v->name));
    diag_warning(d->diags, d->file, v->line, v->column,
                 "%s names \"%s\", which is nothing in this file: left out", variable, shown);
}
