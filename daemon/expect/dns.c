/* dns.c - what a DNS server answered, for the table in subject.c. */
#include "expect/dns.h"
#include "model/dns.h"

enum subject_found dns_rcode(const struct observation *observation, const char *name,
			     size_t *cursor, struct value *ret)
{
	char room[16];
	struct text text = { 0 };

	if (!observation->dns)
		return SUBJECT_ABSENT;
	text_append(&text, dns_rcode_name(observation->dns->rcode, room));
	*ret = value_made(&text);
	return SUBJECT_FOUND;
}

/* The cursor is the index of the next one. */
static enum subject_found next_record(const struct observation *observation,
				      enum dns_section section, size_t *cursor, struct value *ret)
{
	const struct dns_facts *dns = observation->dns;

	if (!dns)
		return SUBJECT_ABSENT;
	if (*cursor >= dns->counts[section])
		return SUBJECT_END;
	*ret = value_string(dns->records[section][(*cursor)++]);
	return SUBJECT_FOUND;
}

enum subject_found dns_answer(const struct observation *observation, const char *name,
			      size_t *cursor, struct value *ret)
{
	return next_record(observation, DNS_ANSWER, cursor, ret);
}

enum subject_found dns_authority(const struct observation *observation, const char *name,
				 size_t *cursor, struct value *ret)
{
	return next_record(observation, DNS_AUTHORITY, cursor, ret);
}

enum subject_found dns_additional(const struct observation *observation, const char *name,
				  size_t *cursor, struct value *ret)
{
	return next_record(observation, DNS_ADDITIONAL, cursor, ret);
}

enum subject_found dns_answers(const struct observation *observation, const char *name,
			       size_t *cursor, struct value *ret)
{
	if (!observation->dns)
		return SUBJECT_ABSENT;
	*ret = value_integer(TYPE_NUMBER, (int64_t)observation->dns->counts[DNS_ANSWER]);
	return SUBJECT_FOUND;
}

enum subject_found dns_ttl(const struct observation *observation, const char *name, size_t *cursor,
			   struct value *ret)
{
	if (!observation->dns || !observation->dns->has_ttl)
		return SUBJECT_ABSENT;
	*ret = value_integer(TYPE_DURATION, (int64_t)(observation->dns->ttl * USEC_PER_SEC));
	return SUBJECT_FOUND;
}

enum subject_found dns_authenticated(const struct observation *observation, const char *name,
				     size_t *cursor, struct value *ret)
{
	if (!observation->dns)
		return SUBJECT_ABSENT;
	*ret = value_integer(TYPE_BOOL, observation->dns->is_authenticated);
	return SUBJECT_FOUND;
}

enum subject_found dns_serial(const struct observation *observation, const char *name,
			      size_t *cursor, struct value *ret)
{
	if (!observation->dns || !observation->dns->has_serial)
		return SUBJECT_ABSENT;
	*ret = value_integer(TYPE_NUMBER, observation->dns->serial);
	return SUBJECT_FOUND;
}
