/* answer.c - what a DNS server's message says about a name.
 *
 * c-ares reads names (with its bounds on compression pointers); its own parsers
 * would take addresses of any name and call a loop of aliases "no data".
 */
#include <ares.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "loop/answer.h"

enum {
	HEADER_LEN = 12,
	RECORD_LEN = 10, /* type, class, TTL and length, behind the name */
	RECORDS_MAX = 1000,
	ALIASES_MAX = 16,
	TYPE_CNAME = 5,
	RCODE_NXDOMAIN = 3,
};

struct message {
	const uint8_t *data; /* borrowed */
	size_t len;
};

struct record {
	char *owner; /* ares_free_string() */
	unsigned type, class;
	uint32_t ttl;
	size_t data_at, data_len;
};

struct aliases {
	char *from[ALIASES_MAX], *to[ALIASES_MAX]; /* owned: ares_free_string() */
	unsigned count;
	uint32_t ttl; /* the least of them */
};

/* Who gets the records. */
struct taker {
	int type;
	answer_take *take;
	void *context;
	unsigned taken;
};

static unsigned read16(const struct message *message, size_t at)
{
	return (unsigned)message->data[at] << 8 | message->data[at + 1];
}

/* The name at `*at`, which moves behind it; NULL where there is none. */
static char *read_name(const struct message *message, size_t *at)
{
	char *name = NULL;
	long len = 0;

	if (*at >= message->len)
		return NULL;
	if (ares_expand_name(message->data + *at, message->data, (int)message->len, &name, &len) !=
	    ARES_SUCCESS)
		return NULL;
	*at += (size_t)len;
	return name;
}

static bool read_record(const struct message *message, size_t *at, struct record *ret)
{
	char *owner = read_name(message, at);

	if (!owner)
		return false;
	if (message->len - *at < RECORD_LEN ||
	    message->len - *at - RECORD_LEN < read16(message, *at + 8)) {
		ares_free_string(owner);
		return false;
	}
	*ret = (struct record){
		.owner = owner,
		.type = read16(message, *at),
		.class = read16(message, *at + 2),
		.ttl = (uint32_t)read16(message, *at + 4) << 16 | read16(message, *at + 6),
		.data_at = *at + RECORD_LEN,
		.data_len = read16(message, *at + 8),
	};
	*at = ret->data_at + ret->data_len;
	return true;
}

static enum answer_kind note_alias(const struct message *message, struct record *record,
				   struct aliases *aliases)
{
	size_t at = record->data_at;
	char *target;

	if (aliases->count == ALIASES_MAX)
		return ANSWER_LOOP;
	target = read_name(message, &at);
	if (!target)
		return ANSWER_MALFORMED;
	if (record->ttl < aliases->ttl)
		aliases->ttl = record->ttl;
	aliases->from[aliases->count] = TAKE(record->owner);
	aliases->to[aliases->count++] = target;
	return ANSWER_ADDRESSES;
}

/* Where the aliases lead from `name`; NULL where they never end. */
static const char *follow(const struct aliases *aliases, const char *name)
{
	for (unsigned hops = 0; hops <= aliases->count; hops++) {
		unsigned i = 0;

		while (i < aliases->count && strcasecmp(aliases->from[i], name) != 0)
			i++;
		if (i == aliases->count)
			return name;
		name = aliases->to[i];
	}
	return NULL;
}

static void take_address(const struct message *message, const struct record *record,
			 struct taker *taker, struct answer_record *found)
{
	const size_t size = taker->type == ANSWER_TYPE_A ? 4 : 16;

	if (record->data_len != size)
		return;
	found->ip.family = taker->type == ANSWER_TYPE_A ? 4 : 6;
	memcpy(found->ip.bytes, message->data + record->data_at, size);
	taker->taken++;
	taker->take(found, taker->context);
}

/* Priority, weight, port and the name of the host (RFC 2782). */
static enum answer_kind take_service(const struct message *message, const struct record *record,
				     struct taker *taker, struct answer_record *found)
{
	size_t at = record->data_at + 6;
	char *host = record->data_len > 6 ? read_name(message, &at) : NULL;

	if (!host)
		return ANSWER_MALFORMED;
	found->port = (uint16_t)read16(message, record->data_at + 4);
	found->host = host;
	taker->taken++;
	taker->take(found, taker->context);
	ares_free_string(host);
	return ANSWER_ADDRESSES;
}

