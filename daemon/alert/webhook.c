/* webhook.c - tells by an HTTP request. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "alert/access.h"
#include "alert/preset.h"
#include "alert/receiver.h"
#include "alert/template.h"
#include "base/cleanup.h"
#include "base/memory.h"
#include "base/text.h"

enum { HEADERS_MAX = 64 };

struct webhook_options {
	const char *url;
	const char *method;
	struct option_pairs headers;
	const char *body;
	int preset;
	struct option_pairs fields;
	const char *answer_has;
	usec_t timeout; /* 0: the receiver's */
	const void *tls; /* struct access_tls; or NULL */
	const void *auth; /* struct access_auth; or NULL */
};

struct delivery {
	struct post *post; /* owned */
	const struct receiver *receiver; /* borrowed */
	delivery_done *done;
	void *context;
	struct text body;
	char *headers[HEADERS_MAX + 5]; /* owned; NULL-terminated */
	unsigned headers_count;
};

static bool check_url(const char *url, size_t len, struct text *wanted)
{
	const char *must;

	(void)len;
	if (post_check_url(url, &must))
		return true;
	text_print(wanted, "must %s", must);
	return false;
}

static bool check_header(const char *name, size_t len, struct text *wanted)
{
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)name[i] <= ' ' || (unsigned char)name[i] >= 0x7f ||
		    strchr("()<>@,;:\\\"/[]?={}", name[i])) {
			text_append(wanted, "is no name of a header");
			return false;
		}
	return len > 0;
}

static bool check_line(const char *text, size_t len, struct text *wanted)
{
	(void)len;
	if (!strpbrk(text, "\r\n"))
		return true;
	text_append(wanted, "must be one line");
	return false;
}

static const struct option webhook_options[] = {
	{
		.key = "url",
		.kind = OPTION_TEXT,
		.offset = MEMBER(struct webhook_options, url, const char *),
		.is_required = true,
		.is_url = true,
		.min = 1,
		.max = 8192,
		.check = check_url,
		.about = "Where the request goes, http:// or https://.",
		.example = "https://chat.example.com/hook",
		.elsewhere = "uri endpoint address",
	},
	{
		.key = "method",
		.kind = OPTION_TEXT,
		.offset = MEMBER(struct webhook_options, method, const char *),
		.fallback = "POST",
		.min = 1,
		.max = 32,
		.check = check_line,
		.about = "Of the request.",
	},
	{
		.key = "headers",
		.kind = OPTION_PAIRS,
		.offset = MEMBER(struct webhook_options, headers, struct option_pairs),
		.ignores_case = true,
		.is_secret = true,
		.check = check_line,
		.check_key = check_header,
		.about = "Headers of the request; Content-Type says how the body is escaped.",
		.example = "{ Authorization: 'Bearer x' }",
		.elsewhere = "header http_headers",
	},
	{
		.key = "body",
		.kind = OPTION_TEXT,
		.offset = MEMBER(struct webhook_options, body, const char *),
		.is_verbatim = true,
		.has_lines = true,
		.check = template_check,
		.about =
			"The body instead of the JSON object that is documented below, with ${summary} "
			"and other names that are listed there.",
		.example = "'{\"text\": \"${summary}\"}'",
		.elsewhere = "payload template message text",
	},
	{
		.key = "preset",
		.kind = OPTION_CHOICE,
		.offset = MEMBER(struct webhook_options, preset, int),
		.words = preset_words,
		.about =
			"The body and Content-Type that such a service expects, instead of 'body'.",
		.example = "slack",
		.elsewhere = "type provider service",
	},
	{
		.key = "fields",
		.kind = OPTION_PAIRS,
		.offset = MEMBER(struct webhook_options, fields, struct option_pairs),
		.about = "Texts for ${field:NAME} in the body, references among them.",
		.example = "{ routing_key: '${credential:pagerduty}' }",
		.elsewhere = "values variables",
	},
	{
		.key = "answer_has",
		.kind = OPTION_TEXT,
		.offset = MEMBER(struct webhook_options, answer_has, const char *),
		.min = 1,
		.max = 1024,
		.about =
			"A text that the first 4 KiB of the answer have where the message was taken; "
			"without it the status alone says so.",
		.example = "'\"ok\":true'",
		.elsewhere = "success",
	},
	{
		.key = "timeout",
		.kind = OPTION_DURATION,
		.offset = MEMBER(struct webhook_options, timeout, usec_t),
		.min = 100 * USEC_PER_MS,
		.max = 10 * USEC_PER_MIN,
		.about =
			"How long one delivery may take; as the timeout beside 'webhook' unless given.",
		.example = "5s",
	},
	{
		.key = "auth",
		.kind = OPTION_MAPPING,
		.is_separate = true,
		.offset = MEMBER(struct webhook_options, auth, const void *),
		.table = &access_auth_table,
		.about = "How to log in.",
	},
	{
		.key = "tls",
		.kind = OPTION_MAPPING,
		.is_separate = true,
		.offset = MEMBER(struct webhook_options, tls, const void *),
		.table = &access_tls_table,
		.about = "Whom to trust, and who we are.",
	},
	OPTION_END,
};

static void examine_webhook(const void *object, struct complaints *complaints,
			    const struct option_places *places)
{
	const struct webhook_options *options = object;
	const struct preset *preset = preset_find(options->preset);
	const char *body = preset ? preset->body : options->body, *missing;
	size_t len;

	if (options->auth)
		for (unsigned i = 0; i < options->headers.count; i++)
			if (strcasecmp(options->headers.pairs[i].key, "Authorization") == 0)
				option_complain(complaints, places, "auth",
						"'headers' has an Authorization already");

	if (options->headers.count > HEADERS_MAX)
		option_complain(complaints, places, "headers",
				"'headers' may have %d of them at most, not %u", HEADERS_MAX,
				options->headers.count);
	if (preset && options->body)
		option_complain(complaints, places, "body",
				"'preset' brings a body of its own; leave one of them out");
	missing = body ? template_missing(body, &options->fields, &len) : NULL;
	if (missing)
		option_complain(complaints, places, preset ? "preset" : "body",
				"'fields' needs a '%.*s'%s%s", (int)len, missing,
				preset ? " for the preset " : "", preset ? preset->name : "");
}

