/* mail.c - one mail to people, by SMTP over the connector. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/memory.h"
#include "base/utf8.h"
#include "loop/mail.h"

enum {
	ANSWER_BYTES = 1024,
	SUBJECT_BYTES = 400,
	ID_BYTES = 200,
	/* Of text in an encoded word, which may have 75 characters with all that is around it. */
	WORD_BYTES = 42,
};

static const char schemes[] = "smtp,smtps";

struct mail {
	struct mail_request request;
	mail_done *done;
	void *context;
	struct errand *errand; /* owned */
	struct curl_slist *recipients, *headers; /* owned */
	curl_mime *mime; /* owned; from the start of the transfer on */
	struct text refusal; /* the first line of the server that refuses something */
};

static void mail_free(struct mail *mail)
{
	curl_slist_free_all(mail->recipients);
	curl_slist_free_all(mail->headers);
	curl_mime_free(mail->mime);
	text_done(&mail->refusal);
	free(mail);
}

bool mail_check_url(const char *url, const char **ret_wanted)
{
	return errand_check_url(url, schemes, ret_wanted);
}

/* --- Headers ------------------------------------------------------------------------------- */

static bool is_plain(const struct text *line)
{
	/* What looks like an encoded word would be decoded. */
	if (strstr(text_string(line), "=?"))
		return false;
	for (size_t i = 0; i < line->len; i++)
		if ((unsigned char)line->data[i] >= 0x7f)
			return false;
	return true;
}

void mail_append_header_text(struct text *text, const char *value)
{
	cleanup(text)
	struct text line = { .limit_bytes = SUBJECT_BYTES };

	/* No control character is left, so no line break. */
	text_append_escaped(&line, value, strlen(value));
	if (is_plain(&line)) {
		text_append_len(text, text_string(&line), line.len);
		return;
	}
	for (size_t at = 0; at < line.len;) {
		const size_t len = utf8_cut(line.data + at, line.len - at, WORD_BYTES);

		text_append(text, at ? "\r\n =?UTF-8?B?" : "=?UTF-8?B?");
		text_append_base64(text, line.data + at, len);
		text_append(text, "?=");
		at += len;
	}
}

