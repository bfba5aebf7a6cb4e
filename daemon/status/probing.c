/* probing.c - GET /probe?target=…&module=…: one look, answered as blackbox_exporter does; with
 * debug=true, told for people.
 *
 * Source: prometheus/blackbox_exporter 0.23, prober/handler.go.
 */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/memory.h"
#include "base/units.h"
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
	bool is_debug;
	bool shows_detail;
	void *handle;
};

static void print_samples(const struct probed *probed, struct exposition *to)
{
	for (unsigned number = 0; number < families_count(); number++) {
		bool has_head = false;

		(void)families_print(to, number, probed, &has_head);
	}
	exposition_end(to);
}

static void print_span(struct text *text, const char *name, usec_t span)
{
	text_print(text, "  %-12s", name);
	units_duration_show(text, span);
	text_append_char(text, '\n');
}

/* What was seen, a line each. */
static void print_story(struct text *text, const struct last_check *last, bool shows_detail)
{
	text_append(text, "The check:\n  at          ");
	units_time_print(text, last->wall);
	text_print(text, "\n  verdict     %s", verdict_name(last->kind));
	if (last->class != CLASS_NONE)
		text_print(text, ", %s", class_name(last->class));
	if (last->class != CLASS_NONE && last->phase < PHASES)
		text_print(text, " in phase %s", phase_name(last->phase));
	if (last->reason) {
		text_append(text, "\n  reason      ");
		text_append_escaped(text, last->reason, strlen(last->reason));
	}
	if (last->address.family && shows_detail) {
		text_append(text, "\n  address     ");
		address_print(text, &last->address);
	}
	text_append_char(text, '\n');
	for (enum phase phase = 0; phase < PHASE_JUDGE; phase++)
		if (last->phases_seen & 1u << phase)
			print_span(text, phase_name(phase), last->phases[phase]);
	if (last->latency != USEC_NEVER)
		print_span(text, "latency", last->latency);
}

/* As theirs it is 200 whatever came of it, and text for people. */
static void print_report(struct answer *answer, const struct probed *probed, bool shows_detail)
{
	cleanup(text)
	struct text text = { 0 };
	struct exposition to = { .format = exposition_choose(NULL), .text = &text };

	print_story(&text, probed->last, shows_detail);
	text_append(&text, probed->last->class == CLASS_local
				   ? "\nThis host could not look, so there are no metrics.\n"
				   : "\nMetrics that would have been returned:\n");
	if (probed->last->class != CLASS_local)
		print_samples(probed, &to);
	answer_document(answer, 200, "text/plain; charset=utf-8", &text);
}

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
	print_samples(probed, &to);
	answer_document(answer, 200, exposition_content_type(to.format), &text);
}

/* Gives up the waiting, whose answer this is. */
static void tell(struct probing *probing, const struct probed *probed)
{
	struct answer *answer = probing->answer;
	const bool is_debug = probing->is_debug, shows_detail = probing->shows_detail;

	free(probing);
	answer->lost = NULL;
	if (!probed)
		answer_error(answer, 503, "unavailable", "The check did not get its turn in time.");
	else if (is_debug)
		print_report(answer, probed, shows_detail);
	else
		print(answer, probed);
}

static void seen(const struct probed *probed, void *context)
{
	tell(context, probed);
}

static void tell_watch(struct probing *probing)
{
	const struct watch *watch = probing->watch;
	const struct probed probed = {
		.last = &watch->last,
		.figures = watch->figures,
		.state = STATES,
		.shows_detail = true,
	};

	tell(probing, &probed);
}

static void settled(const struct check *check, void *context)
{
	if (check)
		tell_watch(context);
	else
		tell(context, NULL);
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

static bool wants_report(const struct call *call)
{
	const char *debug = query_find(call->query, "debug");

	return debug && strcmp(debug, "true") == 0;
}

static struct probing *probing_new(struct call *call, const struct watch *watch)
{
	struct probing *probing = MEMORY_NEW(struct probing);

	probing->is_debug = wants_report(call);
	probing->shows_detail = call->shows_detail;
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
	probing = probing_new(call, watch);
	if (watch->figures && watch->last.wall <= wall && wall - watch->last.wall < max_age) {
		tell_watch(probing);
		return;
	}
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
	static const char *const known[] = { "target", "module", "debug", NULL };
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
	watch = requests->find_target(wish.target, wish.module, call->shows_detail,
				      requests->engine);
	if (watch)
		probe_known(call, watch, wish.timeout == USEC_NEVER ? usual_age : wish.timeout);
	else
		probe_other(call, &wish);
}
