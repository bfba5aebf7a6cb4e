/* metrics.c - GET /metrics: the daemon itself, for Prometheus. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "alert/alert.h"
#include "alert/teller.h"
#include "base/cleanup.h"
#include "base/file.h"
#include "status/door.h"
#include "status/exposition.h"
#include "status/inside.h"
#include "store/store.h"

/* Before Linux 6.2 nothing tells the number of descriptors but reading all their names, and a
 * turn of the loop has no time for more than these.
 */
enum { DESCRIPTORS_READ = 1000 };

static void print_endpoints(struct exposition *to, const struct roster *roster)
{
	exposition_family(to, "picket_endpoints", METRIC_GAUGE, "Endpoints in each state.");
	for (enum state state = 0; state < STATES; state++) {
		exposition_begin(to, "picket_endpoints");
		exposition_label(to, "state", state_name(state));
		exposition_count(to, roster->in_state[state]);
	}
}

static void print_outcome(struct exposition *to, const struct vitals *vitals,
			  enum verdict_kind kind, enum failure_class class)
{
	exposition_begin(to, "picket_checks_total");
	exposition_label(to, "verdict", verdict_name(kind));
	exposition_label(to, "class", class == CLASS_NONE ? "" : class_name(class));
	exposition_count(to, vitals->outcomes[kind][class]);
}

/* Of each loop, where there are several; the first is 0. */
static void print_turns(struct exposition *to, const struct vitals *vitals)
{
	static const char name[] = "picket_loop_turn_seconds";
	char number[16];

	exposition_family(to, name, METRIC_HISTOGRAM, "CPU time of the turns of the event loop.");
	exposition_spread(to, name, vitals->further_loops ? "loop" : NULL, "0", &vitals->turns);
	for (unsigned i = 0; i < vitals->further_loops; i++) {
		(void)snprintf(number, sizeof(number), "%u", i + 1);
		exposition_spread(to, name, "loop", number, &vitals->further_turns[i]);
	}
}

/* What can fail is there with 0 from the start, so that the first failure is a step. */
static void print_checks(struct exposition *to, const struct vitals *vitals)
{
	exposition_family(to, "picket_checks_total", METRIC_COUNTER,
			  "Checks that were judged, by verdict and class of failure.");
	print_outcome(to, vitals, VERDICT_PASS, CLASS_NONE);
	for (enum failure_class class = CLASS_NONE + 1; class < CLASSES; class ++)
		if (class == CLASS_expectation || vitals->outcomes[VERDICT_WARN][class])
			print_outcome(to, vitals, VERDICT_WARN, class);
	for (enum failure_class class = CLASS_NONE + 1; class < CLASSES; class ++)
		print_outcome(to, vitals, VERDICT_FAIL, class);
	exposition_counter(to, "picket_checks_cancelled_total",
			   "Checks that were cancelled and have no verdict.",
			   (double)vitals->checks_cancelled);
	exposition_histogram(to, "picket_check_lateness_seconds",
			     "How long after its due time a check began, waiting for a permit "
			     "included.",
			     &vitals->lateness);
	print_turns(to, vitals);
	exposition_gauge(to, "picket_permits_in_use", "Checks in flight.", vitals->in_flight);
	exposition_gauge(to, "picket_permits_max", "Checks that may be in flight at one time.",
			 vitals->permits_max);
	exposition_gauge(to, "picket_checks_waiting", "Checks that are due and wait for a permit.",
			 vitals->waiting);
	exposition_gauge(to, "picket_judge_queue_length", "Observations that wait for a judge.",
			 vitals->judge_queued);
	exposition_gauge(to, "picket_judge_queue_max",
			 "Observations that may wait before no check is started.",
			 vitals->judge_queue_max);
}

