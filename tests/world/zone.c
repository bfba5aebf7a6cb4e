/* zone.c - which name has which answer, and who asked. */
#include "zone.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/glob.h"
#include "base/map.h"
#include "base/memory.h"
#include "base/units.h"
#include "message.h"
#include "words.h"

#define MOST_ADDRESSES 64
#define MOST_NAMES     20000

enum { TYPE_A = 1, TYPE_CNAME = 5, TYPE_AAAA = 28 };
enum { RCODE_FORMERR = 1, RCODE_SERVFAIL = 2, RCODE_NXDOMAIN = 3, RCODE_REFUSED = 5 };

struct address {
	uint8_t data[16];
	uint8_t len; /* 4 or 16 */
};

struct answer {
	char *pattern; /* owned */
	struct address addresses[MOST_ADDRESSES];
	size_t count;
	char *cname; /* owned */
	uint32_t ttl;
	usec_t delay;
	unsigned rcode;
	bool is_silent, is_truncated, is_garbage;
};

struct counted {
	char *name; /* owned */
	uint64_t queries;
};

struct zone {
	struct answer **first; /* owned; set later, last one first */
	size_t first_count;
	struct answer **answers; /* owned; as in the file */
	size_t count;
	struct map *names; /* of struct counted, owned */
	uint64_t queries;
};

struct zone *zone_new(void)
{
	struct zone *zone = MEMORY_NEW(struct zone);

	zone->names = map_new();
	return zone;
}

static void answer_free(struct answer *answer)
{
	free(answer->pattern);
	free(answer->cname);
	free(answer);
}

void zone_forget(struct zone *zone)
{
	const char *key;
	size_t at = 0;
	void *value;

	while (map_next(zone->names, &at, &key, &value)) {
		struct counted *counted = value;

		free(counted->name);
		free(counted);
	}
	map_free(zone->names);
	zone->names = map_new();
	zone->queries = 0;
}

void zone_free(struct zone *zone)
{
	zone_forget(zone);
	map_free(zone->names);
	for (size_t i = 0; i < zone->first_count; i++)
		answer_free(zone->first[i]);
	for (size_t i = 0; i < zone->count; i++)
		answer_free(zone->answers[i]);
	free(zone->first);
	free(zone->answers);
	free(zone);
}

static int answer_value(struct answer *answer, const char *word, const char *value)
{
	size_t number;

	if (strcmp(word, "ttl") == 0) {
		if (words_number(value, UINT32_MAX, &number) < 0)
			return -EINVAL;
		answer->ttl = (uint32_t)number;
		return 0;
	}
	if (strcmp(word, "delay") == 0)
		return units_duration_parse(value, strlen(value), &answer->delay);
	if (strcmp(word, "cname") != 0)
		return -EINVAL;
	free(answer->cname);
	answer->cname = memory_text(value);
	return 0;
}

static int answer_word(struct answer *answer, char *word)
{
	static const struct {
		const char *word;
		unsigned rcode;
	} rcodes[] = { { "servfail", RCODE_SERVFAIL },
		       { "nxdomain", RCODE_NXDOMAIN },
		       { "refused", RCODE_REFUSED },
		       { "formerr", RCODE_FORMERR },
		       { "empty", 0 } };
	struct address *address = &answer->addresses[answer->count];
	char *value = strchr(word, '=');

	if (value) {
		*value = '\0';
		return answer_value(answer, word, value + 1);
	}
	for (size_t i = 0; i < sizeof(rcodes) / sizeof(rcodes[0]); i++)
		if (strcmp(word, rcodes[i].word) == 0) {
			answer->rcode = rcodes[i].rcode;
			return 0;
		}
	if (strcmp(word, "silent") == 0)
		return answer->is_silent = true, 0;
	if (strcmp(word, "truncated") == 0)
		return answer->is_truncated = true, 0;
	if (strcmp(word, "garbage") == 0)
		return answer->is_garbage = true, 0;
	if (answer->count == MOST_ADDRESSES)
		return -EINVAL;
	if (inet_pton(AF_INET, word, address->data) == 1)
		address->len = 4;
	else if (inet_pton(AF_INET6, word, address->data) == 1)
		address->len = 16;
	else
		return -EINVAL;
	answer->count++;
	return 0;
}

static int answer_parse(const char *pattern, const char *text, struct answer **ret_answer,
			char **ret_fault)
{
	cleanup(free)
	char *copy = memory_text(text);
	struct answer *answer = MEMORY_NEW(struct answer);
	char *rest = copy, *word;

	answer->pattern = memory_text(pattern);
	answer->ttl = 60;
	while ((word = words_next(&rest, " \t,")))
		if (answer_word(answer, word) < 0) {
			*ret_fault = memory_print("'%s' is not a word of an answer", word);
			answer_free(answer);
			return -EINVAL;
		}
	*ret_answer = answer;
	return 0;
}

