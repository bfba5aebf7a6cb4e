/* alertmanager.c - tells every member of a cluster of Alertmanagers, which groups and repeats itself.
 *
 * An alert is known by its labels, so nothing is in them that changes while an incident lasts:
 * how bad it is and why are annotations.  Each alert says when it ends by itself, so one that is
 * not sent again (see engine/resend.c) ends even where its end got lost.
 * Source: Alertmanager API v2, POST /api/v2/alerts.
 */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "alert/access.h"
#include "alert/receiver.h"
#include "base/cleanup.h"
#include "base/member.h"
#include "base/memory.h"

enum { MEMBERS_MAX = 16 };

/* Four times the minute in which it is sent again. */
static const usec_t lasts = 4 * USEC_PER_MIN;

struct alertmanager_options {
	const char *const *urls;
	struct option_pairs headers;
	const void *tls; /* struct access_tls; or NULL */
	const void *auth; /* struct access_auth; or NULL */
};

/* One member's part of a delivery. */
struct part {
	struct delivery *delivery; /* borrowed */
	struct post *post; /* owned; NULL once it is over */
	char *url; /* owned */
};

struct delivery {
	const struct receiver *receiver; /* borrowed */
	delivery_done *done;
	void *context;
	struct part parts[MEMBERS_MAX];
	unsigned parts_count, left, taken;
	char *headers[MEMBERS_MAX + 3]; /* owned; NULL-terminated */
	struct text body;
	struct delivery_result result; /* the worst so far */
	struct text detail; /* of that */
};

/* --- Keys ---------------------------------------------------------------------------------- */

static bool check_url(const char *url, size_t len, struct text *wanted)
{
	const char *must;

	(void)len;
	if (post_check_url(url, &must))
		return true;
	text_print(wanted, "must %s", must);
	return false;
}

static bool check_line(const char *text, size_t len, struct text *wanted)
{
	(void)len;
	if (!strpbrk(text, "\r\n"))
		return true;
	text_append(wanted, "must be one line");
	return false;
}

static const struct option alertmanager_options[] = {
	{
		.key = "urls",
		.kind = OPTION_TEXTS,
		.offset = MEMBER(struct alertmanager_options, urls, const char *const *),
		.is_required = true,
		.is_url = true,
		.min = 1,
		.max = 8192,
		.check = check_url,
		.about = "All members of the cluster, without /api/v2.",
		.example = "[http://a.example.com:9093, http://b.example.com:9093]",
		.elsewhere = "url targets alertmanagers",
	},
	{
		.key = "headers",
		.kind = OPTION_PAIRS,
		.offset = MEMBER(struct alertmanager_options, headers, struct option_pairs),
		.ignores_case = true,
		.is_secret = true,
		.check = check_line,
		.about = "Headers of the requests.",
		.example = "{ Authorization: 'Bearer x' }",
	},
	{
		.key = "auth",
		.kind = OPTION_MAPPING,
		.is_separate = true,
		.offset = MEMBER(struct alertmanager_options, auth, const void *),
		.table = &access_auth_table,
		.about = "How to log in.",
	},
	{
		.key = "tls",
		.kind = OPTION_MAPPING,
		.is_separate = true,
		.offset = MEMBER(struct alertmanager_options, tls, const void *),
		.table = &access_tls_table,
		.about = "Whom to trust, and who we are.",
	},
	OPTION_END,
};

static void examine_alertmanager(const void *object, struct complaints *complaints,
				 const struct option_places *places)
{
	const struct alertmanager_options *options = object;
	unsigned count = 0;

	while (options->urls && options->urls[count])
		count++;
	if (options->urls && (count == 0 || count > MEMBERS_MAX))
		option_complain(complaints, places, "urls", "'urls' are 1 to %d, not %u",
				MEMBERS_MAX, count);
	if (options->headers.count > MEMBERS_MAX)
		option_complain(complaints, places, "headers",
				"'headers' may have %d of them at most, not %u", MEMBERS_MAX,
				options->headers.count);
}

