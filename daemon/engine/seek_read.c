/* seek_read.c - looking at one source: a thread reads files and documents, the loop fetches
 * these and asks name servers.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/memory.h"
#include "base/text.h"
#include "engine/seek.h"
#include "loop/fetch.h"
#include "loop/records.h"
#include "probe/probe.h"

static const usec_t fetch_timeout = 30 * USEC_PER_SEC;
/* Unless `refresh` says otherwise. */
static const usec_t refresh_files = 5 * USEC_PER_MIN;
static const usec_t refresh_http = USEC_PER_MIN;
/* After a fault nobody waits longer than this, and of names nobody knows how long. */
static const usec_t retry_max = USEC_PER_MIN, retry_dns = 30 * USEC_PER_SEC;

static usec_t refresh_of(const struct search *search)
{
	if (search->refresh)
		return search->refresh;
	if (search->kind == DISCOVERY_DNS)
		return search->ttl;
	return search->kind == DISCOVERY_FILE ? refresh_files : refresh_http;
}

static void fail(struct seeker *seeker, struct search *search, const char *fault)
{
	usec_t again =
		search->kind == DISCOVERY_DNS && !search->refresh ? retry_dns : refresh_of(search);

	seek_found(seeker, search, NULL, fault, again < retry_max ? again : retry_max);
}

/* --- The thread -------------------------------------------------------------------------- */

/* Has all it needs in its job; whoever waits for it may be gone by then. */
static void *work(void *context)
{
	struct seeker *seeker = context;
	struct seek_job *job = seeker->job;
	const uint64_t one = 1;

	if (job->kind == DISCOVERY_FILE)
		(void)targets_read(job->what, job->inotify, &job->watch, &job->targets,
				   &job->fault);
	else
		(void)targets_parse(text_string(&job->document), job->document.len, TARGETS_JSON,
				    job->what, &job->targets, &job->fault);
	if (job->kept && job->targets && job->targets->digest != job->digest)
		seek_write(job->kept, text_string(&job->document), job->document.len);
	(void)!write(seeker->ready_fd, &one, sizeof(one));
	return NULL;
}

void seek_job_free(struct seek_job *job)
{
	if (job->targets)
		targets_unref(job->targets);
	text_done(&job->document);
	text_done(&job->fault);
	free(job->what);
	free(job->kept);
	free(job);
}

void seek_next_job(struct seeker *seeker)
{
	struct list *link = seeker->job ? NULL : list_take_first(&seeker->jobs);
	struct search *search = link ? LIST_ENTRY(link, struct search, job) : NULL;
	int r;

	if (!search)
		return;
	seeker->job = MEMORY_NEW(struct seek_job);
	*seeker->job = (struct seek_job){
		.kind = search->kind,
		.what = memory_text(search->what),
		.document = search->document,
		.inotify = seeker->inotify,
		.watch = -1,
		.kept = search->kind == DISCOVERY_FILE ? NULL
						       : seek_path(seeker->engine, search->key),
		.digest = search->targets ? search->targets->digest : 0,
	};
	search->document = (struct text){ 0 };
	r = pthread_create(&seeker->thread, NULL, work, seeker);
	if (r) {
		seek_job_free(TAKE(seeker->job));
		fail(seeker, search, "no thread can be started to read it");
		return;
	}
	(void)pthread_setname_np(seeker->thread, "seeker");
	seeker->busy = search;
}

void seek_take_job(evutil_socket_t fd, short what, void *context)
{
	struct seeker *seeker = context;
	struct search *search = TAKE(seeker->busy);
	struct seek_job *job = TAKE(seeker->job);
	uint64_t count;

	(void)what;
	(void)!read(fd, &count, sizeof(count));
	(void)pthread_join(seeker->thread, NULL);
	if (search && job->kind == DISCOVERY_FILE)
		search->watch = job->watch;
	if (search && job->targets)
		seek_found(seeker, search, TAKE(job->targets), NULL, refresh_of(search));
	else if (search)
		fail(seeker, search, text_string(&job->fault));
	seek_job_free(job);
	seek_next_job(seeker);
}

static void ask_thread(struct seeker *seeker, struct search *search)
{
	list_append(&seeker->jobs, &search->job);
	seek_next_job(seeker);
}

/* --- HTTP -------------------------------------------------------------------------------- */

static void fetched(const struct fetch_result *result, void *context)
{
	struct search *search = context;
	struct seeker *seeker = search->seeker;
	cleanup(text)
	struct text fault = { 0 };

	search->fetch = NULL;
	seeker->fetching--;
	if (result->fault)
		text_append(&fault, result->fault);
	else if (result->status != 200)
		text_print(&fault, "it answers with status %u, not 200", result->status);
	else if (strcmp(result->type, "application/json") != 0)
		text_print(&fault, "it answers with '%.100s', not application/json", result->type);
	if (fault.len) {
		fail(seeker, search, text_string(&fault));
		return;
	}
	search->document = *result->body;
	*result->body = (struct text){ 0 };
	ask_thread(seeker, search);
}

static void begin_fetch(struct seeker *seeker, struct search *search)
{
	static const char *const headers[] = { "Accept: application/json", NULL };
	const struct probe_tools *tools = seeker->engine->tools;
	const struct post_tools post = {
		.base = seeker->engine->base,
		.connector = tools->connector,
		.transfers = tools->transfers,
		.stores = tools->stores,
	};
	const struct fetch_request request = {
		.url = search->what,
		.headers = headers,
		.body_max = TARGETS_BYTES_MAX,
		.timeout = fetch_timeout,
	};

	seeker->fetching++;
	search->fetch = fetch_start(&post, &request, fetched, search);
}

/* --- DNS --------------------------------------------------------------------------------- */

/* As a URL would say it, so that both go the same way from here on. */
static void looked_up(const struct records *records, void *context)
{
	struct search *search = context;
	struct seeker *seeker = search->seeker;

	search->records = NULL;
	if (records->fault) {
		fail(seeker, search, records->fault);
		return;
	}
	search->ttl = records->ttl;
	text_append(&search->document, "[{\"targets\": [");
	for (unsigned i = 0; i < records->count; i++) {
		text_append(&search->document, i ? ", " : "");
		text_append_json(&search->document, records->names[i], strlen(records->names[i]));
	}
	text_append(&search->document, "]}]");
	ask_thread(seeker, search);
}

void seek_begin(struct seeker *seeker, struct search *search)
{
	switch (search->kind) {
	case DISCOVERY_FILE:
		ask_thread(seeker, search);
		break;
	case DISCOVERY_HTTP:
		begin_fetch(seeker, search);
		break;
	case DISCOVERY_DNS:
		search->records =
			records_start(seeker->engine->base, seeker->engine->tools->resolver,
				      search->what, looked_up, search);
		break;
	}
}
