/* url.c - a URL is asked for at the host that people are shown, and shows no secret.
 *
 * Over: probe/http_url.c
 */
#include <curl/curl.h>

#include "base/text.h"
#include "fuzz.h"
#include "probe/http_url.h"

static char *part_of(CURLU *url, CURLUPart part)
{
	char *value = NULL;

	(void)curl_url_get(url, part, &value, CURLU_DEFAULT_PORT);
	return value;
}

/* libcurl, which is given url->text, goes where the connector goes. */
static void compare(const struct http_url *url)
{
	CURLU *other = curl_url();
	char *host, *port, *zone, *user;
	struct text whole = { 0 };

	assert(curl_url_set(other, CURLUPART_URL, url->text, 0) == CURLUE_OK);
	host = part_of(other, CURLUPART_HOST);
	zone = part_of(other, CURLUPART_ZONEID);
	port = part_of(other, CURLUPART_PORT);
	user = part_of(other, CURLUPART_USER);
	assert(host && port && !user);
	if (*host == '[')
		text_append_len(&whole, host + 1, strlen(host) - 2);
	else
		text_append(&whole, host);
	if (zone)
		text_print(&whole, "%%%s", zone);
	assert(strcmp(text_string(&whole), url->host) == 0);
	assert(strtoul(port, NULL, 10) == url->port);
	text_done(&whole);
	curl_free(host);
	curl_free(port);
	curl_free(zone);
	curl_url_cleanup(other);
}

/* With a password that stands nowhere else. */
static void show(const char *rest)
{
	struct text url = { 0 }, shown = { 0 };

	text_print(&url, "http://user:pa55w0rd@%s", rest);
	/* As far as it is one. */
	if (!strchr(rest, '@') &&
	    http_url_parse(text_string(&url), NULL, &(const char *){ NULL }) == 0 &&
	    !strstr(rest, "pa55w0rd")) {
		http_url_show(&shown, text_string(&url));
		assert(!strstr(text_string(&shown), "pa55w0rd"));
	}
	text_done(&url);
	text_done(&shown);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct fuzz input = { data, len };
	struct http_url url = { 0 }, again = { 0 };
	struct text shown = { 0 };
	const char *fault = NULL;
	char *text = fuzz_rest(&input, NULL);

	if (http_url_parse(text, &url, &fault) < 0) {
		assert(fault && *fault);
	} else {
		compare(&url);
		/* What was made of it makes the same of itself. */
		assert(http_url_parse(url.text, &again, &fault) == 0);
		assert(strcmp(again.text, url.text) == 0);
		assert(http_url_is_same_origin(&url, &again));
		http_url_done(&again);
		http_url_done(&url);
	}
	http_url_show(&shown, text);
	show(text);
	(void)http_url_name_fault(text);
	text_done(&shown);
	free(text);
	return 0;
}
