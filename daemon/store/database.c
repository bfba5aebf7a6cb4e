/* database.c - one connection to the SQLite file. */
#include <assert.h>
#include <fcntl.h>
#include <malloc.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/memory.h"
#include "store/database.h"
#include "store/schema.h"

struct database {
	sqlite3 *handle; /* owned */
	sqlite3_stmt *writes[STORE_WRITES]; /* owned; NULL until needed */
	sqlite3_stmt *asks[STORE_ASKS]; /* the same */
};

/* A text column of a damaged file may hold anything: no more than this is read of one. */
enum { VALUE_BYTES_MAX = 4 << 20, BUSY_WAIT_MS = 500 };

/* In the header of the file. */
enum { WRITE_FORMAT_AT = 18, WRITE_FORMAT_MAX = 2 };

static enum database_result result_of(int code)
{
	switch (code & 0xff) {
	case SQLITE_OK:
	case SQLITE_DONE:
	case SQLITE_ROW:
		return DATABASE_OK;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
	case SQLITE_ERROR: /* no such table or column: not the tables its version says */
	case SQLITE_SCHEMA:
		return DATABASE_CORRUPT;
	default:
		return DATABASE_FAILED;
	}
}

static void set_fault(char **ret_fault, char *sentence)
{
	free(*ret_fault);
	*ret_fault = sentence;
}

static enum database_result fail(struct database *database, const char *doing, char **ret_fault)
{
	const int code = sqlite3_extended_errcode(database->handle);
	const char *what = sqlite3_errmsg(database->handle);
	const enum database_result result = result_of(code);

	set_fault(ret_fault, memory_print("%s: %s", doing, what));
	return result == DATABASE_OK ? DATABASE_FAILED : result;
}

static enum database_result run(struct database *database, const char *sql, const char *doing,
				char **ret_fault)
{
	if (sqlite3_exec(database->handle, sql, NULL, NULL, NULL) == SQLITE_OK)
		return DATABASE_OK;
	return fail(database, doing, ret_fault);
}

/* The first column of the first row as a text; malloc'ed, or NULL. */
static char *ask(struct database *database, const char *sql)
{
	sqlite3_stmt *statement = NULL;
	char *answer = NULL;

	if (sqlite3_prepare_v2(database->handle, sql, -1, &statement, NULL) == SQLITE_OK &&
	    sqlite3_step(statement) == SQLITE_ROW) {
		const char *text = (const char *)sqlite3_column_text(statement, 0);

		answer = text ? memory_text(text) : NULL;
	}
	(void)sqlite3_finalize(statement);
	return answer;
}

static enum database_result migrate(struct database *database, long from, char **ret_fault)
{
	enum database_result result = run(database, "BEGIN IMMEDIATE",
					  "the store cannot be brought to this version", ret_fault);
	cleanup(free)
	char *mark = memory_print("PRAGMA user_version = %d", schema_version);

	for (long step = from < 0 ? 0 : from; step < schema_version && result == DATABASE_OK;
	     step++)
		result = run(database, schema_steps[step],
			     "the store cannot be brought to this version", ret_fault);
	if (result == DATABASE_OK)
		result = run(database, mark, "the store cannot be brought to this version",
			     ret_fault);
	if (result == DATABASE_OK)
		result = run(database, "COMMIT", "the store cannot be brought to this version",
			     ret_fault);
	if (result != DATABASE_OK)
		(void)sqlite3_exec(database->handle, "ROLLBACK", NULL, NULL, NULL);
	return result;
}

/* The header says that only a later SQLite may write it (fileformat2.html, 1.3.3), which is
 * damage, most likely.  A file that could only be opened for reading is another matter.
 */
static bool is_sealed(struct database *database)
{
	sqlite3_file *file = NULL;
	unsigned char format = 0;

	if (sqlite3_db_readonly(database->handle, "main") != 1)
		return false;
	(void)sqlite3_file_control(database->handle, "main", SQLITE_FCNTL_FILE_POINTER, &file);
	return file && file->pMethods &&
	       file->pMethods->xRead(file, &format, sizeof(format), WRITE_FORMAT_AT) == SQLITE_OK &&
	       format > WRITE_FORMAT_MAX;
}

/* Is it whole, and of which version? */
static enum database_result examine(struct database *database, char **ret_fault)
{
	cleanup(free)
	char *answer = ask(database, "PRAGMA user_version");
	cleanup(free)
	char *health = NULL;
	/* Gigabytes of history are not read before the start: where they are broken, that is found
	 * when they are used.
	 */
	static const char check[] =
		"SELECT ifnull((SELECT q.quick_check FROM sqlite_schema s,"
		" pragma_quick_check(s.name) q WHERE s.type = 'table'"
		" AND s.name NOT IN ('minutes', 'hours') AND q.quick_check != 'ok' LIMIT 1), 'ok')";
	long version;

