/* export.c - every verdict as a line of JSON in a file: `export:`.
 *
 * A thread writes it, and what it does not take in time is lost and counted: the file is for
 * others to read, and nothing of ours waits for it.
 */
#include <string.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/text.h"
#include "config/snapshot.h"
#include "engine/house.h"
#include "loop/appender.h"

enum { WAITING_BYTES_MAX = 4 * 1024 * 1024 };

/* When the thread may take longer to end than the daemon itself. */
static const usec_t patience_without_end = USEC_PER_SEC;

void export_follow(struct engine *engine)
{
	const char *path = engine->snapshot->settings.export_file;

	engine->is_exporting = path != NULL;
	if (path && engine->appender)
		appender_reopen(engine->appender, path);
	else if (path)
		engine->appender = appender_new(path, WAITING_BYTES_MAX);
	if (path && !engine->appender)
		log_line(LOG_WARNING, "no thread can be started to write '%s' ('export.file')",
			 path);
}

void export_reopen(struct engine *engine)
{
	if (engine->appender)
		appender_reopen(engine->appender, NULL);
}

/* Once when it begins to fail, and once when it is over. */
static void log_fault(struct engine *engine, int fault)
{
	const char *path = engine->snapshot->settings.export_file;

	if (fault == engine->export_fault)
		return;
	engine->export_fault = fault;
	if (fault)
		log_line(
			LOG_WARNING,
			"'%s' ('export.file') cannot be written: %s; verdicts are lost there until "
			"it can be",
			path, strerror(fault));
	else
		log_line(LOG_NOTICE, "'%s' ('export.file') can be written again", path);
}

void export_verdict(struct engine *engine, const struct watch *watch)
{
	cleanup(text)
	struct text line = { 0 };

	if (!engine->is_exporting || !engine->appender)
		return;
	status_print_verdict(&line, watch);
	text_append_char(&line, '\n');
	appender_add(engine->appender, line.data, line.len);
	log_fault(engine, appender_count(engine->appender).fault);
}

void export_count(struct engine *engine)
{
	struct appender_counts counts = { 0 };

	if (engine->appender)
		counts = appender_count(engine->appender);
	engine->vitals.is_exporting = engine->is_exporting;
	engine->vitals.exported = counts.written;
	engine->vitals.export_lost = counts.lost;
}

bool export_done(struct engine *engine)
{
	const usec_t by = engine->end_by ? engine->end_by : clock_now() + patience_without_end;

	return !engine->appender || appender_free(TAKE(engine->appender), by);
}