static const struct option_table webhook_table = {
	.options = webhook_options,
	.size = sizeof(struct webhook_options),
	.short_key = "url",
	.examine = examine_webhook,
};

static void delivery_free(struct delivery *delivery)
{
	for (unsigned i = 0; i < delivery->headers_count; i++)
		free(delivery->headers[i]);
	text_done(&delivery->body);
	free(delivery);
}

/* Again later: what a server or a proxy in trouble says.  Other refusals are somebody's to repair. */
static enum delivery_outcome outcome_of(unsigned status)
{
	if (status >= 200 && status < 300)
		return DELIVERY_TAKEN;
	if (status >= 300 && status < 500 && status != 408 && status != 425 && status != 429)
		return DELIVERY_REFUSED;
	return DELIVERY_FAILED;
}

/* Some say 200 and then that they did not take it. */
static bool has_answered_well(const struct delivery *delivery, const struct text *body)
{
	const struct webhook_options *options = delivery->receiver->options;
	const struct preset *preset = preset_find(options->preset);
	const char *wanted = options->answer_has ? options->answer_has
			     : preset		 ? preset->answer_has
						 : NULL;

	return !wanted || strstr(text_string(body), wanted);
}

static void posted(const struct post_result *result, void *context)
{
	struct delivery *delivery = context;
	cleanup(text)
	struct text detail = { 0 };
	struct delivery_result said = {
		.outcome = result->status ? outcome_of(result->status) : DELIVERY_FAILED,
		.retry_after = result->retry_after,
	};

	if (said.outcome == DELIVERY_TAKEN && !has_answered_well(delivery, result->body))
		said.outcome = DELIVERY_REFUSED;
	if (result->status)
		text_print(&detail, "status %u", result->status);
	else
		delivery_append_answer(&detail, delivery->receiver, result->fault,
				       strlen(result->fault));
	if (result->status && said.outcome != DELIVERY_TAKEN && result->body->len) {
		text_append(&detail, ": ");
		delivery_append_answer(&detail, delivery->receiver, result->body->data,
				       result->body->len);
	}
	said.detail = text_string(&detail);
	delivery->done(&said, delivery->context);
	delivery_free(delivery);
}

static void add_header(struct delivery *delivery, const char *name, const char *value)
{
	delivery->headers[delivery->headers_count++] = memory_print("%s: %s", name, value);
}

static void write_body(struct delivery *delivery, const char *type,
		       const struct notification *notification)
{
	const struct webhook_options *options = delivery->receiver->options;
	const struct preset *preset = preset_find(options->preset);
	const struct template_facts facts = {
		.json = notification->json,
		.fields = &options->fields,
		.value_bytes = preset ? preset->value_bytes : 0,
	};

	if (preset)
		template_render(preset->body, preset->escape, &facts, &delivery->body);
	else if (options->body)
		template_render(options->body, template_escape_of(type), &facts, &delivery->body);
	else
		text_append(&delivery->body, notification->json);
}

static struct delivery *webhook_start(const struct delivery_tools *tools,
				      const struct receiver *receiver,
				      const struct notification *notification, delivery_done *done,
				      void *context)
{
	const struct webhook_options *options = receiver->options;
	const struct access_tls *tls = options->tls;
	struct delivery *delivery = MEMORY_NEW(struct delivery);
	const struct preset *preset = preset_find(options->preset);
	const char *type = preset ? preset->content_type : "application/json";
	bool has_type = false;
	struct post_request request = {
		.url = options->url,
		.method = options->method,
		.ca = tls ? tls->ca : NULL,
		.cert = tls ? tls->cert : NULL,
		.key = tls ? tls->key : NULL,
		.timeout = options->timeout ? options->timeout : receiver->timeout,
	};

	delivery->receiver = receiver;
	delivery->done = done;
	delivery->context = context;
	for (unsigned i = 0; i < options->headers.count; i++) {
		const struct option_pair *pair = &options->headers.pairs[i];

		add_header(delivery, pair->key, pair->value);
		if (strcasecmp(pair->key, "Content-Type") == 0) {
			type = pair->value;
			has_type = true;
		}
	}
	if (options->auth)
		delivery->headers[delivery->headers_count++] = access_header(options->auth);
	if (!has_type)
		add_header(delivery, "Content-Type", type);
	add_header(delivery, "Picket-Notification", notification->id);
	if (notification->is_unstored)
		add_header(delivery, "Picket-Unstored", "true");
	write_body(delivery, type, notification);
	request.headers = (const char *const *)delivery->headers;
	request.body = text_string(&delivery->body);
	request.body_len = delivery->body.len;
	delivery->post = post_start(&tools->post, &request, posted, delivery);
	return delivery;
}

static void webhook_cancel(struct delivery *delivery)
{
	post_cancel(delivery->post);
	delivery_free(delivery);
}

static char *webhook_secret(const void *options)
{
	return access_secret(((const struct webhook_options *)options)->auth);
}

const struct receiver_type receiver_webhook = {
	.name = "webhook",
	.about = "Tells by an HTTP request.",
	.table = &webhook_table,
	.secret = webhook_secret,
	.start = webhook_start,
	.cancel = webhook_cancel,
};
