/* url_options.c - the keys of `url:`, and what they lead to. */
#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/cleanup.h"
#include "base/memory.h"
#include "base/text.h"
#include "probe/http_url.h"
#include "probe/sftp_look.h"
#include "probe/url.h"

static const struct scheme {
	const char *name;
	enum url_protocol protocol;
	unsigned port;
	bool is_secure;
	enum starttls_protocol starttls;
} schemes[] = {
	{ "smtp", URL_SMTP, 25, false, STARTTLS_SMTP },
	{ "smtps", URL_SMTP, 465, true, STARTTLS_NONE },
	{ "imap", URL_IMAP, 143, false, STARTTLS_IMAP },
	{ "imaps", URL_IMAP, 993, true, STARTTLS_NONE },
	{ "pop3", URL_POP3, 110, false, STARTTLS_POP3 },
	{ "pop3s", URL_POP3, 995, true, STARTTLS_NONE },
	{ "ftp", URL_FTP, 21, false, STARTTLS_FTP },
	{ "ftps", URL_FTP, 990, true, STARTTLS_NONE },
	{ "sftp", URL_SFTP, 22, false, STARTTLS_NONE },
	{ "mqtt", URL_MQTT, 1883, false, STARTTLS_NONE },
	{ 0 },
};

/* A URL in its parts; all owned. */
struct parts {
	const struct scheme *scheme;
	char *host, *path, *user, *password;
	unsigned port;
};

static void parts_done(struct parts *parts)
{
	free(parts->host);
	free(parts->path);
	free(parts->user);
	free(parts->password);
}

/* NULL where there is none; what can't be decoded (control characters) is told apart. */
static char *take_part(CURLU *url, CURLUPart part, unsigned flags, bool *is_fine)
{
	char *text = NULL, *copy = NULL;
	const CURLUcode code = curl_url_get(url, part, &text, flags);

	if (code == CURLUE_OK)
		copy = memory_text(text);
	else if (code == CURLUE_URLDECODE)
		*is_fine = false;
	curl_free(text);
	return copy;
}

static const struct scheme *find_scheme(const char *text)
{
	const size_t len = strcspn(text, ":");

	for (const struct scheme *scheme = schemes; scheme->name; scheme++)
		if (strlen(scheme->name) == len && strncasecmp(scheme->name, text, len) == 0 &&
		    strncmp(text + len, "://", 3) == 0)
			return scheme;
	return NULL;
}

/* False where it is no URL that we can use. */
static bool read_url(const char *text, struct parts *ret)
{
	CURLU *url = curl_url();
	char *port = NULL, *query, *fragment;
	bool is_fine = true;

	*ret = (struct parts){ .scheme = find_scheme(text) };
	if (!url)
		abort();
	if (!ret->scheme || curl_url_set(url, CURLUPART_URL, text, 0) != CURLUE_OK) {
		curl_url_cleanup(url);
		return false;
	}
	ret->host = take_part(url, CURLUPART_HOST, 0, &is_fine);
	ret->path = take_part(url, CURLUPART_PATH, CURLU_URLDECODE, &is_fine);
	ret->user = take_part(url, CURLUPART_USER, CURLU_URLDECODE, &is_fine);
	ret->password = take_part(url, CURLUPART_PASSWORD, CURLU_URLDECODE, &is_fine);
	port = take_part(url, CURLUPART_PORT, 0, &is_fine);
	query = take_part(url, CURLUPART_QUERY, 0, &is_fine);
	fragment = take_part(url, CURLUPART_FRAGMENT, 0, &is_fine);
	ret->port = port ? (unsigned)strtoul(port, NULL, 10) : ret->scheme->port;
	is_fine = is_fine && ret->host && !query && !fragment && ret->port > 0 && ret->port < 65536;
	free(port);
	free(query);
	free(fragment);
	curl_url_cleanup(url);
	return is_fine;
}

/* What goes into a line of a protocol must not be able to end it. */
static bool is_line(const char *text)
{
	for (; text && *text; text++)
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			return false;
	return true;
}