static const struct option_table alertmanager_table = {
	.options = alertmanager_options,
	.size = sizeof(struct alertmanager_options),
	.short_key = "urls",
	.examine = examine_alertmanager,
};

/* --- Alerts -------------------------------------------------------------------------------- */

static const char *string_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

static void copy(struct text *json, const json_t *from, const char *key)
{
	if (*string_of(from, key))
		member_text(json, key, string_of(from, key));
}

static void print_labels(struct text *json, const json_t *incident)
{
	const char *name;
	json_t *value;

	member(json, "labels");
	text_append_char(json, '{');
	member_text(json, "alertname",
		    *string_of(incident, "endpoint") ? "PicketEndpoint" : "PicketHost");
	copy(json, incident, "endpoint");
	copy(json, incident, "group");
	json_object_foreach(json_object_get(incident, "labels"), name, value)
	{
		if (strcmp(name, "alertname") != 0)
			member_text(json, name, json_string_value(value));
	}
	text_append_char(json, '}');
}

static void print_annotations(struct text *json, const json_t *incident)
{
	const char *endpoint = string_of(incident, "endpoint");
	cleanup(text)
	struct text summary = { 0 };

	text_print(&summary, "%s is %s", *endpoint ? endpoint : "this host",
		   string_of(incident, "state"));
	if (*string_of(incident, "reason"))
		text_print(&summary, ": %s", string_of(incident, "reason"));
	member(json, "annotations");
	text_append_char(json, '{');
	member_text(json, "summary", text_string(&summary));
	copy(json, incident, "severity");
	copy(json, incident, "state");
	copy(json, incident, "class");
	copy(json, incident, "reason");
	member_text(json, "incident", string_of(incident, "id"));
	text_append_char(json, '}');
}

static void print_alert(struct text *json, const json_t *incident)
{
	text_append_char(json, '{');
	print_labels(json, incident);
	print_annotations(json, incident);
	member_text(json, "startsAt", string_of(incident, "started_at"));
	if (*string_of(incident, "ended_at"))
		member_text(json, "endsAt", string_of(incident, "ended_at"));
	else
		member_time(json, "endsAt", clock_wall() + lasts);
	text_append_char(json, '}');
}

/* What notify-test sends: an alert that ends soon. */
static void print_test(struct text *json, const json_t *message)
{
	text_append(json, "{\"labels\":{\"alertname\":\"PicketTest\"},\"annotations\":{");
	copy(json, message, "summary");
	text_append_char(json, '}');
	copy(json, message, "at");
	member_time(json, "endsAt", clock_wall() + USEC_PER_MIN);
	text_append_char(json, '}');
}

static void write_body(struct delivery *delivery, const struct notification *notification)
{
	json_t *message = json_loads(notification->json, 0, NULL), *incident;
	struct text *body = &delivery->body;
	size_t i;

	text_append_char(body, '[');
	json_array_foreach(json_object_get(message, "incidents"), i, incident)
	{
		text_append(body, i ? "," : "");
		print_alert(body, incident);
	}
	if (notification->event == NOTIFICATION_TEST)
		print_test(body, message);
	text_append_char(body, ']');
	json_decref(message);
}

/* --- Delivery ------------------------------------------------------------------------------ */

static void delivery_free(struct delivery *delivery)
{
	for (unsigned i = 0; i < delivery->parts_count; i++)
		free(delivery->parts[i].url);
	for (char **header = delivery->headers; *header; header++)
		free(*header);
	text_done(&delivery->body);
	text_done(&delivery->detail);
	free(delivery);
}