static int zone_push(struct answer ***answers, size_t *count, const char *pattern, const char *text,
		     char **ret_fault)
{
	struct answer *answer = NULL;
	int r = answer_parse(pattern, text, &answer, ret_fault);

	if (r < 0)
		return r;
	*answers = memory_grow(*answers, *count + 1, sizeof(struct answer *));
	(*answers)[(*count)++] = answer;
	return 0;
}

int zone_add(struct zone *zone, const char *pattern, const char *answer, char **ret_fault)
{
	return zone_push(&zone->answers, &zone->count, pattern, answer, ret_fault);
}

int zone_set(struct zone *zone, const char *pattern, const char *answer, char **ret_fault)
{
	return zone_push(&zone->first, &zone->first_count, pattern, answer, ret_fault);
}

static const struct answer *answer_find(const struct zone *zone, const char *name)
{
	for (size_t i = zone->first_count; i > 0; i--)
		if (glob_matches_name(zone->first[i - 1]->pattern, name))
			return zone->first[i - 1];
	for (size_t i = 0; i < zone->count; i++)
		if (glob_matches_name(zone->answers[i]->pattern, name))
			return zone->answers[i];
	return NULL;
}

static void zone_count(struct zone *zone, const char *name, unsigned type)
{
	cleanup(free)
	char *key = NULL;
	struct counted *counted;

	if (type == TYPE_A || type == TYPE_AAAA)
		key = memory_print("%s %s", name, type == TYPE_A ? "A" : "AAAA");
	else
		key = memory_print("%s TYPE%u", name, type);
	zone->queries++;
	counted = map_find(zone->names, key);
	if (!counted) {
		if (map_count(zone->names) >= MOST_NAMES)
			return;
		counted = MEMORY_NEW(struct counted);
		counted->name = TAKE(key);
		(void)map_set(zone->names, counted->name, counted);
	}
	counted->queries++;
}

static unsigned records_put(const struct zone *zone, struct zone_reply *reply,
			    const struct answer *answer, unsigned type)
{
	const char *owner = NULL;
	unsigned records = 0;

	for (unsigned links = 0; answer->cname && links < 8; links++) {
		size_t at;

		message_put_record(reply, owner, TYPE_CNAME, answer->ttl);
		at = reply->len;
		message_put_number(reply, 0, 2);
		reply->data[at + 1] = (uint8_t)message_put_name(reply, answer->cname);
		records++;
		owner = answer->cname;
		if (!(answer = answer_find(zone, owner)))
			return records;
	}
	for (size_t i = 0; i < answer->count; i++) {
		const struct address *address = &answer->addresses[i];

		if (type != (address->len == 4 ? TYPE_A : TYPE_AAAA))
			continue;
		message_put_record(reply, owner, type, answer->ttl);
		message_put_number(reply, address->len, 2);
		message_put(reply, address->data, address->len);
		records++;
	}
	return records;
}

bool zone_answer(struct zone *zone, const uint8_t *query, size_t len, bool is_tcp,
		 struct zone_reply *ret_reply)
{
	const struct answer *answer;
	unsigned type, rcode, records = 0;
	char name[256];
	bool is_cut;
	size_t end;

	if (len < 12 || len > 512 || query[2] & 0x80 ||
	    message_question(query, len, name, &type, &end))
		return false;
	zone_count(zone, name, type);
	answer = answer_find(zone, name);
	if (answer && answer->is_silent)
		return false;
	rcode = answer ? answer->rcode : RCODE_NXDOMAIN;
	is_cut = answer && answer->is_truncated && !is_tcp;

	ret_reply->len = 0;
	ret_reply->delay = answer ? answer->delay : 0;
	message_put(ret_reply, query, end);
	if (answer && !answer->is_garbage && rcode == 0 && !is_cut)
		records = records_put(zone, ret_reply, answer, type);
	memcpy(ret_reply->data + 2,
	       &(uint8_t[10]){ (uint8_t)(0x84 | (query[2] & 1) | (is_cut ? 2 : 0)),
			       (uint8_t)(0x80 | rcode), 0, 1, 0, (uint8_t)records },
	       10);
	if (answer && answer->is_garbage)
		memset(ret_reply->data + 4, 0xff, ret_reply->len - 4);
	return true;
}

void zone_print(const struct zone *zone, struct text *text)
{
	const char *key, *comma = "";
	size_t at = 0;
	void *value;

	text_print(text, "{\"queries\":%llu,\"names\":{", (unsigned long long)zone->queries);
	while (map_next(zone->names, &at, &key, &value)) {
		text_append(text, comma);
		text_append_json(text, key, strlen(key));
		text_print(text, ":%llu",
			   (unsigned long long)((const struct counted *)value)->queries);
		comma = ",";
	}
	text_append(text, "}}");
}
