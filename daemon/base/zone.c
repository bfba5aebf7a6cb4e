/* zone.c - time zones, from the system's files. */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/zone.h"
#include "base/zone_rule.h"

enum {
	/* The largest that there are have 4 KB. */
	FILE_MAX_BYTES = 256 * 1024,
	CHANGES_MAX = 8192,
	NAME_MAX_BYTES = 128,
	/* Six hundred are in use by people. */
	ZONES_MAX = 4096,
	/* RFC 8536, 3.2: from -25 to 26 hours. */
	OFFSET_LEAST = -89999,
	OFFSET_MOST = 93599,
	HEADER_BYTES = 44,
};

static const char folder[] = "/usr/share/zoneinfo";
static const char host_file[] = "/etc/localtime";

struct change {
	int64_t at;
	int32_t offset; /* from then on */
};

struct zone {
	char *path; /* owned; of its file, or what TZ said */
	struct stat status; /* of that file, when it was read; all 0: there is none */
	int32_t before; /* the offset before the first change */
	struct change *changes; /* owned; in order */
	unsigned count;
	bool has_rule;
	struct zone_rule rule; /* behind the last change */
	struct zone *next; /* of all that are known */
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct zone *known;
static unsigned known_count;

/* --- The file ----------------------------------------------------------------------------- */

struct counts {
	uint32_t utc, standard, leaps, changes, types, letters;
};

/* What is left to be read of it. */
struct bytes {
	const unsigned char *data;
	size_t left;
};

static const unsigned char *take(struct bytes *bytes, size_t count)
{
	const unsigned char *data = bytes->data;

	if (count > bytes->left)
		return NULL;
	bytes->data += count;
	bytes->left -= count;
	return data;
}

static uint32_t number_32(const unsigned char *data)
{
	return (uint32_t)data[0] << 24 | (uint32_t)data[1] << 16 | (uint32_t)data[2] << 8 | data[3];
}

static int64_t number_of(const unsigned char *data, unsigned width)
{
	if (width == 4)
		return (int32_t)number_32(data);
	return (int64_t)((uint64_t)number_32(data) << 32 | number_32(data + 4));
}

static bool read_header(struct bytes *bytes, struct counts *counts, char *version)
{
	const unsigned char *data = take(bytes, HEADER_BYTES);

	if (!data || memcmp(data, "TZif", 4) != 0)
		return false;
	*version = (char)data[4];
	*counts = (struct counts){
		.utc = number_32(data + 20),
		.standard = number_32(data + 24),
		.leaps = number_32(data + 28),
		.changes = number_32(data + 32),
		.types = number_32(data + 36),
		.letters = number_32(data + 40),
	};
	/* With leap seconds, times are not those of our clock. */
	return counts->changes <= CHANGES_MAX && counts->types >= 1 && counts->types <= 256 &&
	       counts->letters <= FILE_MAX_BYTES && counts->leaps == 0 &&
	       counts->utc <= counts->types && counts->standard <= counts->types;
}

static bool read_changes(const unsigned char *times, const unsigned char *kinds,
			 const unsigned char *types, const struct counts *counts, unsigned width,
			 struct zone *zone)
{
	zone->changes = memory_new(counts->changes, sizeof(*zone->changes));
	for (uint32_t i = 0; i < counts->types; i++) {
		const int64_t offset = (int32_t)number_32(types + 6 * (size_t)i);

		if (offset < OFFSET_LEAST || offset > OFFSET_MOST)
			return false;
	}
	zone->before = (int32_t)number_32(types);
	for (uint32_t i = 0; i < counts->changes; i++) {
		const int64_t at = number_of(times + (size_t)width * i, width);

		if (kinds[i] >= counts->types || (i && at <= zone->changes[i - 1].at))
			return false;
		zone->changes[zone->count++] = (struct change){
			.at = at,
			.offset = (int32_t)number_32(types + 6 * (size_t)kinds[i]),
		};
	}
	return true;
}

/* RFC 8536, 3.2; false where it does not hold together. */
static bool read_block(struct bytes *bytes, const struct counts *counts, unsigned width,
		       struct zone *zone)
{
	const unsigned char *times = take(bytes, (size_t)width * counts->changes);
	const unsigned char *kinds = take(bytes, counts->changes);
	const unsigned char *types = take(bytes, 6 * (size_t)counts->types);