	if (!answer)
		return fail(database, "the store cannot be read", ret_fault);
	if (is_sealed(database)) {
		set_fault(ret_fault, memory_text("the store is damaged: its header lets nobody "
						 "write it"));
		return DATABASE_CORRUPT;
	}
	version = strtol(answer, NULL, 10);
	if (version > schema_version) {
		set_fault(ret_fault,
			  memory_print("the store has version %ld, and this program knows only "
				       "those up to %d",
				       version, schema_version));
		return DATABASE_NEWER;
	}
	health = ask(database, check);
	if (!health)
		return fail(database, "the store cannot be checked", ret_fault);
	if (strcmp(health, "ok") != 0) {
		set_fault(ret_fault, memory_print("the store is damaged: %s", health));
		return DATABASE_CORRUPT;
	}
	return version < schema_version ? migrate(database, version, ret_fault) : DATABASE_OK;
}

/* What endpoints answered is in it: for our own user only, whatever the umask is. */
static void make_private(const char *path)
{
	const int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);

	if (fd >= 0)
		(void)close(fd);
}

enum database_result database_open(const char *path, struct database **ret_database,
				   char **ret_fault)
{
	static const char settings[] = "PRAGMA locking_mode = EXCLUSIVE;"
				       "PRAGMA journal_mode = WAL;"
				       "PRAGMA synchronous = FULL;"
				       "PRAGMA trusted_schema = OFF;"
				       "PRAGMA cell_size_check = ON;"
				       "PRAGMA journal_size_limit = 16777216;";
	const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX |
			  SQLITE_OPEN_PRIVATECACHE | SQLITE_OPEN_NOFOLLOW;
	struct database *database = MEMORY_NEW(struct database);
	enum database_result result;

	make_private(path);
	if (sqlite3_open_v2(path, &database->handle, flags, NULL) != SQLITE_OK) {
		result = fail(database, "the store cannot be opened", ret_fault);
	} else {
		(void)sqlite3_extended_result_codes(database->handle, 1);
		(void)sqlite3_busy_timeout(database->handle, BUSY_WAIT_MS);
		(void)sqlite3_limit(database->handle, SQLITE_LIMIT_LENGTH, VALUE_BYTES_MAX);
		result = run(database, settings, "the store cannot be opened", ret_fault);
		if (result == DATABASE_OK)
			result = examine(database, ret_fault);
	}
	if (result == DATABASE_OK)
		*ret_database = database;
	else
		database_close(database);
	return result;
}

void database_rest(struct database *database)
{
	(void)sqlite3_db_release_memory(database->handle);
	(void)malloc_trim(0);
}

void database_close(struct database *database)
{
	for (unsigned i = 0; i < STORE_WRITES; i++)
		(void)sqlite3_finalize(database->writes[i]);
	for (unsigned i = 0; i < STORE_ASKS; i++)
		(void)sqlite3_finalize(database->asks[i]);
	(void)sqlite3_close(database->handle);
	free(database);
}

static void bind(sqlite3_stmt *statement, const struct store_row *row)
{
	for (unsigned i = 0; i < row->count; i++) {
		const struct store_value *value = &row->values[i];
		const int at = (int)i + 1;

		if (value->kind == STORE_NUMBER)
			(void)sqlite3_bind_int64(statement, at, value->number);
		else if (value->kind == STORE_TEXT)
			(void)sqlite3_bind_text64(statement, at, value->data, value->len,
						  SQLITE_STATIC, SQLITE_UTF8);
		else if (value->kind == STORE_BYTES)
			(void)sqlite3_bind_blob64(statement, at, value->data, value->len,
						  SQLITE_STATIC);
		else
			(void)sqlite3_bind_null(statement, at);
	}
}

/* A row that is refused for what it is would be refused for ever. */
static bool is_hopeless(int code)
{
	switch (code & 0xff) {
	case SQLITE_CONSTRAINT:
	case SQLITE_MISMATCH:
	case SQLITE_RANGE:
	case SQLITE_TOOBIG:
		return true;
	default:
		return false;
	}
}

static enum database_result write_row(struct database *database, const struct store_row *row,
				      size_t *skipped, char **ret_fault)
{
	sqlite3_stmt **statement = &database->writes[row->statement];
	int code;

	if (!*statement &&
	    sqlite3_prepare_v3(database->handle, schema_writes[row->statement], -1,
			       SQLITE_PREPARE_PERSISTENT, statement, NULL) != SQLITE_OK)
		return fail(database, "the store cannot be written", ret_fault);
	assert(row->count == (unsigned)sqlite3_bind_parameter_count(*statement));
	bind(*statement, row);
	code = sqlite3_step(*statement);
	(void)sqlite3_reset(*statement);
	(void)sqlite3_clear_bindings(*statement);
	if (code == SQLITE_DONE)
		return DATABASE_OK;
	if (is_hopeless(code)) {
		(*skipped)++;
		return DATABASE_OK;
	}
	return fail(database, "the store cannot be written", ret_fault);
}

/* SQLite goes on writing to a file that has no name any more. */
static bool has_moved(struct database *database)
{
	int moved = 0;

	(void)sqlite3_file_control(database->handle, "main", SQLITE_FCNTL_HAS_MOVED, &moved);
	return moved;
}

