/* database.h - within store/: one connection to the SQLite file.
 *
 * WAL with FULL sync, so what database_commit() says is written outlives the power, and a
 * process that is killed leaves whole transactions.  Locked for this process alone,
 * which also keeps the log's index out of shared memory: a file that is cut under us
 * is an error then, not a SIGBUS.  One thread.
 * Source: https://sqlite.org/wal.html, rescode.html, pragma.html.
 */
#pragma once

#include <stdbool.h>

#include "store/row.h"

struct database;

/* What became of it. */
enum database_result {
	DATABASE_OK,
	DATABASE_FAILED, /* full, read-only, locked, …: may be better later */
	DATABASE_CORRUPT, /* not what it should be, and will never be */
	DATABASE_NEWER, /* of a version this program does not know */
	DATABASE_MOVED, /* removed or replaced by someone */
};

/* Opens or makes the file, checks it, and brings it to our version in one transaction.
 * Here and below a sentence about what is wrong (malloc'ed) replaces the one in *ret_fault.
 */
enum database_result database_open(const char *path, struct database **ret_database,
				   char **ret_fault);
/* Gives back the memory that opening and reading it took. */
void database_rest(struct database *database);
void database_close(struct database *database);

/* All rows or none.  `*ret_skipped` counts those that the file will never take. */
enum database_result database_write(struct database *database, const struct pack *const *packs,
				    unsigned count, size_t *ret_skipped, char **ret_fault);

/* A job in one transaction: begun, asked and put, and ended; what it put counts only where it
 * ends with `is_good`.  After a failure it can only be ended, and not as a good one.
 */
enum database_result database_begin(struct database *database, char **ret_fault);
enum database_result database_end(struct database *database, bool is_good, char **ret_fault);
/* The rows that answer a question; `take` says whether to go on. */
enum database_result database_ask(struct database *database, const struct store_row *question,
				  bool (*take)(const struct store_row *row, void *context),
				  void *context, char **ret_fault);
enum database_result database_put(struct database *database, const struct pack *rows,
				  size_t *skipped, char **ret_fault);

/* The rows of one query, packed; `take` gets a pack of at most `rows` and owns it, and says
 * whether to go on.
 */
enum database_result database_read(struct database *database, unsigned query, size_t rows,
				   bool (*take)(struct pack *pack, void *context), void *context,
				   char **ret_fault);