	if (!times || !kinds || !types || !take(bytes, counts->letters) ||
	    !take(bytes, counts->standard) || !take(bytes, counts->utc))
		return false;
	return !zone || read_changes(times, kinds, types, counts, width, zone);
}

/* RFC 8536, 3.3: a line, empty where nothing is known. */
static bool read_footer(struct bytes *bytes, struct zone *zone)
{
	const unsigned char *begin = take(bytes, 1);
	const unsigned char *end;

	if (!begin || *begin != '\n')
		return false;
	end = memchr(bytes->data, '\n', bytes->left);
	if (!end)
		return false;
	zone->has_rule = end > bytes->data;
	return !zone->has_rule || zone_rule_parse((const char *)bytes->data,
						  (size_t)(end - bytes->data), &zone->rule) == 0;
}

static bool read_zone(const void *data, size_t len, struct zone *zone)
{
	struct bytes bytes = { data, len };
	struct counts counts;
	char version;

	if (!read_header(&bytes, &counts, &version))
		return false;
	if (version == '\0')
		return read_block(&bytes, &counts, 4, zone);
	/* The first block is for those who know nothing newer. */
	return read_block(&bytes, &counts, 4, NULL) && read_header(&bytes, &counts, &version) &&
	       read_block(&bytes, &counts, 8, zone) && read_footer(&bytes, zone);
}

/* --- Those that are known ----------------------------------------------------------------- */

static void zone_free(struct zone *zone)
{
	free(zone->path);
	free(zone->changes);
	free(zone);
}

static bool is_same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

static const struct zone *find_known(const char *path, const struct stat *status)
{
	for (const struct zone *zone = known; zone; zone = zone->next)
		if (strcmp(zone->path, path) == 0 && is_same_file(&zone->status, status))
			return zone;
	return NULL;
}

static int keep(struct zone *zone, const struct zone **ret_zone)
{
	if (known_count == ZONES_MAX) {
		zone_free(zone);
		return -ENOSPC;
	}
	zone->next = known;
	known = zone;
	known_count++;
	*ret_zone = zone;
	return 0;
}

/* Under the lock, as is what follows. */
static int find_file(const char *path, const struct zone **ret_zone)
{
	struct stat status;
	struct zone *zone;
	cleanup(free)
	char *data = NULL;
	size_t len;
	int r;

	if (stat(path, &status) < 0)
		return -errno;
	*ret_zone = find_known(path, &status);
	if (*ret_zone)
		return 0;
	r = file_read(path, FILE_MAX_BYTES, &data, &len);
	if (r < 0)
		return r == -EISDIR ? -ENOENT : r == -EFBIG ? -EINVAL : r;
	zone = MEMORY_NEW(struct zone);
	zone->path = memory_text(path);
	zone->status = status;
	if (!read_zone(data, len, zone)) {
		zone_free(zone);
		return -EINVAL;
	}
	return keep(zone, ret_zone);
}

/* One that has no file: UTC itself, or what TZ says in full. */
static int find_rule(const char *text, const struct zone **ret_zone)
{
	const struct stat none = { 0 };
	struct zone *zone;
	struct zone_rule rule;

	*ret_zone = find_known(text, &none);
	if (*ret_zone)
		return 0;
	if (zone_rule_parse(text, strlen(text), &rule) < 0)
		return -EINVAL;
	zone = MEMORY_NEW(struct zone);
	zone->path = memory_text(text);
	zone->before = rule.standard;
	zone->has_rule = true;
	zone->rule = rule;
	return keep(zone, ret_zone);
}

/* "Europe/Berlin": nothing that leads out of the folder. */
static bool is_name(const char *name)
{
	static const char characters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
					 "0123456789_+-/";

	return *name && *name != '/' && strlen(name) <= NAME_MAX_BYTES &&
	       strspn(name, characters) == strlen(name);
}

static int find_name(const char *name, const struct zone **ret_zone)
{
	const char *where = getenv("TZDIR");
	cleanup(free)
	char *path = NULL;

	if (strcasecmp(name, "UTC") == 0)
		return find_rule("UTC0", ret_zone);
	if (!is_name(name))
		return -ENOENT;
	path = memory_print("%s/%s", where && *where ? where : folder, name);
	return find_file(path, ret_zone);
}

static int find_host(const struct zone **ret_zone)
{
	const char *text = getenv("TZ");
	int r;

	if (!text) {
		r = find_file(host_file, ret_zone);
		return r == -ENOENT ? find_rule("UTC0", ret_zone) : r;
	}
	text += *text == ':';
	if (*text == '/')
		return find_file(text, ret_zone);
	r = find_name(*text ? text : "UTC", ret_zone);
	return r == -ENOENT ? find_rule(text, ret_zone) : r;
}

int zone_find(const char *name, const struct zone **ret_zone)
{
	const struct zone *zone = NULL;
	int r;

	(void)pthread_mutex_lock(&lock);
	r = name ? find_name(name, &zone) : find_host(&zone);
	(void)pthread_mutex_unlock(&lock);
	if (r == 0)
		*ret_zone = zone;
	return r;
}

/* --- What they say ------------------------------------------------------------------------ */

/* How many changes there were up to then. */
static unsigned changes_until(const struct zone *zone, int64_t seconds)
{
	unsigned low = 0, high = zone->count;

	while (low < high) {
		const unsigned middle = low + (high - low) / 2;

		if (zone->changes[middle].at <= seconds)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

struct zone_span zone_span_at(const struct zone *zone, int64_t seconds)
{
	const unsigned passed = changes_until(zone, seconds);
	struct zone_span span = { INT64_MIN, INT64_MAX, zone->before };

	if (passed == zone->count && zone->has_rule)
		span = zone_rule_span(&zone->rule, seconds);
	else if (passed)
		span.offset = zone->changes[passed - 1].offset;
	if (passed && span.from < zone->changes[passed - 1].at)
		span.from = zone->changes[passed - 1].at;
	if (passed < zone->count)
		span.until = zone->changes[passed].at;
	return span;
}

bool zone_resolve(const struct zone *zone, int64_t local, int64_t *ret_seconds)
{
	struct zone_span span = zone_span_at(zone, local - OFFSET_MOST);

	/* Span after span, until one reaches so far; one that begins later jumped over it. */
	while (local - span.offset >= span.until)
		span = zone_span_at(zone, span.until);
	if (local - span.offset < span.from) {
		*ret_seconds = span.from;
		return false;
	}
	*ret_seconds = local - span.offset;
	return true;
}
