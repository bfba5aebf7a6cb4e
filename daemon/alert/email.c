/* email.c - tells by mail. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "alert/access.h"
#include "alert/receiver.h"
#include "base/cleanup.h"
#include "base/memory.h"
#include "base/text.h"
#include "loop/mail.h"

enum { RECIPIENTS_MAX = 64, ADDRESS_BYTES = 254 };

struct email_options {
	const char *server;
	const char *from;
	const char *const *to;
	const char *user, *password;
	bool starts_tls;
	const void *tls; /* struct access_tls; or NULL */
};

struct delivery {
	struct mail *mail; /* owned */
	const struct receiver *receiver; /* borrowed */
	delivery_done *done;
	void *context;
	char *url, *subject; /* owned */
	struct text body;
};

/* --- Keys ---------------------------------------------------------------------------------- */

static char *url_of(const char *server)
{
	struct text url = { 0 };

	text_append(&url, strstr(server, "://") ? "" : "smtp://");
	text_append(&url, server);
	return text_take(&url);
}

static bool check_server(const char *server, size_t len, struct text *wanted)
{
	cleanup(free)
	char *url = url_of(server);
	const char *must;

	(void)len;
	if (strpbrk(server, "@?#") || strchr(strstr(url, "://") + 3, '/')) {
		text_append(wanted, "must be HOST or HOST:PORT, with smtps:// before it or not");
		return false;
	}
	if (mail_check_url(url, &must))
		return true;
	text_print(wanted, "must %s", must);
	return false;
}

/* A mailbox as it may stand in an envelope: no quoting, no names (RFC 5321, 4.1.2, in part). */
static bool check_address(const char *address, size_t len, struct text *wanted)
{
	const char *at = strchr(address, '@');
	bool is_fine = at && at != address && at[1] && !strchr(at + 1, '@') && len <= ADDRESS_BYTES;

	for (size_t i = 0; i < len; i++)
		if ((unsigned char)address[i] <= ' ' || (unsigned char)address[i] >= 0x7f ||
		    strchr("<>()[]\\,;:\"", address[i]))
			is_fine = false;
	if (!is_fine)
		text_append(wanted, "must be an address, NAME@DOMAIN and nothing else");
	return is_fine;
}

static const struct option auth_options[] = {
	{
		.key = "user",
		.kind = OPTION_TEXT,
		.offset = MEMBER(struct email_options, user, const char *),
		.min = 1,
		.max = 255,
		.about = "The name to log in with.",
		.example = "picket",
		.elsewhere = "username login",
	},
	{
		.key = "password",
		.kind = OPTION_SECRET,
		.offset = MEMBER(struct email_options, password, const char *),
		.min = 1,
		.max = 1024,
		.about = "Its password.",
		.example = "${credential:mail}",
		.elsewhere = "pass",
	},
	OPTION_END,
};

static void examine_auth(const void *object, struct complaints *complaints,
			 const struct option_places *places)
{
	const struct email_options *options = object;

	if (!options->user != !options->password)
		option_complain(complaints, places, options->user ? "user" : "password",
				"'user' and 'password' go together");
}

static const struct option_table auth_table = {
	.options = auth_options,
	.examine = examine_auth,
};

static const struct option email_options[] = {
	{
		.key = "server",
		.kind = OPTION_TEXT,
		.offset = MEMBER(struct email_options, server, const char *),
		.is_required = true,
		.min = 1,
		.max = 300,
		.check = check_server,
		.about =
			"HOST or HOST:PORT of the mail server; port 25 unless given. smtps:// before "
			"it speaks TLS from the first byte, by default at port 465.",
		.example = "mail.example.com:587",
		.elsewhere = "smarthost host smtp",
	},
	{
		.key = "from",
		.kind = OPTION_TEXT,
		.offset = MEMBER(struct email_options, from, const char *),
		.is_required = true,
		.check = check_address,
		.about = "The sender's address.",
		.example = "picket@example.com",
		.elsewhere = "sender",
	},
	{
		.key = "to",
		.kind = OPTION_TEXTS,
		.offset = MEMBER(struct email_options, to, const char *const *),
		.is_required = true,
		.min = 1,
		.max = ADDRESS_BYTES,
		.check = check_address,
		.about = "Who gets it, an address or up to 64.",
		.example = "[ops@example.com]",
		.elsewhere = "recipients rcpt",
	},
	{
		.key = "auth",
		.kind = OPTION_MAPPING,
		.table = &auth_table,
		.about = "How to log in; without it nobody does.",
	},
	{
		.key = "starttls",
		.kind = OPTION_FLAG,
		.offset = MEMBER(struct email_options, starts_tls, bool),
		.fallback = "true",
		.about =
			"Whether TLS is spoken; where it is, a server that does not offer it gets no "
			"mail.",
		.elsewhere = "require_tls tls",
	},
	{
		.key = "tls",
		.kind = OPTION_MAPPING,
		.is_separate = true,
		.offset = MEMBER(struct email_options, tls, const void *),
		.table = &access_tls_table,
		.about = "Whom to trust, and who we are.",
	},
	OPTION_END,
};

