/* dead_man.c - a sign of life to somebody outside, as long as picket itself is well: `dead_man:`.
 *
 * Whoever expects it notices when it stays away, which nobody can tell of himself.  So it is
 * sent only while the judges get on, the store takes what is written (where there is one), and
 * checks that are due are made.  One request at a time, over our own resolver and connector,
 * without redirects or proxies; what it comes to is shown, and logged where it changes.
 */
#include <stdlib.h>
#include <string.h>

#include "alert/receiver.h"
#include "base/cleanup.h"
#include "base/log.h"
#include "base/memory.h"
#include "config/snapshot.h"
#include "engine/house.h"
#include "loop/post.h"
#include "schedule/schedule.h"
#include "store/store.h"

static const usec_t again_after = USEC_PER_MIN, timeout_max = 10 * USEC_PER_SEC;

/* No check is as slow as that, so whatever is due would have been made. */
static const usec_t standstill = 15 * USEC_PER_MIN;

struct dead_man {
	struct event *timer; /* owned */
	uint64_t checks; /* that were settled when it was last seen that they are */
	usec_t progressed; /* monotonic: when that was, or nothing waited */

	/* A request on its way. */
	struct post *post; /* owned; or NULL */
	struct snapshot *snapshot; /* one reference, owned; as long as there is a request */
	char *authorization; /* owned; or NULL */
};

/* --- Is it well? --------------------------------------------------------------------------- */

static bool is_getting_on(struct engine *engine)
{
	struct dead_man *man = engine->dead_man;
	const struct vitals *vitals = &engine->vitals;
	const uint64_t checks = vitals->checks_total + vitals->checks_cancelled;
	const usec_t now = clock_now();

	if (checks != man->checks || schedule_count(engine->schedule).waiting == 0) {
		man->checks = checks;
		man->progressed = now;
	}
	return now - man->progressed < standstill;
}

/* NULL, or what is wrong. */
static const char *find_fault(struct engine *engine)
{
	struct store *store = engine->vitals.store;

	if (!lookouts_are_alive(engine))
		return "a loop does not turn";
	if (!engine_is_alive(engine))
		return "a judge does not get on";
	if (store && store_condition(store)->state == STORE_FAILING)
		return "the store fails";
	if (!is_getting_on(engine))
		return "checks are due, and none is made";
	return NULL;
}

/* --- What came of it ----------------------------------------------------------------------- */

static void log_change(enum sign_of_life before, enum sign_of_life now, const char *fault)
{
	const struct log_field fields[] = { { "PICKET_REASON", fault ? fault : "" }, { 0 } };

	if (now == SIGN_SENT && (before == SIGN_FAILING || before == SIGN_WITHHELD))
		log_event(LOG_NOTICE, LOG_DEAD_MAN, fields, "the sign of life is sent again");
	else if (now == SIGN_FAILING)
		log_event(LOG_WARNING, LOG_DEAD_MAN, fields,
			  "the sign of life of 'dead_man' does not arrive: %s; trying again",
			  fault);
	else if (now == SIGN_WITHHELD)
		log_event(LOG_WARNING, LOG_DEAD_MAN, fields,
			  "no sign of life is sent, since picket is not well: %s", fault);
}

static void conclude(struct engine *engine, enum sign_of_life sign, const char *fault)
{
	struct vitals *vitals = &engine->vitals;

	if (sign != vitals->sign)
		log_change(vitals->sign, sign, fault);
	vitals->sign = sign;
	free(vitals->sign_fault);
	vitals->sign_fault = fault ? memory_text(fault) : NULL;
	if (sign == SIGN_SENT)
		vitals->signed_wall = clock_wall();
}

static void wait_for_next(struct engine *engine)
{
	const usec_t every = engine->snapshot->settings.dead_man.every;
	const bool is_fine = engine->vitals.sign == SIGN_SENT;

	if (engine->snapshot->settings.dead_man.url && !engine->is_ending)
		engine_arm(engine->dead_man->timer,
			   is_fine || every < again_after ? every : again_after);
}

static void request_done(struct dead_man *man)
{
	man->post = NULL;
	free(TAKE(man->authorization));
	snapshot_unref(TAKE(man->snapshot));
}

static void posted(const struct post_result *result, void *context)
{
	struct engine *engine = context;
	cleanup(text)
	struct text fault = { 0 };

	if (result->status)
		text_print(&fault, "status %u", result->status);
	else
		text_append(&fault, result->fault);
	if (result->status >= 200 && result->status < 300)
		conclude(engine, SIGN_SENT, NULL);
	else
		conclude(engine, SIGN_FAILING, text_string(&fault));
	request_done(engine->dead_man);
	wait_for_next(engine);
}

/* --- Again and again ------------------------------------------------------------------------ */

static void send_sign(struct engine *engine)
{
	struct dead_man *man = engine->dead_man;
	const struct dead_man_settings *settings = &engine->snapshot->settings.dead_man;
	const struct post_tools tools = outbox_tools(engine).post;
	const char *headers[2] = { NULL, NULL };
	const struct post_request request = {
		.url = settings->url,
		.method = settings->method ? "POST" : "GET",
		.headers = headers,
		.body = "",
		.timeout = settings->every < timeout_max ? settings->every : timeout_max,
	};

	man->snapshot = snapshot_ref(engine->snapshot);
	if (settings->token)
		headers[0] = man->authorization =
			memory_print("Authorization: Bearer %s", settings->token);
	man->post = post_start(&tools, &request, posted, engine);
}

static void tick(evutil_socket_t fd, short what, void *context)
{
	struct engine *engine = context;
	const char *fault;

	(void)fd;
	(void)what;
	if (engine->is_ending || engine->dead_man->post)
		return;
	fault = find_fault(engine);
	if (!fault) {
		send_sign(engine);
		return;
	}
	conclude(engine, SIGN_WITHHELD, fault);
	wait_for_next(engine);
}

void dead_man_init(struct engine *engine)
{
	struct dead_man *man = MEMORY_NEW(struct dead_man);

	engine->dead_man = man;
	man->progressed = clock_now();
	man->timer = evtimer_new(engine->base, tick, engine);
}

void dead_man_follow(struct engine *engine)
{
	struct dead_man *man = engine->dead_man;

	if (man->post) {
		post_cancel(man->post);
		request_done(man);
	}
	if (engine->snapshot->settings.dead_man.url) {
		engine_arm(man->timer, 0);
		return;
	}
	(void)event_del(man->timer);
	conclude(engine, SIGN_NONE, NULL);
}

void dead_man_done(struct engine *engine)
{
	struct dead_man *man = TAKE(engine->dead_man);

	if (man->post) {
		post_cancel(man->post);
		request_done(man);
	}
	event_free(man->timer);
	free(TAKE(engine->vitals.sign_fault));
	free(man);
}