static enum answer_kind take_record(const struct message *message, const struct record *record,
				    struct taker *taker, uint32_t ttl)
{
	struct answer_record found = { .ttl = record->ttl < ttl ? record->ttl : ttl };

	if (taker->type == ANSWER_TYPE_SRV)
		return take_service(message, record, taker, &found);
	take_address(message, record, taker, &found);
	return ANSWER_ADDRESSES;
}

/* One walk over the answers: collects the aliases or, given the name that they
 * lead to, its records.
 */
static enum answer_kind walk(const struct message *message, size_t at, struct taker *taker,
			     struct aliases *aliases, const char *name)
{
	const unsigned records = read16(message, 6);

	for (unsigned i = 0; i < records && i < RECORDS_MAX; i++) {
		enum answer_kind kind = ANSWER_ADDRESSES;
		struct record record;

		if (!read_record(message, &at, &record))
			return ANSWER_MALFORMED;
		if (!name && record.class == ANSWER_CLASS_IN && record.type == TYPE_CNAME)
			kind = note_alias(message, &record, aliases);
		else if (name && record.class == ANSWER_CLASS_IN &&
			 (int)record.type == taker->type && strcasecmp(record.owner, name) == 0)
			kind = take_record(message, &record, taker, aliases->ttl);
		if (record.owner)
			ares_free_string(record.owner);
		if (kind != ANSWER_ADDRESSES)
			return kind;
	}
	return ANSWER_ADDRESSES;
}

static enum answer_kind read_answers(const struct message *message, size_t at, const char *question,
				     struct taker *taker)
{
	struct aliases aliases = { .ttl = UINT32_MAX };
	enum answer_kind kind = walk(message, at, taker, &aliases, NULL);
	const char *name = kind == ANSWER_ADDRESSES ? follow(&aliases, question) : NULL;

	if (kind == ANSWER_ADDRESSES && !name)
		kind = ANSWER_LOOP;
	if (name)
		kind = walk(message, at, taker, &aliases, name);
	if (kind == ANSWER_ADDRESSES && taker->taken == 0)
		kind = ANSWER_EMPTY;
	for (unsigned i = 0; i < aliases.count; i++) {
		ares_free_string(aliases.from[i]);
		ares_free_string(aliases.to[i]);
	}
	return kind;
}

enum answer_kind answer_each(const uint8_t *data, size_t len, int type, answer_take *take,
			     void *context, unsigned *ret_rcode)
{
	const struct message message = { data, len };
	struct taker taker = { .type = type, .take = take, .context = context };
	enum answer_kind kind = ANSWER_MALFORMED;
	size_t at = HEADER_LEN;
	char *question;

	*ret_rcode = 0;
	if (len < HEADER_LEN || len > UINT16_MAX)
		return ANSWER_MALFORMED;
	*ret_rcode = data[3] & 0x0f;
	if (data[2] & 0x02)
		return ANSWER_TRUNCATED;
	if (*ret_rcode == RCODE_NXDOMAIN)
		return ANSWER_NXDOMAIN;
	if (*ret_rcode != 0)
		return ANSWER_ERROR;
	if (read16(&message, 4) != 1)
		return ANSWER_MALFORMED;
	question = read_name(&message, &at);
	if (!question)
		return ANSWER_MALFORMED;
	if (len - at >= 4)
		kind = read_answers(&message, at + 4, question, &taker);
	ares_free_string(question);
	return kind;
}

static void note_address(const struct answer_record *record, void *context)
{
	struct answer *answer = context;

	if (answer->count < ANSWER_ADDRESSES_MAX)
		answer->addresses[answer->count++] = record->ip;
}

void answer_read(const uint8_t *data, size_t len, int type, struct answer *ret)
{
	*ret = (struct answer){ 0 };
	ret->kind = answer_each(data, len, type, note_address, ret, &ret->rcode);
}

const char *answer_rcode_name(unsigned rcode)
{
	static const char *const names[] = { "NOERROR",	 "FORMERR", "SERVFAIL",
					     "NXDOMAIN", "NOTIMP",  "REFUSED" };

	return rcode < sizeof(names) / sizeof(names[0]) ? names[rcode] : NULL;
}
