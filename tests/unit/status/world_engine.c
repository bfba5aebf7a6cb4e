/* world_engine.c - what an engine does when asked, made up: it counts, and ends nothing by itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "alert/alert.h"
#include "alert/silences.h"
#include "base/memory.h"
#include "model/pulse.h"
#include "world.h"

static void refresh(void *engine)
{
	struct world *world = engine;

	world->vitals.checks_total = 12;
}

static usec_t next_check(const struct watch *watch, void *engine)
{
	(void)engine;
	return watch->is_paused ? USEC_NEVER : clock_now() + 7 * USEC_PER_SEC;
}

static void *check_now(struct watch *watch, void (*settled)(const struct check *, void *),
		       void *context, void *engine)
{
	struct world *world = engine;

	(void)watch;
	world->checks_asked++;
	world->settled = settled;
	world->settled_context = context;
	return world;
}

static void check_forget(void *handle, void *engine)
{
	struct world *world = engine;

	assert_ptr_equal(handle, world);
	world->checks_forgotten++;
	world->settled = NULL;
}

static void explain(const struct watch *watch, struct text *json, void *engine)
{
	(void)engine;
	text_append(json, "{\"of\":");
	if (watch)
		text_append_json(json, watch->endpoint->name, strlen(watch->endpoint->name));
	else
		text_append(json, "null");
	text_append(json, "}");
}

static void pause_watch(struct watch *watch, bool is_paused, void *engine)
{
	struct world *world = engine;

	world->pauses_asked++;
	watch->is_paused = watch->pause_asked = is_paused;
	roster_set_state(&world->roster, watch, is_paused ? STATE_PAUSED : STATE_PENDING);
}

static void beat(struct watch *watch, enum pulse_word word, const char *message, void *engine)
{
	struct world *world = engine;
	const usec_t wall = clock_wall();

	world->beats++;
	pulse_hear(watch->pulse, word, message ? memory_text(message) : NULL,
		   (struct instant){ wall, wall });
}

static void reload(void (*loaded)(const char *, void *), void *context, void *engine)
{
	struct world *world = engine;

	world->reloads_asked++;
	world->loaded = loaded;
	world->loaded_context = context;
}

static int acknowledge(const char *id, const char *by, const char *comment, void *engine)
{
	struct world *world = engine;

	return alert_acknowledge(world->alert, id, by, comment,
				 (struct moment){ 0, 1700000000 * USEC_PER_SEC }, NULL);
}

static int silence(struct silence *silence, void *engine)
{
	struct world *world = engine;

	return silences_add(world->silences, silence, NULL);
}

static struct silence *unsilence(const char *id, const char *by, void *engine)
{
	struct world *world = engine;

	(void)by;
	return silences_take(world->silences, id, NULL);
}

/* There is one receiver, "ops", which never answers. */
static void *test_receiver(const char *name, void (*tested)(const struct delivery_result *, void *),
			   void *context, void *engine)
{
	(void)tested;
	(void)context;
	return strcmp(name, "ops") == 0 ? engine : NULL;
}

static void test_forget(void *handle, void *engine)
{
	struct world *world = engine;

	assert_ptr_equal(handle, world);
	world->tests_forgotten++;
}

static struct watch *find_target(const char *target, const char *module, bool sees_all,
				 void *engine)
{
	struct world *world = engine;
	struct watch *watch = world->roster.by_name[0];

	return (sees_all || watch->endpoint->is_public) && strcmp(module, "http_2xx") == 0 &&
			       strcmp(target, watch->endpoint->target) == 0
		       ? watch
		       : NULL;
}

/* A look at anything else takes for ever. */
static void *look(const struct probe_wish *wish, int *ret_code, char **ret_fault, void *engine)
{
	if (strcmp(wish->module, "http_2xx") == 0)
		return engine;
	*ret_code = 400;
	*ret_fault = memory_print("No module is called '%.64s'.", wish->module);
	return NULL;
}

static void look_forget(void *handle, void *engine)
{
	struct world *world = engine;

	assert_ptr_equal(handle, world);
	world->probes_forgotten++;
}

struct status_requests world_requests(struct world *world)
{
	return (struct status_requests){
		.acknowledge = acknowledge,
		.pause = pause_watch,
		.beat = beat,
		.refresh = refresh,
		.next_check = next_check,
		.check_now = check_now,
		.check_forget = check_forget,
		.explain = explain,
		.reload = reload,
		.silence = silence,
		.unsilence = unsilence,
		.test_receiver = test_receiver,
		.test_forget = test_forget,
		.find_target = find_target,
		.probe = look,
		.probe_forget = look_forget,
		.engine = world,
	};
}
