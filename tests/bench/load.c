/* load.c - which endpoints a client looks at and when, and what it says at the end. */
#include "load.h"

#include <arpa/inet.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/memory.h"

#define MOST_LATENESS (4u << 20)

__extension__ typedef unsigned __int128 wide_t;

struct load {
	struct load_options options;
	struct load_endpoint *endpoints; /* owned; in the order of their phases */
	size_t next, in_flight;
	usec_t round; /* when the current interval began */
	usec_t phase_ends;
	bool is_measuring;
	usec_t began;
	struct rusage before;
	size_t checks, failed, noted;
	usec_t *lateness; /* owned */
	FILE *latencies; /* owned, or NULL */
};

/* --- Options ------------------------------------------------------------------------- */

static usec_t seconds(const char *text)
{
	return (usec_t)(strtod(text, NULL) * USEC_PER_SEC);
}

static unsigned number(const char *text)
{
	return (unsigned)strtoul(text, NULL, 10);
}

static bool read_switch(struct load_options *options, int option)
{
	bool *const switches[] = {
		['b'] = &options->is_back_to_back,   ['B'] = &options->is_burst,
		['c'] = &options->curl_connects,     ['j'] = &options->parses,
		['k'] = &options->keeps_connections,
	};

	if ((size_t)option >= sizeof(switches) / sizeof(switches[0]) || !switches[option])
		return false;
	*switches[option] = true;
	return true;
}

static void read_value(struct load_options *options, int option, const char *value)
{
	if (option == 'n')
		options->endpoints = number(value);
	else if (option == 'i')
		options->interval = seconds(value);
	else if (option == 'f')
		options->in_flight = number(value);
	else if (option == 'p')
		options->port = number(value);
	else if (option == 'u')
		options->path = value;
	else if (option == 'd')
		(void)sscanf(value, "%u-%u", &options->delay_min, &options->delay_max);
	else if (option == 'l')
		options->latencies = value;
	else if (option == 't')
		options->ca = value;
	else if (option == 'w')
		options->warm_up = seconds(value);
	else if (option == 's')
		options->measured = seconds(value);
}

void load_options_read(struct load_options *options, int argc, char *argv[])
{
	static const struct option known[] = { { "endpoints", required_argument, NULL, 'n' },
					       { "interval", required_argument, NULL, 'i' },
					       { "in-flight", required_argument, NULL, 'f' },
					       { "port", required_argument, NULL, 'p' },
					       { "path", required_argument, NULL, 'u' },
					       { "delays", required_argument, NULL, 'd' },
					       { "latencies", required_argument, NULL, 'l' },
					       { "tls", required_argument, NULL, 't' },
					       { "warm-up", required_argument, NULL, 'w' },
					       { "seconds", required_argument, NULL, 's' },
					       { "back-to-back", no_argument, NULL, 'b' },
					       { "burst", no_argument, NULL, 'B' },
					       { "curl-connects", no_argument, NULL, 'c' },
					       { "keep-connections", no_argument, NULL, 'k' },
					       { "parse", no_argument, NULL, 'j' },
					       { 0 } };
	int option;

	*options = (struct load_options){ .endpoints = 500,
					  .in_flight = 500,
					  .interval = USEC_PER_SEC,
					  .warm_up = 2 * USEC_PER_SEC,
					  .measured = 10 * USEC_PER_SEC,
					  .path = "/" };
	while ((option = getopt_long(argc, argv, "", known, NULL)) >= 0)
		if (!read_switch(options, option))
			read_value(options, option, optarg);
	if (!options->port || !options->endpoints || !options->in_flight || argc != optind) {
		(void)fprintf(stderr, "%s: wanted --port and numbers above 0\n", argv[0]);
		exit(EX_USAGE);
	}
}

/* --- The endpoints --------------------------------------------------------------------- */

static int compare_usec(const void *a, const void *b)
{
	const usec_t x = *(const usec_t *)a, y = *(const usec_t *)b;

	return (x > y) - (x < y);
}

static int compare_phases(const void *a, const void *b)
{
	return compare_usec(&((const struct load_endpoint *)a)->phase,
			    &((const struct load_endpoint *)b)->phase);
}

static char *path_of(const struct load_options *options, size_t i)
{
	const unsigned span = options->delay_max - options->delay_min;

	if (!options->delay_max)
		return memory_text(options->path);
	return memory_print("/delay/%zu/endpoint-%zu", options->delay_min + i * 7919 % (span + 1),
			    i);
}

/* tests/bench/measure.py writes the same names, addresses and paths into picketd's
 * configuration.
 */