static void examine_email(const void *object, struct complaints *complaints,
			  const struct option_places *places)
{
	const struct email_options *options = object;
	unsigned count = 0;

	while (options->to && options->to[count])
		count++;
	if (count > RECIPIENTS_MAX)
		option_complain(complaints, places, "to",
				"'to' may have %d addresses at most, not %u", RECIPIENTS_MAX,
				count);
	if (options->password && options->server && !options->starts_tls &&
	    strncmp(options->server, "smtps:", 6) != 0)
		option_warn(complaints, places, "starttls",
			    "without 'starttls' the password goes over the network as it is");
}

static const struct option_table email_table = {
	.options = email_options,
	.size = sizeof(struct email_options),
	.examine = examine_email,
};

/* --- The mail ------------------------------------------------------------------------------ */

static const char *string_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

/* Lines for people; whatever an endpoint said cannot break them. */
static void append_line(struct text *body, const char *what, const char *value)
{
	if (!*value)
		return;
	text_print(body, "  %-9s ", what);
	text_append_escaped(body, value, strlen(value));
	text_append_char(body, '\n');
}

static void append_incident(struct text *body, const json_t *incident)
{
	const char *endpoint = string_of(incident, "endpoint");
	const char *ended = string_of(incident, "ended_at");

	text_append_char(body, '\n');
	text_append_escaped(body, *endpoint ? endpoint : "this host",
			    strlen(*endpoint ? endpoint : "this host"));
	text_print(body, ": %s\n",
		   *ended ? string_of(incident, "end") : string_of(incident, "state"));
	append_line(body, "reason", string_of(incident, "reason"));
	append_line(body, "since", string_of(incident, "started_at"));
	append_line(body, "until", ended);
	append_line(body, "group", string_of(incident, "group"));
	append_line(body, "incident", string_of(incident, "id"));
}

static void write_mail(struct delivery *delivery, const struct notification *notification)
{
	json_t *message = json_loads(notification->json, 0, NULL), *incident;
	const char *summary = string_of(message, "summary");
	const json_int_t omitted = json_integer_value(json_object_get(message, "omitted"));
	size_t i;

	delivery->subject = memory_print("[picket] %s", summary);
	text_append_escaped(&delivery->body, summary, strlen(summary));
	text_append_char(&delivery->body, '\n');
	json_array_foreach(json_object_get(message, "incidents"), i, incident)
	{
		append_incident(&delivery->body, incident);
	}
	if (omitted)
		text_print(&delivery->body, "\nand %lld more\n", (long long)omitted);
	text_print(&delivery->body, "\n-- \n%s%s\n", notification->id,
		   notification->is_unstored ? " (not on the disk yet)" : "");
	json_decref(message);
}

static void delivery_free(struct delivery *delivery)
{
	free(delivery->url);
	free(delivery->subject);
	text_done(&delivery->body);
	free(delivery);
}

static void mailed(const struct mail_result *result, void *context)
{
	struct delivery *delivery = context;
	cleanup(text)
	struct text detail = { 0 };
	struct delivery_result said = {
		.outcome = result->outcome == MAIL_TAKEN     ? DELIVERY_TAKEN
			   : result->outcome == MAIL_REFUSED ? DELIVERY_REFUSED
							     : DELIVERY_FAILED,
	};
	const char *what = result->fault ? result->fault : "mailed";

	delivery_append_answer(&detail, delivery->receiver, what, strlen(what));
	if (*result->answer) {
		text_append(&detail, result->fault ? ": " : ", but not to all: ");
		delivery_append_answer(&detail, delivery->receiver, result->answer,
				       strlen(result->answer));
	}
	said.detail = text_string(&detail);
	delivery->done(&said, delivery->context);
	delivery_free(delivery);
}

static struct delivery *email_start(const struct delivery_tools *tools,
				    const struct receiver *receiver,
				    const struct notification *notification, delivery_done *done,
				    void *context)
{
	const struct email_options *options = receiver->options;
	const struct access_tls *tls = options->tls;
	struct delivery *delivery = MEMORY_NEW(struct delivery);
	struct mail_request request = {
		.starts_tls = options->starts_tls,
		.user = options->user,
		.password = options->password,
		.ca = tls ? tls->ca : NULL,
		.cert = tls ? tls->cert : NULL,
		.key = tls ? tls->key : NULL,
		.from = options->from,
		.to = options->to,
		.id = notification->id,
		.date = notification->created,
		.timeout = receiver->timeout,
	};

	delivery->receiver = receiver;
	delivery->done = done;
	delivery->context = context;
	delivery->url = url_of(options->server);
	write_mail(delivery, notification);
	request.url = delivery->url;
	request.subject = delivery->subject;
	request.body = text_string(&delivery->body);
	request.body_len = delivery->body.len;
	delivery->mail = mail_start(&tools->post, &request, mailed, delivery);
	return delivery;
}

static void email_cancel(struct delivery *delivery)
{
	mail_cancel(delivery->mail);
	delivery_free(delivery);
}

const struct receiver_type receiver_email = {
	.name = "email",
	.about = "Tells by mail.",
	.table = &email_table,
	.start = email_start,
	.cancel = email_cancel,
};
