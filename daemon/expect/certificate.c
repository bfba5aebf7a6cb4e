/* certificate.c - what a TLS handshake showed, for expectations. */
#include "expect/certificate.h"
#include "model/tls.h"

static enum subject_found found(struct value *ret, struct value value)
{
	*ret = value;
	return SUBJECT_FOUND;
}

static enum subject_found found_string(struct value *ret, const char *string)
{
	if (!string)
		return SUBJECT_ABSENT;
	return found(ret, value_string(string));
}

enum subject_found certificate_tls_version(const struct observation *observation, const char *name,
					   size_t *cursor, struct value *ret)
{
	if (!observation->tls || observation->tls->version == 0)
		return SUBJECT_ABSENT;
	return found(ret, value_real(TYPE_NUMBER, observation->tls->version / 10.0));
}

enum subject_found certificate_tls_cipher(const struct observation *observation, const char *name,
					  size_t *cursor, struct value *ret)
{
	return found_string(ret, observation->tls ? observation->tls->cipher : NULL);
}

/* The server's own, or NULL. */
static const struct certificate *leaf_of(const struct observation *observation)
{
	return observation->tls && observation->tls->chain_count > 0 ? &observation->tls->chain[0]
								     : NULL;
}

#define CERTIFICATE(field)                                                                         \
	enum subject_found certificate_##field(const struct observation *observation,              \
					       const char *name, size_t *cursor,                   \
					       struct value *ret)                                  \
	{                                                                                          \
		const struct certificate *leaf = leaf_of(observation);                             \
                                                                                                   \
		return found_string(ret, leaf ? leaf->field : NULL);                               \
	}
CERTIFICATE(subject)
CERTIFICATE(issuer)
CERTIFICATE(fingerprint)
CERTIFICATE(spki)
CERTIFICATE(serial)
#undef CERTIFICATE

/* Until the seconds `not_after`, which may be anything that a certificate can hold. */
static struct value time_until(const struct observation *observation, int64_t not_after)
{
	int64_t left;

	if (__builtin_mul_overflow(not_after, (int64_t)USEC_PER_SEC, &left) ||
	    __builtin_sub_overflow(left, (int64_t)observation->wall, &left))
		left = not_after < 0 ? INT64_MIN : INT64_MAX;
	return value_integer(TYPE_DURATION, left);
}

enum subject_found certificate_expires_in(const struct observation *observation, const char *name,
					  size_t *cursor, struct value *ret)
{
	const struct certificate *leaf = leaf_of(observation);

	if (!leaf)
		return SUBJECT_ABSENT;
	return found(ret, time_until(observation, leaf->not_after));
}

enum subject_found certificate_chain_expires_in(const struct observation *observation,
						const char *name, size_t *cursor, struct value *ret)
{
	const struct certificate *leaf = leaf_of(observation);
	int64_t first;

	if (!leaf)
		return SUBJECT_ABSENT;
	first = leaf->not_after;
	for (size_t i = 1; i < observation->tls->chain_count; i++)
		if (observation->tls->chain[i].not_after < first)
			first = observation->tls->chain[i].not_after;
	return found(ret, time_until(observation, first));
}

enum subject_found certificate_names(const struct observation *observation, const char *name,
				     size_t *cursor, struct value *ret)
{
	const struct certificate *leaf = leaf_of(observation);

	if (!leaf)
		return SUBJECT_ABSENT;
	if (*cursor >= leaf->names_count)
		return SUBJECT_END;
	return found_string(ret, leaf->names[(*cursor)++]);
}
