/* main.c - a world of endpoints that do as the script says.  README.md is the manual. */
#include <errno.h>
#include <event2/event.h>
#include <getopt.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/text.h"
#include "certificates.h"
#include "conn.h"
#include "content.h"
#include "control.h"
#include "ledger.h"
#include "nameserver.h"
#include "ports.h"
#include "script.h"
#include "world.h"
#include "zone.h"

#define MOST_PORTS 16

struct doors {
	struct port *open[MOST_PORTS];
	size_t count;
	struct nameserver *nameserver;
	int refusing, swallowing[4];
};

struct options {
	const char *http[MOST_PORTS], *tls[MOST_PORTS], *dns, *tls_folder, *script;
	size_t http_count, tls_count;
	bool is_clocked;
};

static const char usage[] =
	"usage: world [OPTION]... [SCRIPT]\n"
	"  --http ADDRESS:PORT         serve HTTP (default 127.0.0.1:0; *:0 is all of 127/8)\n"
	"  --tls ADDRESS:PORT[=KIND]   serve HTTPS, see certificates.h for the kinds\n"
	"  --tls-folder DIR            where ca.pem and its like go (needed for --tls)\n"
	"  --dns ADDRESS:PORT          answer name lookups\n"
	"  --clocked                   keep how long answers took, by the kernel's clock\n"
	"  --with-parent               end when the process that started this one ends\n"
	"Prints one line of JSON when all is ready; README.md says the rest.\n";

static _Noreturn void fail(int status, const char *what, int r)
{
	(void)fprintf(stderr, "world: %s%s%s\n", what, r < 0 ? ": " : "",
		      r < 0 ? strerror(-r) : "");
	exit(status);
}

static void end_with_parent(void)
{
	const pid_t parent = getppid();

	(void)prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		exit(0);
}

static void options_read(struct options *options, int argc, char *argv[])
{
	static const struct option known[] = { { "http", required_argument, NULL, 'h' },
					       { "tls", required_argument, NULL, 't' },
					       { "tls-folder", required_argument, NULL, 'f' },
					       { "dns", required_argument, NULL, 'd' },
					       { "clocked", no_argument, NULL, 'c' },
					       { "with-parent", no_argument, NULL, 'p' },
					       { 0 } };
	int option;

	while ((option = getopt_long(argc, argv, "", known, NULL)) >= 0) {
		if (options->http_count == MOST_PORTS || options->tls_count == MOST_PORTS)
			fail(EX_USAGE, "too many ports", 0);
		if (option == 'h')
			options->http[options->http_count++] = optarg;
		else if (option == 't')
			options->tls[options->tls_count++] = optarg;
		else if (option == 'f')
			options->tls_folder = optarg;
		else if (option == 'd')
			options->dns = optarg;
		else if (option == 'c')
			options->is_clocked = true;
		else if (option == 'p')
			end_with_parent();
		else
			fail(EX_USAGE, usage, 0);
	}
	if (argc - optind > 1 || (options->tls_count > 0 && !options->tls_folder))
		fail(EX_USAGE, usage, 0);
	options->script = argv[optind];
	if (options->http_count == 0)
		options->http[options->http_count++] = "127.0.0.1:0";
}

static void on_wait_timer(evutil_socket_t fd, short what, void *context)
{
	control_tick(context);
}

static void on_signal(evutil_socket_t fd, short what, void *context)
{
	struct world *world = context;

	(void)event_base_loopbreak(world->base);
}

static void door_open(struct world *world, struct doors *doors, const char *where, const char *kind)
{
	int r;

	if (doors->count == MOST_PORTS)
		fail(EX_USAGE, "too many ports", 0);
	r = port_open(world, where, kind, &doors->open[doors->count]);
	if (r < 0)
		fail(1, where, r);
	doors->count++;
}

static void tls_open(struct world *world, struct doors *doors, const char *option)
{
	char *where = memory_text(option), *kind = strchr(where, '=');
	unsigned words;

	if (kind)
		*kind++ = '\0';
	if (kind && certificates_kind(kind, &words) < 0)
		fail(EX_USAGE, "no such kind of certificate", 0);
	door_open(world, doors, where, kind ? kind : "good");
	free(where);
}