static void print_notifications(struct exposition *to, const struct status *status)
{
	const struct channel *channel;

	exposition_gauge(to, "picket_incidents_open", "Incidents that are not over.",
			 alert_open(status->alert));
	exposition_gauge(to, "picket_notifications_queued", "Messages that are not delivered yet.",
			 status->vitals->messages_queued);
	exposition_family(to, "picket_notifications_total", METRIC_COUNTER,
			  "Messages that a receiver took, and those that were given up.");
	for (size_t at = 0; (channel = teller_next_channel(status->teller, &at));) {
		exposition_begin(to, "picket_notifications_total");
		exposition_label(to, "receiver", channel->name);
		exposition_label(to, "result", "sent");
		exposition_count(to, channel->sent);
		exposition_begin(to, "picket_notifications_total");
		exposition_label(to, "receiver", channel->name);
		exposition_label(to, "result", "failed");
		exposition_count(to, channel->failed);
	}
	exposition_family(to, "picket_notifications_limited_total", METRIC_COUNTER,
			  "Messages that had to wait because of the receiver's rate.");
	for (size_t at = 0; (channel = teller_next_channel(status->teller, &at));) {
		exposition_begin(to, "picket_notifications_limited_total");
		exposition_label(to, "receiver", channel->name);
		exposition_count(to, channel->limited);
	}
}

static void print_config(struct exposition *to, const struct vitals *vitals)
{
	exposition_gauge(to, "picket_config_last_reload_success",
			 "1 if the configuration was taken when it was loaded last, else 0.",
			 !vitals->config_fault);
	exposition_gauge(to, "picket_config_last_reload_success_timestamp_seconds",
			 "When the running configuration was loaded, since 1970.",
			 (double)vitals->config_loaded_wall / USEC_PER_SEC);
	exposition_family(to, "picket_build_info", METRIC_GAUGE,
			  "Always 1; the version is a label.");
	exposition_begin(to, "picket_build_info");
	exposition_label(to, "version", PICKET_VERSION);
	exposition_count(to, 1);
}

/* Only where endpoints are found at all. */
static void print_discovery(struct exposition *to, const struct vitals *vitals)
{
	unsigned failing = 0, targets = 0, left_out = 0;

	for (unsigned i = 0; i < vitals->discoveries_count; i++) {
		failing += vitals->discoveries[i].fault != NULL;
		targets += vitals->discoveries[i].targets;
		left_out += vitals->discoveries[i].left_out;
	}
	if (!vitals->discoveries_count)
		return;
	exposition_gauge(to, "picket_discovery_sources", "Sources that endpoints are found by.",
			 vitals->discoveries_count);
	exposition_gauge(to, "picket_discovery_sources_failing",
			 "Those whose last try gave nothing, so that what they said before counts.",
			 failing);
	exposition_gauge(to, "picket_discovery_targets", "Targets that they name.", targets);
	exposition_gauge(to, "picket_discovery_targets_left_out",
			 "Times that no endpoint could be made of one.", left_out);
}

/* Without a store (--ephemeral) there is nothing to say. */
static void print_store(struct exposition *to, struct store *store)
{
	const struct store_condition *condition = store ? store_condition(store) : NULL;

	if (!condition)
		return;
	exposition_gauge(to, "picket_store_ok", "1 if the store takes what is written, else 0.",
			 condition->state == STORE_OK);
	exposition_gauge(to, "picket_store_rows_waiting", "Rows that are not on the disk yet.",
			 (double)condition->waiting);
	exposition_counter(to, "picket_store_rows_written_total", "Rows that are on the disk.",
			   (double)condition->written);
	exposition_counter(to, "picket_store_rows_lost_total", "Rows that could not be written.",
			   (double)condition->lost);
}

static void print_export(struct exposition *to, const struct vitals *vitals)
{
	if (!vitals->is_exporting)
		return;
	exposition_counter(to, "picket_export_lines_written_total",
			   "Verdicts that were written to the file of 'export'.",
			   (double)vitals->exported);
	exposition_counter(to, "picket_export_lines_lost_total",
			   "Verdicts that could not be written there.",
			   (double)vitals->export_lost);
}

static void print_clients(struct exposition *to, const struct status *status)
{
	static const char *const reasons[REFUSALS] = {
		[REFUSED_NO_PLACE] = "no_place",
		[REFUSED_NO_REQUEST] = "no_request",
		[REFUSED_NOT_READING] = "not_reading",
	};

	exposition_family(to, "picket_clients_refused_total", METRIC_COUNTER,
			  "Connections to the API that were not let in, or ended from here.");
	for (enum door_refusal why = 0; why < REFUSALS; why++) {
		exposition_begin(to, "picket_clients_refused_total");
		exposition_label(to, "reason", reasons[why]);
		exposition_count(to, door_refused(status->door, why) +
					     door_refused(status->listen, why));
	}
}

