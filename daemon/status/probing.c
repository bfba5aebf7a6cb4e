/* probing.c - GET /probe?target=…&module=…: one look, answered as blackbox_exporter does.
 *
 * Source: prometheus/blackbox_exporter 0.23, prober/handler.go.
 */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/memory.h"
#include "status/families.h"
#include "status/inside.h"

/* Where no module is named, and where Prometheus says nothing of its timeout. */
static const char usual_module[] = "http_2xx";
static const usec_t usual_age = 10 * USEC_PER_SEC;
/* Taken off the timeout of Prometheus, for the way there and back. */
static const usec_t timeout_offset = 500 * USEC_PER_MS;

/* A look that is awaited. */
struct probing {
	struct status *status; /* borrowed */
	struct answer *answer; /* borrowed */
	const struct watch *watch; /* borrowed; of a configured endpoint, else NULL */
	void *handle;
};

static void print(struct answer *answer, const struct probed *probed)
{
	cleanup(text)
	struct text text = { 0 };
	struct exposition to = {
		.format = exposition_choose(answer_header(answer, "Accept")),
		.text = &text,
	};

	if (probed->last->class == CLASS_local) {
		answer_error(answer, 503, "unavailable", "This host could not look: %s.",
			     probed->last->reason ? probed->last->reason : "local");
		return;
	}
	for (unsigned number = 0; number < families_count(); number++) {
		bool has_head = false;

		(void)families_print(&to, number, probed, &has_head);
	}
	exposition_end(&to);
	answer_document(answer, 200, exposition_content_type(to.format), &text);
}

static void seen(const struct probed *probed, void *context)
{
	struct probing *probing = context;
	struct answer *answer = probing->answer;

	free(probing);
	answer->lost = NULL;
	if (probed)
		print(answer, probed);
	else
		answer_error(answer, 503, "unavailable", "The check did not get its turn in time.");
}

static void print_watch(struct answer *answer, const struct watch *watch)
{
	const struct probed probed = {
		.last = &watch->last,
		.figures = watch->figures,
		.state = STATES,
		.shows_detail = true,
	};

	print(answer, &probed);
}

static void settled(const struct check *check, void *context)
{
	struct probing *probing = context;
	struct answer *answer = probing->answer;
	const struct watch *watch = probing->watch;

	if (!check) {
		seen(NULL, probing);
		return;
	}
	free(probing);
	answer->lost = NULL;
	print_watch(answer, watch);
}

static void lost(struct answer *answer)
{
	struct probing *probing = answer->work;
	const struct status_requests *requests = &probing->status->requests;

	if (probing->watch)
		requests->check_forget(probing->handle, requests->engine);
	else
		requests->probe_forget(probing->handle, requests->engine);
	free(probing);
}

/* What Prometheus gives the scrape, less what the way takes; USEC_NEVER: it does not say. */
static usec_t scrape_timeout(const struct answer *answer)
{
	const char *header = answer_header(answer, "X-Prometheus-Scrape-Timeout-Seconds");
	const double value = header ? strtod(header, NULL) : 0;
	usec_t timeout;

	/* Not where it is no number. */
	if (!(value > 0 && value < 1e6))
		return USEC_NEVER;
	timeout = (usec_t)(value * USEC_PER_SEC);
	return timeout > 2 * timeout_offset ? timeout - timeout_offset : timeout;
}

static struct probing *probing_new(struct call *call, const struct watch *watch)
{
	struct probing *probing = MEMORY_NEW(struct probing);

	probing->status = call->status;
	probing->answer = call->answer;
	probing->watch = watch;
	call->answer->work = probing;
	return probing;
}

/* A configured endpoint: its last check, or another one. */
static void probe_known(struct call *call, struct watch *watch, usec_t max_age)
{
	const struct status_requests *requests = &call->status->requests;
	const usec_t wall = clock_wall();
	struct probing *probing;

	if (watch->is_paused) {
		answer_error(call->answer, 409, "paused", "'%.128s' is paused.",
			     watch->endpoint->name);
		return;
	}
	if (watch->figures && watch->last.wall <= wall && wall - watch->last.wall < max_age) {
		print_watch(call->answer, watch);
		return;
	}
	probing = probing_new(call, watch);
	call->answer->lost = lost;
	probing->handle = requests->check_now(watch, settled, probing, requests->engine);
}

static void probe_other(struct call *call, struct probe_wish *wish)
{
	const struct status_requests *requests = &call->status->requests;
	struct probing *probing = probing_new(call, NULL);
	cleanup(free)
	char *fault = NULL;
	int code = 0;

	wish->seen = seen;
	wish->context = probing;
	probing->handle = requests->probe(wish, &code, &fault, requests->engine);
	if (probing->handle) {
		call->answer->lost = lost;
		return;
	}
	free(probing);
	answer_error(call->answer, code,
		     code == 503   ? "unavailable"
		     : code == 403 ? "forbidden"
				   : "bad_request",
		     "%s", fault);
}

void probe_answer(struct call *call)
{
	static const char *const known[] = { "target", "module", NULL };
	const struct status_requests *requests = &call->status->requests;
	const char *module;
	struct probe_wish wish = { 0 };
	struct watch *watch;

	if (!call_check_query(call, known, NULL))
		return;
	module = query_find(call->query, "module");
	wish.module = module ? module : usual_module;
	wish.target = query_find(call->query, "target");
	wish.timeout = scrape_timeout(call->answer);
	if (!wish.target || !*wish.target) {
		answer_error(call->answer, 400, "bad_request",
			     "The parameter 'target' is missing.");
		return;
	}
	watch = requests->find_target(wish.target, wish.module, requests->engine);
	if (watch)
		probe_known(call, watch, wish.timeout == USEC_NEVER ? usual_age : wish.timeout);
	else
		probe_other(call, &wish);
}