static void endpoint_init(struct load_endpoint *endpoint, const struct load_options *options,
			  size_t i)
{
	char *name = memory_print("endpoint-%zu", i);
	char *host = memory_print("127.%zu.%zu.%zu", i / 62500 + 1, i / 250 % 250, i % 250 + 1);

	endpoint->index = i;
	endpoint->path = path_of(options, i);
	endpoint->url = memory_print("%s://%s:%u%s", options->ca ? "https" : "http", host,
				     options->port, endpoint->path);
	endpoint->address.sin_family = AF_INET;
	endpoint->address.sin_port = htons((uint16_t)options->port);
	(void)inet_pton(AF_INET, host, &endpoint->address.sin_addr);
	endpoint->phase = (usec_t)(((wide_t)hash_name(name) * options->interval) >> 64);
	if (options->is_burst)
		endpoint->phase = 0;
	free(name);
	free(host);
}

struct load *load_new(const struct load_options *options)
{
	struct load *load = MEMORY_NEW(struct load);

	load->options = *options;
	load->endpoints = memory_new(options->endpoints, sizeof(struct load_endpoint));
	for (size_t i = 0; i < options->endpoints; i++)
		endpoint_init(&load->endpoints[i], options, i);
	qsort(load->endpoints, options->endpoints, sizeof(struct load_endpoint), compare_phases);
	load->lateness = memory_new(MOST_LATENESS, sizeof(usec_t));
	if (options->latencies)
		load->latencies = fopen(options->latencies, "we");
	load->round = clock_now();
	load->phase_ends = load->round + options->warm_up;
	return load;
}

/* --- The way of a check ------------------------------------------------------------------ */

static void note_lateness(struct load *load, usec_t due, usec_t now)
{
	if (load->is_measuring && load->noted < MOST_LATENESS)
		load->lateness[load->noted++] = now > due ? now - due : 0;
}

const struct load_endpoint *load_next(struct load *load, usec_t *ret_next)
{
	const struct load_options *options = &load->options;
	const struct load_endpoint *endpoint = &load->endpoints[load->next];
	const usec_t now = clock_now();
	const usec_t due = options->is_back_to_back ? now : load->round + endpoint->phase;

	if (load->in_flight == options->in_flight) {
		*ret_next = USEC_NEVER;
		return NULL;
	}
	if (due > now) {
		*ret_next = due;
		return NULL;
	}
	note_lateness(load, due, now);
	load->in_flight++;
	load->next = (load->next + 1) % options->endpoints;
	if (load->next == 0)
		load->round += options->interval;
	return endpoint;
}

void load_ended(struct load *load, const struct load_endpoint *endpoint, bool is_fine,
		usec_t latency)
{
	load->in_flight--;
	/* From the first check on, so that the server's own figures can be put beside it. */
	if (load->latencies)
		(void)fprintf(load->latencies, "%zu %llu\n", endpoint->index,
			      (unsigned long long)latency);
	if (!load->is_measuring)
		return;
	load->checks++;
	load->failed += !is_fine;
}

/* --- The end ----------------------------------------------------------------------------- */

static double cpu_seconds(const struct rusage *usage)
{
	return (double)(usage->ru_utime.tv_sec + usage->ru_stime.tv_sec) +
	       (double)(usage->ru_utime.tv_usec + usage->ru_stime.tv_usec) / 1e6;
}

static double rss_mib(void)
{
	FILE *file = fopen("/proc/self/statm", "re");
	unsigned long size = 0, resident = 0;

	if (file) {
		(void)!fscanf(file, "%lu %lu", &size, &resident);
		(void)fclose(file);
	}
	return (double)resident * (double)sysconf(_SC_PAGESIZE) / (1 << 20);
}

static double lateness(const struct load *load, size_t place)
{
	return load->noted ? (double)load->lateness[place] / USEC_PER_SEC : 0;
}

static void report(struct load *load)
{
	const double seconds = (double)(clock_now() - load->began) / USEC_PER_SEC;
	struct rusage after;
	double cpu;

	(void)getrusage(RUSAGE_SELF, &after);
	cpu = cpu_seconds(&after) - cpu_seconds(&load->before);
	qsort(load->lateness, load->noted, sizeof(usec_t), compare_usec);
	if (load->latencies)
		(void)fclose(load->latencies);
	printf("{\"checks\":%zu,\"failed\":%zu,\"seconds\":%.3f,\"cpu_seconds\":%.4f,"
	       "\"cpu_per_1000\":%.5f,\"rss_mib\":%.2f,\"lateness\":{\"p50\":%.6f,\"p99\":%.6f,"
	       "\"max\":%.6f}}\n",
	       load->checks, load->failed, seconds, cpu,
	       load->checks ? cpu * 1000 / (double)load->checks : 0, rss_mib(),
	       lateness(load, load->noted / 2), lateness(load, load->noted * 99 / 100),
	       lateness(load, load->noted - 1));
}

usec_t load_deadline(const struct load *load)
{
	return load->phase_ends;
}

bool load_look(struct load *load)
{
	if (clock_now() < load->phase_ends)
		return false;
	if (load->is_measuring) {
		report(load);
		return true;
	}
	load->is_measuring = true;
	load->began = clock_now();
	load->phase_ends = load->began + load->options.measured;
	(void)getrusage(RUSAGE_SELF, &load->before);
	return false;
}
