/* keys_settings.c - the keys of `picket:`. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "config/keys.h"
#include "model/address.h"

static bool check_server(const char *text, size_t len, struct text *wanted)
{
	char host[64];
	const char *end = NULL;
	struct address address;
	size_t width;

	text_append(wanted, "must be an address, with a port or without: 192.0.2.53, "
			    "192.0.2.53:5353, [2001:db8::53]:53");
	if (address_parse(text, &address) == 0)
		return true;
	end = strrchr(text, ':');
	if (!end || end[1] == '\0' || end[1 + strspn(end + 1, "0123456789")] || strlen(end) > 6 ||
	    strtoul(end + 1, NULL, 10) > 65535 || strtoul(end + 1, NULL, 10) == 0)
		return false;
	if (*text == '[' && end[-1] == ']') {
		text++;
		width = (size_t)(end - text) - 1;
	} else {
		width = (size_t)(end - text);
		if (memchr(text, ':', width))
			return false;
	}
	if (width >= sizeof(host))
		return false;
	memcpy(host, text, width);
	host[width] = '\0';
	return address_parse(host, &address) == 0;
}

static bool check_listen(const char *text, size_t len, struct text *wanted)
{
	struct address address;

	(void)len;
	text_append(wanted, "must be an address of this host with a port: 127.0.0.1:9799, "
			    "[::1]:9799, 0.0.0.0:9799");
	return address_parse_port(text, &address) == 0;
}

static bool check_host(const char *text, size_t len, struct text *wanted)
{
	static const char others[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "0123456789-._";
	struct address address;
	char host[64];

	text_append(wanted, "must be a name or an address without a port: status.example.com, "
			    "192.0.2.7, [2001:db8::7]");
	if (strspn(text, others) == len)
		return true;
	if (len < 3 || len >= sizeof(host) || *text != '[' || text[len - 1] != ']')
		return false;
	memcpy(host, text + 1, len - 2);
	host[len - 2] = '\0';
	return address_parse(host, &address) == 0;
}

static const struct option_word automatic[] = { { "auto", 0 }, { NULL, 0 } };
static const struct option_word system_servers[] = { { "system", 0 }, { NULL, 0 } };

static const struct option resolver_options[] = {
	{
		.key = "servers",
		.kind = OPTION_TEXTS,
		.offset = MEMBER(struct settings, resolver_servers, const char *const *),
		.fallback = "system",
		.words = system_servers,
		.min = 1,
		.check = check_server,
		.about = "Name servers to ask; those of resolv.conf(5) are the system's.",
		.elsewhere = "nameservers nameserver server",
	},
	{
		.key = "timeout",
		.kind = OPTION_DURATION,
		.offset = MEMBER(struct settings, resolver_timeout, usec_t),
		.fallback = "1s",
		.min = 50 * USEC_PER_MS,
		.max = USEC_PER_MIN,
		.about = "How long to wait for one answer.",
	},
	{
		.key = "tries",
		.kind = OPTION_COUNT,
		.offset = MEMBER(struct settings, resolver_tries, unsigned),
		.fallback = "3",
		.min = 1,
		.max = 10,
		.about = "How often to ask before a name server counts as silent.",
		.elsewhere = "attempts retries",
	},
	OPTION_END,
};

static const struct option_table resolver_table = { .options = resolver_options };

static const struct option limits_options[] = {
	{
		.key = "body",
		.kind = OPTION_SIZE,
		.offset = MEMBER(struct settings, limits.body_bytes, size_t),
		.fallback = "1MiB",
		.min = 1,
		.max = 1 << 30,
		.about = "Bytes of a body that are read; then the transfer ends.",
	},
	{
		.key = "headers",
		.kind = OPTION_SIZE,
		.offset = MEMBER(struct settings, limits.headers_bytes, size_t),
		.fallback = "64KiB",
		.min = 1024,
		.max = 16 << 20,
		.about = "Bytes of the headers of one answer.",
	},
	{
		.key = "redirects",
		.kind = OPTION_COUNT,
		.offset = MEMBER(struct settings, limits.redirects, unsigned),
		.fallback = "5",
		.max = 50,
		.about = "Redirects that a check follows at most, whatever its endpoint says.",
	},
	{
		.key = "evidence",
		.kind = OPTION_SIZE,
		.offset = MEMBER(struct settings, limits.evidence_bytes, size_t),
		.fallback = "4KiB",
		.min = 256,
		.max = 1 << 20,
		.about = "Bytes of a body, and as many of the headers, that are kept to show what "
			 "failed.",
	},
	{
		.key = "evidence_total",
		.kind = OPTION_SIZE,
		.offset = MEMBER(struct settings, evidence_total, size_t),
		.fallback = "32MiB",
		.min = 64 << 10,
		.max = 1 << 30,
		.about =
			"Bytes of memory for what is kept of all endpoints; the oldest goes first.",
	},
	{
		.key = "output",
		.kind = OPTION_SIZE,
		.offset = MEMBER(struct settings, limits.output_bytes, size_t),
		.fallback = "64KiB",
		.min = 1,
		.max = 64 << 20,
		.about = "Bytes of what a program prints that are kept; the rest is read and "
			 "dropped.",
	},
	{
		.key = "json_depth",
		.kind = OPTION_COUNT,
		.offset = MEMBER(struct settings, limits.json_depth, unsigned),
		.fallback = "64",
		.min = 1,
		.max = 1024,
		.about = "Arrays and objects in one another that a body may have as JSON.",
	},
	{
		.key = "connections",
		.kind = OPTION_COUNT,
		.offset = MEMBER(struct settings, connections, unsigned),
		.fallback = "64",
		.min = 1,
		.max = 4096,
		.about = "Connections to the socket at one time, and as many to listen.",
	},
	{
		.key = "events",
		.kind = OPTION_COUNT,
		.offset = MEMBER(struct settings, events, unsigned),
		.fallback = "10000",
		.min = 100,
		.max = 1000000,
		.about = "Events of each kind that are kept for those who ask later.",
	},
	OPTION_END,
};

static const struct option_table limits_table = { .options = limits_options };

static const struct option history_options[] = {
	{
		.key = "five_minutes",
		.kind = OPTION_DURATION,
		.offset = MEMBER(struct settings, history_minutes, usec_t),
		.fallback = "14d",
		.min = USEC_PER_HOUR,
		.max = 400 * USEC_PER_DAY,
		.about = "How long counts and latencies are kept for every five minutes; then "
			 "they become those of an hour.",
	},
	{
		.key = "hours",
		.kind = OPTION_DURATION,
		.offset = MEMBER(struct settings, history_hours, usec_t),
		.fallback = "400d",
		.min = 30 * USEC_PER_DAY,
		.max = 4000 * USEC_PER_DAY,
		.about = "How long those of an hour are kept, and changes of state.",
		.elsewhere = "retention days",
	},
	OPTION_END,
};

static const struct option_table history_table = { .options = history_options };

static const struct option export_options[] = {
	{
		.key = "file",
		.kind = OPTION_PATH,
		.offset = MEMBER(struct settings, export_file, const char *),
		.min = 1,
		.max = 1024,
		.about =
			"Where each verdict is added as a line of JSON. The file is opened anew on "
			"each reload, so that it can be rotated.",
		.example = "/var/log/picket/verdicts.jsonl",
		.elsewhere = "path log",
	},
	OPTION_END,
};

static const struct option_table export_table = {
	.options = export_options,
	.short_key = "file",
};

static const struct option settings_options[] = {
	{
		.key = "max_concurrent",
		.kind = OPTION_COUNT,
		.offset = MEMBER(struct settings, max_concurrent, unsigned),
		.fallback = "500",
		.min = 1,
		.max = 100000,
		.words = automatic,
		.about = "Permits: how many checks may be in flight at one time. With auto it is "
			 "twice the expected need, 64 to 4000.",
		.elsewhere = "concurrency parallel parallelism workers max_checks",
	},
	{
		.key = "max_per_host",
		.kind = OPTION_COUNT,
		.offset = MEMBER(struct settings, max_per_host, unsigned),
		.fallback = "16",
		.min = 1,
		.max = 100000,
		.about = "How many of these may go to one host, as the configuration names it.",
	},
	{
		.key = "exec_concurrent",
		.kind = OPTION_COUNT,
		.offset = MEMBER(struct settings, exec_concurrent, unsigned),
		.fallback = "32",
		.min = 1,
		.max = 10000,
		.about = "How many programs may run at one time, of all checks that run one.",
	},
	{
		.key = "judges",
		.kind = OPTION_COUNT,
		.offset = MEMBER(struct settings, judges, unsigned),
		.fallback = "auto",
		.min = 1,
		.max = 256,
		.words = automatic,
		.about = "Threads that turn observations into verdicts. With auto there is one for "
			 "each CPU that the daemon may use.",
		.elsewhere = "threads",
	},
	{
		.key = "loops",
		.kind = OPTION_COUNT,
		.offset = MEMBER(struct settings, loops, unsigned),
		.fallback = "1",
		.min = 1,
		.max = LOOPS_MAX,
		.words = automatic,
		.about =
			"Threads that probe, and as many that make handshakes of TLS. More than one "
			"pay from some hundred checks of TLS a second on (see picketd(8)). With "
			"auto there is one for every two CPUs that the daemon may use. A change "
			"is taken up at the next start.",
		.elsewhere = "event_loops probers",
	},
	{
		.key = "judge_queue",
		.kind = OPTION_COUNT,
		.offset = MEMBER(struct settings, judge_queue, unsigned),
		.fallback = "auto",
		.min = 1,
		.max = 1000000,
		.words = automatic,
		.about =
			"When so many observations wait for a judge, no check starts until half of "
			"them are gone. With auto it is half of max_concurrent.",
	},
	{
		.key = "socket",
		.kind = OPTION_PATH,
		.offset = MEMBER(struct settings, socket, const char *),
		.fallback = "/run/picket/picket.sock",
		.min = 1,
		.max = 107,
		.about = "Where the daemon answers picketctl(1).",
	},
	{
		.key = "socket_mode",
		.kind = OPTION_MODE,
		.offset = MEMBER(struct settings, socket_mode, unsigned),
		.fallback = "0660",
		.about = "Permissions of the socket: who may write to it may ask.",
	},
	{
		.key = "admin_group",
		.kind = OPTION_TEXT,
		.offset = MEMBER(struct settings, admin_group, const char *),
		.min = 1,
		.max = 64,
		.about = "The group whose members may change something, beside root.",
		.example = "picket-admin",
	},
	{
		.key = "listen",
		.kind = OPTION_TEXT,
		.offset = MEMBER(struct settings, listen, const char *),
		.check = check_listen,
		.about = "An address and port where metrics and what may be read are answered over "
			 "TCP; nowhere unless given. Port 0 is any that is free.",
		.example = "127.0.0.1:9799",
		.elsewhere = "bind address port web metrics prometheus",
	},
	{
		.key = "listen_hosts",
		.kind = OPTION_TEXTS,
		.offset = MEMBER(struct settings, listen_hosts, const char *const *),
		.check = check_host,
		.min = 1,
		.max = 255,
		.about = "Names of hosts that requests there may use; localhost and the address "
			 "itself unless given.",
		.example = "[status.example.com, localhost]",
		.elsewhere = "hosts server_name allowed_hosts",
	},
	{
		.key = "listen_detail",
		.kind = OPTION_FLAG,
		.offset = MEMBER(struct settings, listen_detail, bool),
		.fallback = "false",
		.about = "Whether evidence, configuration, addresses and headers are shown there, "
			 "too.",
	},
	{
		.key = "probe_allow",
		.kind = OPTION_TEXTS,
		.offset = MEMBER(struct settings, probe_allow, const char *const *),
		.min = 1,
		.max = 1024,
		.about = "Patterns with * and ? of targets that /probe may be asked for with a "
			 "module, beside those of the endpoints; none unless given.",
		.example = "['https://*.example.com/*', '192.0.2.*']",
		.elsewhere = "allow targets",
	},
	{
		.key = "state_dir",
		.kind = OPTION_PATH,
		.offset = MEMBER(struct settings, state_dir, const char *),
		.fallback = SETTINGS_STATE_DIR,
		.min = 1,
		.max = 1024,
		.about = "The folder where the daemon keeps what is to survive a restart. On this "
			 "machine, not on a network file system.",
		.elsewhere = "data_dir database storage store",
	},
	{
		.key = "store_size",
		.kind = OPTION_SIZE,
		.offset = MEMBER(struct settings, store_size, size_t),
		.fallback = "2GiB",
		.min = 16 << 20,
		.max = (uint64_t)1 << 40,
		.about = "Bytes that the store may take there. Where history would make it larger, "
			 "the oldest goes.",
		.elsewhere = "max_size retention_size",
	},
	{
		.key = "history",
		.kind = OPTION_MAPPING,
		.table = &history_table,
		.about = "How long it is kept what was.",
		.elsewhere = "retention",
	},
	{
		.key = "shutdown_grace",
		.kind = OPTION_DURATION,
		.offset = MEMBER(struct settings, shutdown_grace, usec_t),
		.fallback = "5s",
		.max = 5 * USEC_PER_MIN,
		.about = "How long the daemon may take to end.",
	},
	{
		.key = "online_if",
		.kind = OPTION_TEXTS,
		.offset = MEMBER(struct settings, online_if, const char *const *),
		.min = 1,
		.about = "Endpoints that say whether this host is online.  While all of them fail, "
			 "what gets no answer is unknown, not down; and before anything is called "
			 "down, they are looked at.",
		.example = "[gateway, resolver]",
		.elsewhere = "connectivity references",
	},
	{
		.key = "export",
		.kind = OPTION_MAPPING,
		.table = &export_table,
		.about = "What is written for others to read.",
		.elsewhere = "output jsonl",
	},
	{
		.key = "dead_man",
		.kind = OPTION_MAPPING,
		.table = &keys_dead_man,
		.about = "A sign of life to somebody outside, who notices when it stays away.",
		.elsewhere = "deadman watchdog healthcheck ping",
	},
	{
		.key = "resolver",
		.kind = OPTION_MAPPING,
		.table = &resolver_table,
		.about = "How names are resolved.",
		.elsewhere = "dns",
	},
	{
		.key = "limits",
		.kind = OPTION_MAPPING,
		.table = &limits_table,
		.about = "What one check, and one reader of the socket, may cost.",
	},
	OPTION_END,
};

const struct option_table keys_settings = { .options = settings_options };
