/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/base/simtime.h"
#include "engine/base/check.h"
#include "engine/base/text.h"

#define FORMATTED_MAX 48
#define DAY_S         INT64_C(86400)

time_ns time_add(time_ns a, time_ns b) {
    time_ns sum;
    if (__builtin_add_overflow(a, b, &sum)) return b < 0 ? INT64_MIN : INT64_MAX;
    return sum;
}

static time_ns unit_of(const char *s, size_t len) {
    static const struct {
        char name[3];
        time_ns ns;
    } units[] = {
        {"ns", 1},         {"us", NS_PER_US},  {"ms", NS_PER_MS},       {"s", NS_PER_S},
        {"m", NS_PER_MIN}, {"h", NS_PER_HOUR}, {"d", 24 * NS_PER_HOUR},
    };
    for (size_t i = 0; i < ARRAY_LEN(units); i++)
        if (strlen(units[i].name) == len && memcmp(units[i].name, s, len) == 0) return units[i].ns;
    return 0;
}

bool duration_parse(const char *s, size_t len, time_ns *out) {
    size_t sign = len > 0 && s[0] == '-' ? 1 : 0;
    int128 billionths;
    size_t digits = read_decimal(s + sign, len - sign, 9, &billionths);
    if (digits == 0) return false;
    time_ns unit = unit_of(s + sign + digits, len - sign - digits);
    int128 limit = (int128)INT64_MAX * NS_PER_S;
    if (unit == 0 || billionths > limit / unit) return false;
    int128 scaled = billionths * unit;
    if (scaled % NS_PER_S != 0) return false;
    time_ns ns = (time_ns)(scaled / NS_PER_S);
    *out = sign ? -ns : ns;
    return true;
}

/* What snprintf would do with the text: as much as fits, terminated; the whole length. */
static int hand_over(char *buffer, size_t size, const struct writer *w) {
    ASSERT(!w->overflow);
    if (size > 0) {
        size_t fits = w->len < size ? w->len : size - 1;
        memcpy(buffer, w->buffer, fits);
        buffer[fits] = '\0';
    }
    return (int)w->len;
}

static void write_padded(struct writer *w, uint64_t v, int digits) {
    char text[20];
    for (int i = digits; i-- > 0; v /= 10) text[i] = (char)('0' + v % 10);
    write_bytes(w, text, (size_t)digits);
}

/* ".5" for half of a unit that has that many decimals; nothing for none. */
static void write_fraction(struct writer *w, uint64_t part, int decimals) {
    if (part == 0) return;
    for (; part % 10 == 0; part /= 10) decimals--;
    write_text(w, ".");
    write_padded(w, part, decimals);
}

int duration_format(char *buffer, size_t size, time_ns ns) {
    static const struct {
        const char *name;
        uint64_t ns;
        int decimals;
    } units[] = {{"s", 1000000000, 9}, {"ms", 1000000, 6}, {"us", 1000, 3}, {"ns", 1, 0}};
    char text[FORMATTED_MAX];
    struct writer w = writer_of(text, sizeof text);
    uint64_t magnitude = ns < 0 ? 0 - (uint64_t)ns : (uint64_t)ns;
    size_t u = 0;
    while (magnitude != 0 && magnitude < units[u].ns) u++;
    if (ns < 0) write_text(&w, "-");
    write_int(&w, (int64_t)(magnitude / units[u].ns));
    write_fraction(&w, magnitude % units[u].ns, units[u].decimals);
    write_text(&w, units[u].name);
    return hand_over(buffer, size, &w);
}

/*
 * The proleptic Gregorian calendar in whole days from 1970-01-01. Years are counted from March, so
 * that the leap day is the last of its year (Hinnant, "chrono-compatible low-level date
 * algorithms").
 */
struct date {
    int64_t year, month, day;
};