static void ports_print(struct text *text, const char *name, const struct doors *doors, size_t from,
			size_t to)
{
	text_print(text, ",\"%s\":[", name);
	for (size_t i = from; i < to; i++)
		text_print(text, "%s%u", i > from ? "," : "", port_number(doors->open[i]));
	text_append(text, "]");
}

/* Opens everything and says so. */
static void doors_init(struct doors *doors, struct world *world, const struct options *options)
{
	struct text ready = { 0 };
	uint16_t refused, swallowed, dns = 0;
	int udp, tcp, r;

	for (size_t i = 0; i < options->http_count; i++)
		door_open(world, doors, options->http[i], NULL);
	for (size_t i = 0; i < options->tls_count; i++)
		tls_open(world, doors, options->tls[i]);
	r = ports_refuse(&doors->refusing, &refused);
	if (r == 0)
		r = ports_swallow(doors->swallowing, &swallowed);
	if (r < 0)
		fail(1, "closed ports", r);
	if (options->dns) {
		r = ports_open_dns(options->dns, &udp, &tcp, &dns);
		if (r < 0)
			fail(1, options->dns, r);
		doors->nameserver = nameserver_new(world, udp, tcp);
	}
	text_print(&ready, "{\"pid\":%d", (int)getpid());
	ports_print(&ready, "http", doors, 0, options->http_count);
	ports_print(&ready, "tls", doors, options->http_count, doors->count);
	text_print(&ready, ",\"dns\":%u,\"refused\":%u,\"swallowed\":%u}", dns, refused, swallowed);
	(void)puts(text_string(&ready));
	(void)fflush(stdout);
	text_done(&ready);
}

static void doors_done(struct doors *doors)
{
	if (doors->nameserver)
		nameserver_free(doors->nameserver);
	for (unsigned i = 0; i < 4; i++)
		(void)close(doors->swallowing[i]);
	(void)close(doors->refusing);
	for (size_t i = 0; i < doors->count; i++)
		port_free(doors->open[i]);
}

static struct event_base *base_new(void)
{
	struct event_config *config = event_config_new();
	struct event_base *base;

	(void)event_config_set_flag(config, EVENT_BASE_FLAG_PRECISE_TIMER);
	(void)event_config_set_flag(config, EVENT_BASE_FLAG_EPOLL_USE_CHANGELIST);
	base = event_base_new_with_config(config);
	event_config_free(config);
	if (!base)
		fail(1, "no event loop", 0);
	(void)event_base_priority_init(base, 2);
	return base;
}

static void world_init(struct world *world, const struct options *options)
{
	char *fault = NULL;

	world->is_clocked = options->is_clocked;
	world->base = base_new();
	world->script = script_new();
	world->zone = zone_new();
	world->ledger = ledger_new();
	world->shelf = shelf_new();
	list_init(&world->conns);
	list_init(&world->waiting);
	world->wait_timer = evtimer_new(world->base, on_wait_timer, world);
	if (options->tls_folder)
		world->certificates = certificates_new(options->tls_folder);
	if (options->script && script_read(world->script, world->zone, options->script, &fault) < 0)
		fail(EX_DATAERR, fault, 0);
}

static void world_done(struct world *world)
{
	list_each (link, &world->conns)
		conn_free(LIST_ENTRY(link, struct conn, link));
	event_free(world->wait_timer);
	if (world->certificates)
		certificates_free(world->certificates);
	shelf_free(world->shelf);
	ledger_free(world->ledger);
	zone_free(world->zone);
	script_free(world->script);
	event_base_free(world->base);
}

int main(int argc, char *argv[])
{
	struct options options = { 0 };
	struct world world = { 0 };
	struct doors doors = { 0 };
	struct event *stops[2];
	struct rlimit files;

	(void)sigaction(SIGPIPE, &(struct sigaction){ .sa_handler = SIG_IGN }, NULL);
	options_read(&options, argc, argv);
	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &files);
	}
	world_init(&world, &options);
	stops[0] = evsignal_new(world.base, SIGTERM, on_signal, &world);
	stops[1] = evsignal_new(world.base, SIGINT, on_signal, &world);
	event_add(stops[0], NULL);
	event_add(stops[1], NULL);
	doors_init(&doors, &world, &options);

	(void)event_base_dispatch(world.base);

	doors_done(&doors);
	event_free(stops[0]);
	event_free(stops[1]);
	world_done(&world);
	return 0;
}
