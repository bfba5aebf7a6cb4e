/* starttls.c - how a server of each protocol is asked to go on under TLS. */
#include <ctype.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "option/option.h"
#include "probe/starttls.h"

const struct option_word starttls_words[] = {
	{ "none", STARTTLS_NONE },   { "smtp", STARTTLS_SMTP },
	{ "imap", STARTTLS_IMAP },   { "pop3", STARTTLS_POP3 },
	{ "ftp", STARTTLS_FTP },     { "xmpp", STARTTLS_XMPP },
	{ "ldap", STARTTLS_LDAP },   { "postgres", STARTTLS_POSTGRES },
	{ "mysql", STARTTLS_MYSQL }, { 0 }
};

enum {
	LDAP_MAX = 4096, /* bytes of an answer */
	MYSQL_HEAD = 4, /* length of 3 bytes, number of the packet */
	MYSQL_VERSION = 10, /* of the protocol */
	MYSQL_CAN_TLS = 0x0800, /* CLIENT_SSL */
};

/* --- Protocols of lines ------------------------------------------------------------------------ */

enum line { LINE_MORE, LINE_GOOD, LINE_BAD, LINE_NONSENSE };

/* Whether the line, `len` bytes, begins so, in either case. */
static bool begins(const char *line, size_t len, const char *with)
{
	return len >= strlen(with) && strncasecmp(line, with, strlen(with)) == 0;
}

/* "220-first", "220 last": RFC 5321 4.2, RFC 959 4.2. */
static enum line read_code(const char *line, size_t len, const char *good)
{
	if (len < 3 || !isdigit((unsigned char)line[0]) || !isdigit((unsigned char)line[1]) ||
	    !isdigit((unsigned char)line[2]) || (len > 3 && line[3] != '-' && line[3] != ' '))
		return LINE_NONSENSE;
	if (len > 3 && line[3] == '-')
		return LINE_MORE;
	return begins(line, len, good) ? LINE_GOOD : LINE_BAD;
}

/* FTP has lines without a code in the middle of an answer. */
static enum line read_ftp(const char *line, size_t len, const char *good)
{
	const enum line what = read_code(line, len, good);

	return what == LINE_NONSENSE && len > 0 && line[0] == ' ' ? LINE_MORE : what;
}

static enum line read_pop3(const char *line, size_t len, const char *good)
{
	if (begins(line, len, good))
		return LINE_GOOD;
	return begins(line, len, "-ERR") ? LINE_BAD : LINE_NONSENSE;
}

static enum line read_imap(const char *line, size_t len, const char *good)
{
	if (begins(line, len, good))
		return LINE_GOOD;
	if (begins(line, len, "* BYE") || begins(line, len, "a "))
		return LINE_BAD;
	return begins(line, len, "* ") ? LINE_MORE : LINE_NONSENSE;
}

/* What is waited for and then said, step by step; after the last there is nothing to say. */
struct round {
	const char *good, *say;
};

static const struct talk {
	enum line (*read)(const char *line, size_t len, const char *good);
	struct round rounds[3];
} talks[] = {
	[STARTTLS_SMTP] = { read_code,
			    { { "220", "EHLO picket\r\n" },
			      { "250", "STARTTLS\r\n" },
			      { "220", NULL } } },
	[STARTTLS_IMAP] = { read_imap, { { "* OK", "a STARTTLS\r\n" }, { "a OK", NULL } } },
	[STARTTLS_POP3] = { read_pop3, { { "+OK", "STLS\r\n" }, { "+OK", NULL } } },
	[STARTTLS_FTP] = { read_ftp, { { "220", "AUTH TLS\r\n" }, { "234", NULL } } },
};