enum database_result database_begin(struct database *database, char **ret_fault)
{
	return run(database, "BEGIN IMMEDIATE", "the store cannot be written", ret_fault);
}

enum database_result database_end(struct database *database, bool is_good, char **ret_fault)
{
	enum database_result result = DATABASE_OK;

	if (is_good)
		result = run(database, "COMMIT", "the store cannot be written", ret_fault);
	if (!is_good || result != DATABASE_OK)
		(void)sqlite3_exec(database->handle, "ROLLBACK", NULL, NULL, NULL);
	return result;
}

enum database_result database_put(struct database *database, const struct pack *rows,
				  size_t *skipped, char **ret_fault)
{
	enum database_result result = DATABASE_OK;
	struct store_row row;
	size_t at = 0;

	while (result == DATABASE_OK && pack_next(rows, &at, &row))
		result = write_row(database, &row, skipped, ret_fault);
	return result;
}

enum database_result database_write(struct database *database, const struct pack *const *packs,
				    unsigned count, size_t *ret_skipped, char **ret_fault)
{
	enum database_result result;
	size_t skipped = 0;

	if (has_moved(database)) {
		set_fault(ret_fault, memory_text("the store was removed or replaced"));
		return DATABASE_MOVED;
	}
	result = database_begin(database, ret_fault);
	for (unsigned i = 0; i < count && result == DATABASE_OK; i++)
		result = database_put(database, packs[i], &skipped, ret_fault);
	if (result == DATABASE_OK)
		result = database_end(database, true, ret_fault);
	else
		(void)database_end(database, false, ret_fault);
	if (result == DATABASE_OK)
		*ret_skipped = skipped;
	return result;
}

static void pack_columns(sqlite3_stmt *statement, struct pack *pack)
{
	const int count = sqlite3_column_count(statement);

	for (int i = 0; i < count; i++) {
		switch (sqlite3_column_type(statement, i)) {
		case SQLITE_INTEGER:
			pack_number(pack, sqlite3_column_int64(statement, i));
			break;
		case SQLITE_TEXT:
			pack_text(pack, (const char *)sqlite3_column_text(statement, i));
			break;
		case SQLITE_BLOB:
			pack_bytes(pack, sqlite3_column_blob(statement, i),
				   (size_t)sqlite3_column_bytes(statement, i));
			break;
		default:
			pack_text(pack, NULL);
			break;
		}
	}
}

enum database_result database_read(struct database *database, unsigned query, size_t rows,
				   bool (*take)(struct pack *pack, void *context), void *context,
				   char **ret_fault)
{
	sqlite3_stmt *statement = NULL;
	struct pack pack = { 0 };
	bool goes_on = true;
	int code;

	if (sqlite3_prepare_v2(database->handle, schema_reads[query], -1, &statement, NULL) !=
	    SQLITE_OK)
		return fail(database, "the store cannot be read", ret_fault);
	while (goes_on && (code = sqlite3_step(statement)) == SQLITE_ROW) {
		pack_begin(&pack, query);
		pack_columns(statement, &pack);
		if (pack.rows == rows) {
			goes_on = take(&pack, context);
			pack = (struct pack){ 0 };
		}
	}
	if (pack.rows)
		(void)take(&pack, context);
	if (goes_on && code != SQLITE_DONE) {
		const enum database_result result =
			fail(database, "the store cannot be read", ret_fault);

		(void)sqlite3_finalize(statement);
		return result;
	}
	(void)sqlite3_finalize(statement);
	return DATABASE_OK;
}

static bool give_row(sqlite3_stmt *statement, unsigned ask, struct pack *pack,
		     bool (*take)(const struct store_row *row, void *context), void *context)
{
	struct store_row row;
	size_t at = 0;

	pack->rows = pack->begun = 0;
	text_clear(&pack->bytes);
	pack_begin(pack, ask);
	pack_columns(statement, pack);
	return pack_next(pack, &at, &row) && take(&row, context);
}

enum database_result database_ask(struct database *database, const struct store_row *question,
				  bool (*take)(const struct store_row *row, void *context),
				  void *context, char **ret_fault)
{
	sqlite3_stmt **statement = &database->asks[question->statement];
	enum database_result result = DATABASE_OK;
	struct pack pack = { 0 };
	int code;

	if (!*statement &&
	    sqlite3_prepare_v3(database->handle, schema_asks[question->statement], -1,
			       SQLITE_PREPARE_PERSISTENT, statement, NULL) != SQLITE_OK)
		return fail(database, "the store cannot be read", ret_fault);
	assert(question->count == (unsigned)sqlite3_bind_parameter_count(*statement));
	bind(*statement, question);
	do
		code = sqlite3_step(*statement);
	while (code == SQLITE_ROW &&
	       give_row(*statement, question->statement, &pack, take, context));
	if (code != SQLITE_DONE && code != SQLITE_ROW)
		result = fail(database, "the store cannot be read", ret_fault);
	(void)sqlite3_reset(*statement);
	(void)sqlite3_clear_bindings(*statement);
	pack_done(&pack);
	return result;
}