static void print_sign(struct exposition *to, const struct vitals *vitals)
{
	if (vitals->sign == SIGN_NONE)
		return;
	exposition_gauge(to, "picket_dead_man_ok",
			 "1 if the last sign of life has arrived, else 0.",
			 vitals->sign == SIGN_SENT);
	exposition_gauge(to, "picket_dead_man_last_success_timestamp_seconds",
			 "When one has arrived last, since 1970; 0: never.",
			 (double)vitals->signed_wall / USEC_PER_SEC);
}

/* The number of open descriptors; -1 where that is not known cheaply. */
static long count_descriptors(void)
{
	struct stat status;
	DIR *folder;
	long count = 0;

	if (stat("/proc/self/fd", &status) == 0 && status.st_size > 0)
		return (long)status.st_size;
	folder = opendir("/proc/self/fd");
	if (!folder)
		return -1;
	while (count <= DESCRIPTORS_READ + 3 && readdir(folder))
		count++;
	(void)closedir(folder);
	/* Not counting `.`, `..` and the descriptor of the folder itself. */
	return count > DESCRIPTORS_READ + 3 ? -1 : count - 3;
}

static double seconds_of(const struct timeval *time)
{
	return (double)time->tv_sec + (double)time->tv_usec / USEC_PER_SEC;
}

/* Bytes of virtual and of resident memory; false where they are not known. */
static bool read_memory(double *ret_virtual, double *ret_resident)
{
	cleanup(free)
	char *text = NULL;
	const double page = (double)sysconf(_SC_PAGESIZE);
	unsigned long long pages, resident;
	size_t len;

	if (file_read("/proc/self/statm", 256, &text, &len) < 0 ||
	    sscanf(text, "%llu %llu", &pages, &resident) != 2)
		return false;
	*ret_virtual = (double)pages * page;
	*ret_resident = (double)resident * page;
	return true;
}

/* Names and meaning as in the client libraries of Prometheus, so that its dashboards fit. */
static void print_process(struct exposition *to, const struct vitals *vitals)
{
	const long descriptors = count_descriptors();
	double virtual_bytes, resident_bytes;
	struct rusage usage;
	struct rlimit limit;

	if (getrusage(RUSAGE_SELF, &usage) == 0)
		exposition_counter(to, "process_cpu_seconds_total",
				   "CPU time, of the user and of the system.",
				   seconds_of(&usage.ru_utime) + seconds_of(&usage.ru_stime));
	if (read_memory(&virtual_bytes, &resident_bytes)) {
		exposition_gauge(to, "process_virtual_memory_bytes", "Virtual memory.",
				 virtual_bytes);
		exposition_gauge(to, "process_resident_memory_bytes", "Resident memory.",
				 resident_bytes);
	}
	if (descriptors >= 0)
		exposition_gauge(to, "process_open_fds", "Open file descriptors.",
				 (double)descriptors);
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0)
		exposition_gauge(to, "process_max_fds", "Descriptors that may be open.",
				 (double)limit.rlim_cur);
	exposition_gauge(to, "process_start_time_seconds", "When the daemon started, since 1970.",
			 (double)vitals->started_wall / USEC_PER_SEC);
}

void metrics_answer(struct call *call)
{
	static const char *const known[] = { NULL };
	const struct status *status = call->status;
	const char *accept = answer_header(call->answer, "Accept");
	cleanup(text)
	struct text text = { 0 };
	struct exposition to = { .format = exposition_choose(accept), .text = &text };

	if (!call_check_query(call, known, NULL))
		return;
	status->requests.refresh(status->requests.engine);
	print_config(&to, status->vitals);
	print_discovery(&to, status->vitals);
	print_endpoints(&to, status->roster);
	print_checks(&to, status->vitals);
	print_notifications(&to, status);
	print_store(&to, status->vitals->store);
	print_export(&to, status->vitals);
	print_sign(&to, status->vitals);
	print_clients(&to, status);
	print_process(&to, status->vitals);
	exposition_end(&to);
	answer_document(call->answer, 200, exposition_content_type(to.format), &text);
}