static void add_header(struct mail *mail, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
static void add_header(struct mail *mail, const char *format, ...)
{
	cleanup(text)
	struct text line = { 0 };
	va_list arguments;

	va_start(arguments, format);
	text_vprint(&line, format, arguments);
	va_end(arguments);
	mail->headers = curl_slist_append(mail->headers, text_string(&line));
	if (!mail->headers)
		memory_out();
}

static void add_date(struct mail *mail)
{
	static const char days[][4] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
	static const char months[][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
					  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	const time_t seconds = (time_t)(mail->request.date / USEC_PER_SEC);
	struct tm tm;

	(void)gmtime_r(&seconds, &tm);
	add_header(mail, "Date: %s, %d %s %d %02d:%02d:%02d +0000", days[tm.tm_wday], tm.tm_mday,
		   months[tm.tm_mon], tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

/* The end of an id tells it from others, so that is what is kept of a long one. */
static void add_id(struct mail *mail)
{
	const char *id = mail->request.id;
	const char *domain = strrchr(mail->request.from, '@');
	const size_t len = strlen(id);
	char *local = memory_text(len > ID_BYTES ? id + len - ID_BYTES : id);

	for (char *at = local; *at; at++)
		if (!isalnum((unsigned char)*at) && !strchr("-_/+%", *at))
			*at = '_';
	add_header(mail, "Message-ID: <%s@%s>", local, domain ? domain + 1 : "localhost");
	free(local);
}

static void add_headers(struct mail *mail)
{
	const struct mail_request *request = &mail->request;
	cleanup(text)
	struct text to = { 0 }, subject = { 0 };

	for (const char *const *one = request->to; *one; one++)
		text_print(&to, "%s<%s>", to.len ? ",\r\n " : "", *one);
	mail_append_header_text(&subject, request->subject);
	add_date(mail);
	add_header(mail, "From: <%s>", request->from);
	add_header(mail, "To: %s", text_string(&to));
	add_header(mail, "Subject: %s", text_string(&subject));
	add_id(mail);
	/* Nobody's holiday notice is to answer it. */
	add_header(mail, "Auto-Submitted: auto-generated");
}

/* --- The transfer -------------------------------------------------------------------------- */

/* Every line of the server comes by here. */
static size_t take_line(char *data, size_t size, size_t count, void *context)
{
	struct mail *mail = context;
	const size_t len = size * count;

	if (!mail->refusal.len && len > 3 && (*data == '4' || *data == '5')) {
		text_append_len(&mail->refusal, data, len);
		while (mail->refusal.len &&
		       strchr("\r\n", mail->refusal.data[mail->refusal.len - 1]))
			mail->refusal.data[--mail->refusal.len] = '\0';
	}
	return len;
}

static void set_up(CURL *easy, void *context)
{
	struct mail *mail = context;
	const struct mail_request *request = &mail->request;
	char *sender = memory_print("<%s>", request->from);
	curl_mimepart *part;

	mail->mime = curl_mime_init(easy);
	part = mail->mime ? curl_mime_addpart(mail->mime) : NULL;
	if (!part || curl_mime_data(part, request->body, request->body_len) != CURLE_OK ||
	    curl_mime_type(part, "text/plain; charset=utf-8") != CURLE_OK ||
	    curl_mime_encoder(part, "quoted-printable") != CURLE_OK)
		memory_out();
	(void)curl_easy_setopt(easy, CURLOPT_MAIL_FROM, sender);
	free(sender);
	(void)curl_easy_setopt(easy, CURLOPT_MAIL_RCPT, mail->recipients);
	/* One address that is wrong keeps it from nobody else. */
	(void)curl_easy_setopt(easy, CURLOPT_MAIL_RCPT_ALLLOWFAILS, 1L);
	(void)curl_easy_setopt(easy, CURLOPT_MIMEPOST, mail->mime);
	(void)curl_easy_setopt(easy, CURLOPT_HTTPHEADER, mail->headers);
	(void)curl_easy_setopt(easy, CURLOPT_USE_SSL,
			       request->starts_tls ? (long)CURLUSESSL_ALL : (long)CURLUSESSL_NONE);
	if (request->user) {
		(void)curl_easy_setopt(easy, CURLOPT_USERNAME, request->user);
		(void)curl_easy_setopt(easy, CURLOPT_PASSWORD, request->password);
	}
	(void)curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_line);
	(void)curl_easy_setopt(easy, CURLOPT_HEADERDATA, mail);
}

static const char *fault_of(const struct mail *mail, CURLcode code)
{
	switch ((int)code) {
	case CURLE_USE_SSL_FAILED:
		return "it offers no STARTTLS";
	case CURLE_LOGIN_DENIED:
		return "it does not take the user and the password";
	default:
		if (mail->refusal.len)
			return "it refuses the mail";
		return errand_fault(code) ? errand_fault(code) : "what it answered is no SMTP";
	}
}

static bool is_refusal(const struct mail *mail, CURLcode code)
{
	return code == CURLE_LOGIN_DENIED || code == CURLE_USE_SSL_FAILED ||
	       (mail->refusal.len && *mail->refusal.data == '5');
}

static void over(CURL *easy, CURLcode code, const char *fault, void *context)
{
	struct mail *mail = context;
	cleanup(text)
	struct text sentence = { 0 };
	struct mail_result result = { .outcome = MAIL_FAILED,
				      .answer = text_string(&mail->refusal) };

	if (easy && code == CURLE_OK) {
		result.outcome = MAIL_TAKEN;
	} else if (easy) {
		if (is_refusal(mail, code))
			result.outcome = MAIL_REFUSED;
		text_print(&sentence, "%s: %s", errand_host(mail->errand), fault_of(mail, code));
	} else {
		text_append(&sentence, fault);
	}
	if (result.outcome != MAIL_TAKEN)
		result.fault = text_string(&sentence);
	mail->done(&result, mail->context);
	mail_free(mail);
}

struct mail *mail_start(const struct post_tools *tools, const struct mail_request *request,
			mail_done *done, void *context)
{
	struct mail *mail = MEMORY_NEW(struct mail);
	const struct errand_request wanted = {
		.url = request->url,
		.schemes = schemes,
		.ca = request->ca,
		.cert = request->cert,
		.key = request->key,
		.timeout = request->timeout,
		.set_up = set_up,
		.over = over,
	};

	mail->request = *request;
	mail->done = done;
	mail->context = context;
	mail->refusal.limit_bytes = ANSWER_BYTES;
	for (const char *const *one = request->to; *one; one++) {
		char *recipient = memory_print("<%s>", *one);

		mail->recipients = curl_slist_append(mail->recipients, recipient);
		free(recipient);
		if (!mail->recipients)
			memory_out();
	}
	add_headers(mail);
	mail->errand = errand_start(tools, &wanted, mail);
	return mail;
}

void mail_cancel(struct mail *mail)
{
	errand_cancel(mail->errand);
	mail_free(mail);
}
