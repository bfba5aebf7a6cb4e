/* session.c - a job and the file, on the store's thread. */
#include <errno.h>

#include "store/inside.h"

struct store_session {
	struct store *store; /* borrowed */
	enum database_result result; /* the first that was not good */
	size_t skipped;
};

int store_session_ask(struct store_session *session, const struct pack *question,
		      bool (*take)(const struct store_row *row, void *context), void *context)
{
	struct store *store = session->store;
	struct store_row row;
	size_t at = 0;

	if (session->result == DATABASE_OK && pack_next(question, &at, &row))
		session->result = database_ask(store->database, &row, take, context, &store->fault);
	return session->result == DATABASE_OK ? 0 : -EIO;
}

int store_session_put(struct store_session *session, const struct pack *rows)
{
	struct store *store = session->store;

	if (session->result == DATABASE_OK)
		session->result =
			database_put(store->database, rows, &session->skipped, &store->fault);
	return session->result == DATABASE_OK ? 0 : -EIO;
}

enum database_result store_session_run(struct store *store, struct store_batch *batch)
{
	struct store_session session = { .store = store };
	enum database_result ended;

	session.result = database_begin(store->database, &store->fault);
	batch->result = -EIO;
	if (session.result != DATABASE_OK)
		return session.result;
	batch->result = batch->work(&session, batch->context);
	ended = database_end(store->database, session.result == DATABASE_OK && batch->result == 0,
			     &store->fault);
	if (session.result == DATABASE_OK)
		session.result = ended;
	if (session.result != DATABASE_OK)
		batch->result = -EIO;
	atomic_fetch_add(&store->skipped, session.skipped);
	return session.result;
}