static bool check_url(const char *text, size_t len, struct text *wanted)
{
	struct parts parts;
	const bool is_fine = read_url(text, &parts) && is_line(parts.path) && is_line(parts.user) &&
			     is_line(parts.password);

	(void)len;
	parts_done(&parts);
	text_append(wanted, "must be a URL of ");
	for (const struct scheme *scheme = schemes; scheme->name; scheme++)
		text_print(wanted, "%s%s", scheme == schemes ? "" : ", ", scheme->name);
	text_append(wanted, ", without a query");
	if (strncasecmp(text, "http", 4) == 0)
		text_append(wanted, "; what is asked for by HTTP stands under 'http:'");
	return is_fine;
}

static bool check_line(const char *text, size_t len, struct text *wanted)
{
	(void)len;
	text_append(wanted, "must have no control characters in it");
	return is_line(text);
}

/* As ssh-keygen -l prints it: the hash in base64, without padding. */
static bool check_host_key(const char *text, size_t len, struct text *wanted)
{
	static const char before[] = "SHA256:";
	const size_t before_len = sizeof(before) - 1, hash_len = 43;

	text_append(wanted, "must be SHA256: and 43 characters, as 'ssh-keygen -lf' prints it");
	return len == before_len + hash_len && strncmp(text, before, before_len) == 0 &&
	       strspn(text + before_len, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
					 "0123456789+/") == hash_len;
}

static const struct option auth_options[] = {
	{
		.key = "user",
		.kind = OPTION_TEXT,
		.offset = MEMBER(struct url_options, auth.user, const char *),
		.min = 1,
		.max = 255,
		.check = check_line,
		.about = "Who logs in.",
		.example = "probe@example.com",
		.elsewhere = "username login",
	},
	{
		.key = "password",
		.kind = OPTION_SECRET,
		.offset = MEMBER(struct url_options, auth.password, const char *),
		.max = 255,
		.check = check_line,
		.about = "Password to log in with.",
		.example = "${credential:mail}",
		.elsewhere = "pass secret",
	},
	OPTION_END,
};

static const struct option_table auth_table = { .options = auth_options };

static const struct option options[] = {
	{
		.key = "url",
		.kind = OPTION_TEXT,
		.is_url = true,
		.is_required = true,
		.has_each = true,
		.offset = MEMBER(struct url_options, url, const char *),
		.max = 4096,
		.check = check_url,
		.about = "Whom to talk to: smtp, smtps, imap, imaps, pop3, pop3s, ftp, ftps, "
			 "sftp or mqtt. What stands behind the host is a mailbox, a file, a folder "
			 "(with a slash at its end), or a topic.",
		.example = "imaps://mail.example.com/INBOX",
	},
	{
		.key = "auth",
		.kind = OPTION_MAPPING,
		.table = &auth_table,
		.about = "Log in as somebody.",
	},
	{
		.key = "request",
		.kind = OPTION_TEXT,
		.offset = MEMBER(struct url_options, request, const char *),
		.min = 1,
		.max = 1024,
		.check = check_line,
		.about = "Command to send instead of the usual one; its answer is the body.",
		.example = "VRFY postmaster",
		.elsewhere = "command customrequest",
	},
	{
		.key = "host_key",
		.kind = OPTION_TEXTS,
		.offset = MEMBER(struct url_options, host_key, const char *const *),
		.min = 1,
		.check = check_host_key,
		.about = "Fingerprints of the host keys that an sftp server may have; with another "
			 "one the check fails before anything secret is sent.",
		.example = "SHA256:uNiVztksCsDhcc0u9e8BrH6bHrvqRXf1tuYCcIFWNUg",
		.elsewhere = "fingerprint hostkey known_hosts host_public_key_sha256",
	},
	{
		.key = "tls",
		.kind = OPTION_MAPPING,
		.is_separate = true,
		.table = &tcp_tls_table,
		.offset = MEMBER(struct url_options, tls, const struct tcp_tls *),
		.about = "How TLS is spoken; with smtp, imap, pop3 and ftp that it is asked for "
			 "(STARTTLS), with mqtt that it is spoken from the start.",
	},
	REACH_IP(struct url_options, reach),
	REACH_RESOLVER(struct url_options, reach),
	REACH_SOURCE(struct url_options, reach),
	OPTION_END,
};