static int64_t days_of(struct date d) {
    int64_t year = d.year - (d.month <= 2);
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t year_of_era = year - era * 400;
    int64_t day_of_year = (153 * ((d.month + 9) % 12) + 2) / 5 + d.day - 1;
    return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year -
           719468;
}

static struct date date_of(int64_t days) {
    days += 719468;
    int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    int64_t day = days - era * 146097;
    int64_t year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
    int64_t day_of_year = day - (365 * year + year / 4 - year / 100);
    int64_t march_month = (5 * day_of_year + 2) / 153;
    int64_t month = march_month < 10 ? march_month + 3 : march_month - 9;
    return (struct date){year + era * 400 + (month <= 2), month,
                         day_of_year - (153 * march_month + 2) / 5 + 1};
}

static int64_t month_length(int64_t year, int64_t month) {
    static const int8_t lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return lengths[month - 1] + (month == 2 && leap);
}

/* Reads exactly that many digits at *s and the byte that must follow (0: none), and moves on. */
static bool read_digits(const char **s, int digits, char then, int64_t *out) {
    *out = 0;
    for (int i = 0; i < digits; i++, (*s)++) {
        if (**s < '0' || **s > '9') return false;
        *out = *out * 10 + (**s - '0');
    }
    return then == '\0' || *(*s)++ == then;
}

bool wall_parse(const char *s, size_t len, time_ns *out) {
    static const char shortest[] = "2026-01-05T09:00:00Z";
    struct date d;
    int64_t hour, minute, second;
    int128 billionths = 0;
    if (len < sizeof shortest - 1 || s[len - 1] != 'Z') return false;
    const char *end = s + len - 1;
    if (!read_digits(&s, 4, '-', &d.year) || !read_digits(&s, 2, '-', &d.month) ||
        !read_digits(&s, 2, 'T', &d.day) || !read_digits(&s, 2, ':', &hour) ||
        !read_digits(&s, 2, ':', &minute) || !read_digits(&s, 2, '\0', &second))
        return false;
    if (d.month < 1 || d.month > 12 || d.day < 1 || d.day > month_length(d.year, d.month) ||
        hour > 23 || minute > 59 || second > 59)
        return false;
    if (s < end) {
        /* ".5" is read as "0.5": the digit before the point is the last of the seconds */
        size_t rest = (size_t)(end - s) + 1;
        if (*s != '.' || read_decimal(s - 1, rest, 9, &billionths) != rest) return false;
        billionths %= NS_PER_S;
    }
    int128 seconds = (int128)days_of(d) * DAY_S + hour * 3600 + minute * 60 + second;
    int128 ns = seconds * NS_PER_S + billionths;
    if (ns < INT64_MIN || ns > INT64_MAX) return false;
    *out = (time_ns)ns;
    return true;
}

int wall_format(char *buffer, size_t size, time_ns wall) {
    char text[FORMATTED_MAX];
    struct writer w = writer_of(text, sizeof text);
    int64_t seconds = wall / NS_PER_S - (wall % NS_PER_S < 0);
    uint64_t fraction = (uint64_t)(wall % NS_PER_S + (wall % NS_PER_S < 0) * NS_PER_S);
    int64_t days = seconds / DAY_S - (seconds % DAY_S < 0);
    uint64_t of_day = (uint64_t)(seconds - days * DAY_S);
    struct date d = date_of(days);
    write_padded(&w, (uint64_t)d.year, 4);
    write_text(&w, "-");
    write_padded(&w, (uint64_t)d.month, 2);
    write_text(&w, "-");
    write_padded(&w, (uint64_t)d.day, 2);
    write_text(&w, "T");
    write_padded(&w, of_day / 3600, 2);
    write_text(&w, ":");
    write_padded(&w, of_day / 60 % 60, 2);
    write_text(&w, ":");
    write_padded(&w, of_day % 60, 2);
    write_fraction(&w, fraction, 9);
    write_text(&w, "Z");
    return hand_over(buffer, size, &w);
}
