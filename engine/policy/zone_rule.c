/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/policy/zone_rule.h"

#define DAY_S 86400

struct text_left {
    const char *at, *end;
    bool wrong;
};

static bool next_is(struct text_left *t, char c) {
    if (t->at == t->end || *t->at != c) return false;
    t->at++;
    return true;
}

static int number(struct text_left *t, int most) {
    int v = 0;
    const char *begin = t->at;
    while (t->at < t->end && *t->at >= '0' && *t->at <= '9' && v <= most)
        v = v * 10 + (*t->at++ - '0');
    t->wrong |= t->at == begin || v > most;
    return v;
}

/* "CET", or "<+0330>" */
static void name(struct text_left *t) {
    const char *begin = t->at;
    bool quoted = next_is(t, '<');
    while (t->at < t->end &&
           (quoted ? *t->at != '>'
                   : (*t->at >= 'A' && *t->at <= 'Z') || (*t->at >= 'a' && *t->at <= 'z')))
        t->at++;
    t->wrong |= t->at - begin < 3 || (quoted && !next_is(t, '>'));
}

/* [+-]hh[:mm[:ss]] in seconds */
static int time_of(struct text_left *t, int most_hours) {
    int sign = next_is(t, '-') ? -1 : 1;
    if (sign > 0) next_is(t, '+');
    int seconds = number(t, most_hours) * 3600;
    if (next_is(t, ':')) seconds += number(t, 59) * 60;
    if (t->at < t->end && *t->at == ':' && next_is(t, ':')) seconds += number(t, 59);
    return sign * seconds;
}

/* ---- days ---- */

static bool is_leap(int year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

static int64_t new_year(int year) { /* days from 1970-01-01 */
    int64_t before = year - 1;
    return (year - 1970) * INT64_C(365) + (before / 4 - before / 100 + before / 400) - 477;
}

static int days_in(int month, int year) {
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return days[month - 1] + (month == 2 && is_leap(year));
}

struct date {
    char kind; /* M: month, week, weekday; J: day 1 to 365 without 29 February; n: day 0 to 365 */
    int month, week, day, seconds;
};

static struct date date_of(struct text_left *t) {
    struct date d = {.kind = 'n', .seconds = 2 * 3600};
    if (next_is(t, 'M')) {
        d.kind = 'M';
        d.month = number(t, 12);
        t->wrong |= !next_is(t, '.');
        d.week = number(t, 5);
        t->wrong |= !next_is(t, '.') || d.month < 1 || d.week < 1;
        d.day = number(t, 6);
    } else {
        if (next_is(t, 'J')) d.kind = 'J';
        d.day = number(t, 365);
        t->wrong |= d.kind == 'J' && d.day < 1;
    }
    if (next_is(t, '/')) d.seconds = time_of(t, 167);
    return d;
}

/* In seconds of local time from 1970. 1970-01-01 was a Thursday. */
static int64_t moment_in(const struct date *d, int year) {
    int64_t day = new_year(year);
    if (d->kind == 'M') {
        for (int month = 1; month < d->month; month++) day += days_in(month, year);
        int weekday = (int)((day + 4) % 7 + 7) % 7;
        int of_month = (d->day - weekday + 7) % 7 + (d->week - 1) * 7;
        while (of_month >= days_in(d->month, year)) of_month -= 7; /* 5: the last one */
        day += of_month;
    } else
        day += d->kind == 'J' ? d->day - 1 + (is_leap(year) && d->day >= 60) : d->day;
    return day * DAY_S + d->seconds;
}

/* ---- years ---- */

static void add(struct zone *zone, struct zone_change *changes, struct zone_change change) {
    bool after = zone->count == 0 || change.at > changes[zone->count - 1].at;
    int32_t now = zone->count == 0 ? zone->first_offset : changes[zone->count - 1].offset;
    if (after && change.offset != now) changes[zone->count++] = change;
}

/* After the file's last change, or from 1970 on when it has none. */
static int first_year(const struct zone *zone, const struct zone_change *changes) {
    int year = 1970;
    while (zone->count > 0 && year < ZONE_RULE_UNTIL &&
           (new_year(year + 1) + 1) * DAY_S <= changes[zone->count - 1].at)
        year++;
    return year;
}

const char *zone_rule_add(struct zone *zone, struct zone_change *changes, const char *rule,
                          size_t len) {
    static const char bad[] = "a footer that is no rule";
    struct text_left t = {rule, rule + len, false};
    if (len == 0) return NULL;
    name(&t);
    int standard = -time_of(&t, 24);
    if (t.wrong) return bad;
    if (t.at == t.end) return NULL; /* always the same, which the last change says */
    name(&t);
    int summer = t.at < t.end && *t.at != ',' ? -time_of(&t, 24) : standard + 3600;
    t.wrong |= !next_is(&t, ',');
    struct date begins = date_of(&t);
    t.wrong |= !next_is(&t, ',');
    struct date ends = date_of(&t);
    if (t.wrong || t.at != t.end) return bad;
    for (int year = first_year(zone, changes); year < ZONE_RULE_UNTIL; year++) {
        struct zone_change to = {moment_in(&begins, year) - standard, summer};
        struct zone_change back = {moment_in(&ends, year) - summer, standard};
        add(zone, changes, to.at < back.at ? to : back);
        add(zone, changes, to.at < back.at ? back : to);
    }
    return NULL;
}
