/* request.c - one pass over the head, texts cut in place. */
#include "request.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "words.h"

#define LARGEST_BODY (16u << 20)

const char *request_header(const struct request *request, const char *name)
{
	for (size_t i = 0; i < request->header_count; i++)
		if (strcasecmp(request->headers[i].name, name) == 0)
			return request->headers[i].value;
	return NULL;
}

/* http://HOST/PATH, which proxies are asked for, becomes /PATH; returns HOST. */
static char *target_host(struct request *request)
{
	char *host = strstr(request->path, "://"), *path;

	if (request->path[0] == '/' || !host)
		return NULL;
	host += 3;
	path = strchr(host, '/');
	request->path = path ? path : host + strlen(host);
	return memory_text_len(host, strcspn(host, "/"));
}

static void host_set(struct request *request)
{
	char *absolute = target_host(request);
	const char *named = request_header(request, "Host");
	char *host = absolute ? absolute : memory_text(named ? named : "");
	char *end = host[0] == '[' ? strchr(host, ']') : strrchr(host, ':');

	if (end)
		*end = '\0';
	if (host[0] == '[')
		memmove(host, host + 1, strlen(host));
	for (char *c = host; *c; c++)
		*c = (char)tolower((unsigned char)*c);
	request->host = host;
}

static int first_line(struct request *request, char *line)
{
	char *rest = line;

	request->method = words_next(&rest, " ");
	request->path = words_next(&rest, " ");
	request->version = words_next(&rest, " ");
	if (!request->version || strncmp(request->version, "HTTP/1.", 7) != 0)
		return -EINVAL;
	request->target = memory_text(request->path);
	return 0;
}

static int header_line(struct request *request, char *line)
{
	char *colon = strchr(line, ':');

	if (!colon || colon == line || request->header_count == REQUEST_HEADERS)
		return -EINVAL;
	*colon = '\0';
	request->headers[request->header_count].name = line;
	request->headers[request->header_count++].value = words_trimmed(colon + 1);
	return 0;
}

static void path_split(struct request *request)
{
	static char empty[] = "";
	char *question = strchr(request->path, '?');

	request->query = empty;
	if (question) {
		*question = '\0';
		request->query = question + 1;
	}
}

int request_parse(struct request *request, char *head)
{
	const char *length, *connection;
	char *rest = head, *line;

	*request = (struct request){ .head = head };
	line = strsep(&rest, "\n");
	if (!rest || first_line(request, words_trimmed(line)) < 0)
		return -EINVAL;
	while ((line = strsep(&rest, "\n")) && *(line = words_trimmed(line)))
		if (header_line(request, line) < 0)
			return -EINVAL;
	host_set(request);
	path_split(request);

	length = request_header(request, "Content-Length");
	if (length && words_number(length, LARGEST_BODY, &request->body_len) < 0)
		return -EINVAL;
	connection = request_header(request, "Connection");
	request->is_keep_alive = strcmp(request->version, "HTTP/1.1") == 0
					 ? !connection || strcasecmp(connection, "close") != 0
					 : connection && strcasecmp(connection, "keep-alive") == 0;
	return 0;
}

void request_done(struct request *request)
{
	free(request->host);
	free(request->target);
	free(request->head);
	*request = (struct request){ 0 };
}