static enum starttls_next step_lines(struct starttls *starttls, const char *data, size_t len,
				     size_t *ret_used, struct text *say)
{
	const struct talk *talk = &talks[starttls->protocol];

	for (;;) {
		const struct round *round = &talk->rounds[starttls->step];
		const char *line = data + *ret_used;
		const char *end = memchr(line, '\n', len - *ret_used);
		size_t line_len;
		enum line what;

		if (!end)
			return STARTTLS_WAITS;
		*ret_used = (size_t)(end + 1 - data);
		line_len = (size_t)(end - line);
		if (line_len > 0 && line[line_len - 1] == '\r')
			line_len--;
		what = talk->read(line, line_len, round->good);
		if (what == LINE_BAD)
			return STARTTLS_REFUSED;
		if (what == LINE_NONSENSE)
			return STARTTLS_NONSENSE;
		if (what == LINE_GOOD && !round->say)
			return STARTTLS_GOES;
		if (what == LINE_GOOD) {
			text_append(say, round->say);
			starttls->step++;
		}
	}
}

/* --- The others -------------------------------------------------------------------------------- */

static bool has(const char *data, size_t len, const char *part)
{
	return memmem(data, len, part, strlen(part)) != NULL;
}

static enum starttls_next step_xmpp(struct starttls *starttls, const char *data, size_t len,
				    size_t *ret_used, struct text *say)
{
	if (starttls->step == 0) {
		text_print(say,
			   "<?xml version='1.0'?><stream:stream to='%s' xmlns='jabber:client' "
			   "xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>",
			   starttls->host);
		starttls->step++;
		return STARTTLS_WAITS;
	}
	if (len > 0 && data[0] != '<')
		return STARTTLS_NONSENSE;
	if (has(data, len, "<stream:error") || has(data, len, "<failure"))
		return STARTTLS_REFUSED;
	if (starttls->step == 1) {
		if (!has(data, len, "</stream:features>") && !has(data, len, "<stream:features/>"))
			return STARTTLS_WAITS;
		if (!has(data, len, "urn:ietf:params:xml:ns:xmpp-tls"))
			return STARTTLS_REFUSED;
		*ret_used = len;
		text_append(say, "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
		starttls->step++;
		return STARTTLS_WAITS;
	}
	if (!has(data, len, "<proceed") || data[len - 1] != '>')
		return STARTTLS_WAITS;
	*ret_used = len;
	return STARTTLS_GOES;
}

/* The length at *at (X.690, 8.1.3), and *at behind it.  1, 0 where more bytes are needed, -1. */
static int read_length(const unsigned char *bytes, size_t len, size_t *at, size_t *ret)
{
	size_t more;

	if (*at >= len)
		return 0;
	more = bytes[*at] & 0x80 ? bytes[*at] & 0x7f : 0;
	if (more > 4)
		return -1;
	if (*at + more >= len)
		return 0;
	*ret = more ? 0 : bytes[*at];
	for (size_t i = 1; i <= more; i++)
		*ret = *ret << 8 | bytes[*at + i];
	*at += 1 + more;
	return *ret > LDAP_MAX ? -1 : 1;
}

/* The result code of an ExtendedResponse to message 1: LDAPMessage, its length, the message's
 * number, ExtendedResponse, its length, ENUMERATED of one byte.
 */
static enum starttls_next read_ldap(const unsigned char *bytes, size_t len, size_t *ret_used)
{
	static const unsigned char answer[] = { 0x02, 0x01, 0x01, 0x78 };
	size_t at = 1, whole, inner;
	int r;

	if (len > 0 && bytes[0] != 0x30)
		return STARTTLS_NONSENSE;
	r = read_length(bytes, len, &at, &whole);
	if (r <= 0)
		return r < 0 ? STARTTLS_NONSENSE : STARTTLS_WAITS;
	whole += at;
	if (len < whole)
		return STARTTLS_WAITS;
	if (whole < at + sizeof(answer) || memcmp(bytes + at, answer, sizeof(answer)) != 0)
		return STARTTLS_NONSENSE;
	at += sizeof(answer);
	if (read_length(bytes, whole, &at, &inner) <= 0 || at + 3 > whole || bytes[at] != 0x0a ||
	    bytes[at + 1] != 0x01)
		return STARTTLS_NONSENSE;
	*ret_used = whole;
	return bytes[at + 2] == 0 ? STARTTLS_GOES : STARTTLS_REFUSED;
}

/* An ExtendedRequest of the name 1.3.6.1.4.1.1466.20037. */
static enum starttls_next step_ldap(struct starttls *starttls, const char *data, size_t len,
				    size_t *ret_used, struct text *say)
{
	static const char request[] = "\x30\x1d\x02\x01\x01\x77\x18\x80\x16"
				      "1.3.6.1.4.1.1466.20037";

	if (starttls->step > 0)
		return read_ldap((const unsigned char *)data, len, ret_used);
	text_append_len(say, request, sizeof(request) - 1);
	starttls->step++;
	return STARTTLS_WAITS;
}

static enum starttls_next step_postgres(struct starttls *starttls, const char *data, size_t len,
					size_t *ret_used, struct text *say)
{
	static const char request[] = { 0, 0, 0, 8, 0x04, (char)0xd2, 0x16, 0x2f };

	if (starttls->step == 0) {
		text_append_len(say, request, sizeof(request));
		starttls->step++;
		return STARTTLS_WAITS;
	}
	if (len == 0)
		return STARTTLS_WAITS;
	*ret_used = 1;
	if (data[0] == 'S')
		return STARTTLS_GOES;
	return data[0] == 'N' || data[0] == 'E' ? STARTTLS_REFUSED : STARTTLS_NONSENSE;
}

/* The server greets, and the client says that TLS is next, without waiting for an answer. */
static enum starttls_next step_mysql(struct starttls *starttls, const char *data, size_t len,
				     size_t *ret_used, struct text *say)
{
	/* CLIENT_PROTOCOL_41, CLIENT_SSL, CLIENT_SECURE_CONNECTION; 16 MiB; utf8. */
	static const char request[MYSQL_HEAD + 32] = { 32, 0, 0, 1, 0x00, (char)0x8a, 0,
						       0,  0, 0, 0, 1,	  33 };
	const unsigned char *bytes = (const unsigned char *)data;
	size_t whole, at;
	const char *end;

	if (len < MYSQL_HEAD + 1)
		return STARTTLS_WAITS;
	whole = MYSQL_HEAD + (size_t)(bytes[0] | bytes[1] << 8 | bytes[2] << 16);
	if (bytes[4] == 0xff && bytes[3] == 0)
		return STARTTLS_REFUSED; /* an error instead of a greeting: too many connections */
	if (bytes[3] != 0 || bytes[4] != MYSQL_VERSION || whole > 1024)
		return STARTTLS_NONSENSE;
	if (len < whole)
		return STARTTLS_WAITS;
	end = memchr(data + MYSQL_HEAD + 1, '\0', whole - MYSQL_HEAD - 1);
	at = end ? (size_t)(end - data) + 1 + 4 + 8 + 1 : whole;
	if (at + 2 > whole)
		return STARTTLS_NONSENSE;
	*ret_used = whole;
	if (!((bytes[at] | bytes[at + 1] << 8) & MYSQL_CAN_TLS))
		return STARTTLS_REFUSED;
	text_append_len(say, request, sizeof(request));
	return STARTTLS_GOES;
}

enum starttls_next starttls_step(struct starttls *starttls, const char *data, size_t len,
				 size_t *ret_used, struct text *say)
{
	*ret_used = 0;
	switch (starttls->protocol) {
	case STARTTLS_NONE:
		return STARTTLS_GOES;
	case STARTTLS_SMTP:
	case STARTTLS_IMAP:
	case STARTTLS_POP3:
	case STARTTLS_FTP:
		return step_lines(starttls, data, len, ret_used, say);
	case STARTTLS_XMPP:
		return step_xmpp(starttls, data, len, ret_used, say);
	case STARTTLS_LDAP:
		return step_ldap(starttls, data, len, ret_used, say);
	case STARTTLS_POSTGRES:
		return step_postgres(starttls, data, len, ret_used, say);
	case STARTTLS_MYSQL:
		break;
	}
	return step_mysql(starttls, data, len, ret_used, say);
}