static void note_failure(struct delivery *delivery, const struct post_result *result)
{
	const bool is_final = result->status >= 400 && result->status < 500 &&
			      result->status != 408 && result->status != 429;

	if (delivery->detail.len)
		return;
	delivery->result.outcome = is_final ? DELIVERY_REFUSED : DELIVERY_FAILED;
	delivery->result.retry_after = result->retry_after;
	if (!result->status) {
		delivery_append_answer(&delivery->detail, delivery->receiver, result->fault,
				       strlen(result->fault));
		return;
	}
	text_print(&delivery->detail, "status %u: ", result->status);
	delivery_append_answer(&delivery->detail, delivery->receiver, text_string(result->body),
			       result->body->len);
}

/* One that took it is enough: the others get what still lasts within the minute. */
static void finish(struct delivery *delivery)
{
	cleanup(text)
	struct text detail = { 0 };

	text_print(&detail, "taken by %u of %u", delivery->taken, delivery->parts_count);
	if (delivery->detail.len)
		text_print(&detail, "; %s", text_string(&delivery->detail));
	if (delivery->taken)
		delivery->result = (struct delivery_result){ .outcome = DELIVERY_TAKEN };
	delivery->result.detail = text_string(&detail);
	delivery->done(&delivery->result, delivery->context);
	delivery_free(delivery);
}

static void posted(const struct post_result *result, void *context)
{
	struct part *part = context;
	struct delivery *delivery = part->delivery;

	part->post = NULL;
	if (result->status >= 200 && result->status < 300)
		delivery->taken++;
	else
		note_failure(delivery, result);
	if (--delivery->left == 0)
		finish(delivery);
}

static void start_part(struct delivery *delivery, const struct delivery_tools *tools,
		       const char *url)
{
	const struct alertmanager_options *options = delivery->receiver->options;
	const struct access_tls *tls = options->tls;
	struct part *part = &delivery->parts[delivery->parts_count++];
	const size_t len = strlen(url);
	struct post_request request = {
		.method = "POST",
		.headers = (const char *const *)delivery->headers,
		.body = text_string(&delivery->body),
		.body_len = delivery->body.len,
		.ca = tls ? tls->ca : NULL,
		.cert = tls ? tls->cert : NULL,
		.key = tls ? tls->key : NULL,
		.timeout = delivery->receiver->timeout,
	};

	part->delivery = delivery;
	part->url =
		memory_print("%.*s/api/v2/alerts", (int)(url[len - 1] == '/' ? len - 1 : len), url);
	request.url = part->url;
	part->post = post_start(&tools->post, &request, posted, part);
}

static struct delivery *alertmanager_start(const struct delivery_tools *tools,
					   const struct receiver *receiver,
					   const struct notification *notification,
					   delivery_done *done, void *context)
{
	const struct alertmanager_options *options = receiver->options;
	struct delivery *delivery = MEMORY_NEW(struct delivery);
	unsigned headers = 0;

	delivery->receiver = receiver;
	delivery->done = done;
	delivery->context = context;
	for (; headers < options->headers.count; headers++)
		delivery->headers[headers] =
			memory_print("%s: %s", options->headers.pairs[headers].key,
				     options->headers.pairs[headers].value);
	delivery->headers[headers++] = memory_text("Content-Type: application/json");
	if (options->auth)
		delivery->headers[headers] = access_header(options->auth);
	write_body(delivery, notification);
	for (const char *const *url = options->urls; *url; url++)
		delivery->left++;
	for (const char *const *url = options->urls; *url; url++)
		start_part(delivery, tools, *url);
	return delivery;
}

static void alertmanager_cancel(struct delivery *delivery)
{
	for (unsigned i = 0; i < delivery->parts_count; i++)
		if (delivery->parts[i].post)
			post_cancel(delivery->parts[i].post);
	delivery_free(delivery);
}

static char *alertmanager_secret(const void *options)
{
	return access_secret(((const struct alertmanager_options *)options)->auth);
}

const struct receiver_type receiver_alertmanager = {
	.name = "alertmanager",
	.about = "Tells a cluster of Alertmanagers.",
	.table = &alertmanager_table,
	.tells_all = true,
	.secret = alertmanager_secret,
	.start = alertmanager_start,
	.cancel = alertmanager_cancel,
};