static void examine_sftp(const struct url_options *url, const struct parts *parts,
			 struct complaints *complaints, const struct option_places *places)
{
	unsigned keys = 0;

	if (parts->scheme->protocol != URL_SFTP) {
		if (url->host_key)
			option_complain(complaints, places, "host_key",
					"'host_key' is sftp's; who '%s' talks to is a matter of "
					"certificates, see 'tls'",
					parts->scheme->name);
		return;
	}
	while (url->host_key && url->host_key[keys])
		keys++;
	if (keys > SFTP_KEYS_MAX)
		option_complain(complaints, places, "host_key", "of 'host_key' %d will do, not %u",
				SFTP_KEYS_MAX, keys);
	if (url->request)
		option_complain(complaints, places, "request",
				"there is nothing to request of sftp; a file or folder stands in "
				"the URL");
	if (url->tls)
		option_complain(complaints, places, "tls",
				"sftp has nothing to do with TLS; whose host key is trusted stands "
				"under 'host_key'");
	if (keys == 0 && (url->auth.password || (!url->auth.user && parts->password)))
		option_warn(complaints, places, NULL,
			    "without 'host_key' whoever answers at %s gets this password; "
			    "'ssh-keyscan -p %u %s | ssh-keygen -lf -' prints the fingerprints to "
			    "compare with the server's own, and to write there",
			    parts->host, parts->port, parts->host);
}

static void examine(const void *object, struct complaints *complaints,
		    const struct option_places *places)
{
	const struct url_options *url = object;
	struct parts parts;

	if (!url->url || !read_url(url->url, &parts))
		return;
	if (url->request && parts.scheme->protocol == URL_MQTT)
		option_complain(complaints, places, "request",
				"there is nothing to request of mqtt; a topic stands in the URL");
	if (url->auth.password && !url->auth.user)
		option_complain(complaints, places, "auth.password",
				"'auth.password' is of no use without 'auth.user'");
	examine_sftp(url, &parts, complaints, places);
	if (parts.scheme->is_secure && url->tls && !url->tls->is_enabled)
		option_complain(complaints, places, "tls",
				"'%s' is spoken under TLS from the start; '%.*s' is not",
				parts.scheme->name, (int)strlen(parts.scheme->name) - 1,
				parts.scheme->name);
	parts_done(&parts);
}

const struct option_table url_table = {
	.options = options,
	.size = sizeof(struct url_options),
	.short_key = "url",
	.examine = examine,
};

static void settle_tls(struct url_options *url, const struct scheme *scheme, struct arena *arena)
{
	static const struct tcp_tls none;
	const bool is_asked = url->tls && url->tls->is_enabled;
	struct tls_options *usual;

	url->is_tls_at_once = scheme->is_secure || (is_asked && !scheme->starttls);
	url->starttls = is_asked ? scheme->starttls : STARTTLS_NONE;
	url->tls_used = url->tls ? &url->tls->tls : &none.tls;
	if (url->tls || !scheme->is_secure)
		return;
	usual = arena_take(arena, sizeof(*usual));
	option_fill(&tls_table, usual, arena);
	url->tls_used = usual;
}

static const char *keep(struct arena *arena, const char *text)
{
	return text ? arena_text(arena, text) : NULL;
}

void url_options_prepare(void *object, struct arena *arena, struct complaints *complaints,
			 const struct option_places *places)
{
	struct url_options *url = object;
	struct parts parts;
	cleanup(text)
	struct text shown = { 0 };
	cleanup(free)
	char *address = NULL;

	(void)complaints;
	(void)places;
	if (!read_url(url->url, &parts))
		return;
	address = memory_print("%s:%u", parts.host, parts.port);
	url->reach.address = arena_text(arena, address);
	reach_prepare(&url->reach, arena);
	url->protocol = parts.scheme->protocol;
	url->user = url->auth.user ? url->auth.user : keep(arena, parts.user);
	url->password = url->auth.user ? url->auth.password : keep(arena, parts.password);
	settle_tls(url, parts.scheme, arena);
	http_url_show(&shown, url->url);
	url->shown = arena_text(arena, text_string(&shown));
	url_script(url, parts.path && parts.path[0] && parts.path[1] ? parts.path + 1 : NULL,
		   arena);
	parts_done(&parts);
}
