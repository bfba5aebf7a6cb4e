/* discover.c - endpoints that nobody wrote down: the keys of `discover:`, and its sources. */
#include <string.h>

#include "base/arena.h"
#include "base/cleanup.h"
#include "base/glob.h"
#include "base/memory.h"
#include "base/text.h"
#include "config/build.h"
#include "config/discover.h"
#include "config/pattern.h"
#include "loop/errand.h"
#include "option/value.h"

enum { DNS_NAME_MAX = 253 };

static bool check_file(const char *text, size_t len, struct text *wanted)
{
	const char *slash = strrchr(text, '/');
	const size_t wild = strcspn(text, "*?");

	text_append(wanted, "must be a path that ends in .json, .yaml or .yml; * and ? may be in "
			    "its last part");
	return ((len > 5 && strcmp(text + len - 5, ".json") == 0) || pattern_may_be_yaml(text)) &&
	       !strchr("*?", text[len - 1]) && (!slash || text + wild > slash);
}

static bool check_http(const char *text, size_t len, struct text *wanted)
{
	const char *scheme;
	const bool is_good = errand_check_url(text, "http,https", &scheme);

	(void)len;
	text_print(wanted, "must %s", scheme);
	return is_good;
}

static bool check_dns(const char *text, size_t len, struct text *wanted)
{
	static const char letters[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";

	text_append(wanted, "must be a name such as nodes.example.com, or _http._tcp.example.com "
			    "for SRV records");
	return len <= DNS_NAME_MAX && strspn(text, letters) == len && *text != '.' &&
	       !strstr(text, "..");
}

static const struct option discover_options[] = {
	{
		.key = "file",
		.kind = OPTION_TEXT,
		.offset = MEMBER(struct discover, file, const char *),
		.min = 1,
		.check = check_file,
		.about = "Files of targets as Prometheus has them (file_sd), JSON or YAML, beside "
			 "this one unless absolute.",
		.example = "targets/*.json",
		.elsewhere = "files file_sd file_sd_configs",
	},
	{
		.key = "http",
		.kind = OPTION_TEXT,
		.offset = MEMBER(struct discover, http, const char *),
		.min = 1,
		.is_url = true,
		.check = check_http,
		.about = "URL of a list of targets as Prometheus has it (http_sd).",
		.example = "https://cmdb.example.com/targets",
		.elsewhere = "url http_sd http_sd_configs",
	},
	{
		.key = "dns",
		.kind = OPTION_TEXT,
		.offset = MEMBER(struct discover, dns, const char *),
		.min = 1,
		.check = check_dns,
		.about = "Name whose SRV records, where it begins with '_', or addresses are the "
			 "targets.",
		.example = "_http._tcp.example.com",
		.elsewhere = "dns_sd dns_sd_configs srv names",
	},
	{
		.key = "refresh",
		.kind = OPTION_DURATION,
		.offset = MEMBER(struct discover, refresh, usec_t),
		.min = USEC_PER_SEC,
		.max = USEC_PER_DAY,
		.about =
			"How often it is looked at anew: unless given, files every 5m and when "
			"they change, a URL every 1m, a name when its TTL is over, within 1s and 1h.",
		.example = "1m",
		.elsewhere = "refresh_interval interval every",
	},
	OPTION_END,
};

static void examine(const void *object, struct complaints *complaints,
		    const struct option_places *places)
{
	const struct discover *discover = object;
	const int count =
		(discover->file ? 1 : 0) + (discover->http ? 1 : 0) + (discover->dns ? 1 : 0);

	if (count != 1)
		option_complain(complaints, places, NULL,
				"'discover' needs one of 'file', 'http' and 'dns'%s",
				count ? ", not several" : "");
}

const struct option_table discover_table = {
	.options = discover_options,
	.size = sizeof(struct discover),
	.examine = examine,
};

const char *discovery_kind_name(enum discovery_kind kind)
{
	static const char *const names[] = {
		[DISCOVERY_FILE] = "file",
		[DISCOVERY_HTTP] = "http",
		[DISCOVERY_DNS] = "dns",
	};

	return names[kind];
}

/* --- Sources ---------------------------------------------------------------------------- */

/* Paths are beside the file that names them. */
static char *make_what(const struct discover *discover, const struct value *place)
{
	const char *slash = place->file ? strrchr(place->file, '/') : NULL;

	if (!discover->file)
		return memory_text(discover->http ? discover->http : discover->dns);
	if (*discover->file == '/')
		return memory_text(discover->file);
	return memory_print("%.*s/%s", slash ? (int)(slash - place->file) : 1,
			    slash ? place->file : ".", discover->file);
}

static struct discovery *find_discovery(const struct loader *loader, const char *key)
{
	for (unsigned i = 0; i < loader->snapshot->discoveries_count; i++)
		if (strcmp(loader->snapshot->discoveries[i].key, key) == 0)
			return &loader->snapshot->discoveries[i];
	return NULL;
}

static struct targets *find_known(const struct loader *loader, const char *key)
{
	for (unsigned i = 0; loader->finds && i < loader->finds->count; i++)
		if (strcmp(loader->finds->list[i].key, key) == 0)
			return targets_ref(loader->finds->list[i].targets);
	return NULL;
}

/* While nothing runs yet that would do it; else it has been done. */
static void read_files(struct loader *loader, struct discovery *discovery,
		       const struct value *place)
{
	const struct place where = value_place(place);
	cleanup(text)
	struct text fault = { 0 };
	int watch;

	if (targets_read(discovery->what, -1, &watch, &discovery->targets, &fault) == 0)
		return;
	discovery->fault = arena_text(loader->arena, text_string(&fault));
	complain_warn(loader->complaints, &where,
		      "no targets: %s; going on without any until they can be read",
		      text_string(&fault));
}

struct discovery *discovery_enter(struct loader *loader, const struct discover *discover,
				  const struct value *place, const struct secrets *secrets)
{
	const enum discovery_kind kind = discover->file	  ? DISCOVERY_FILE
					 : discover->http ? DISCOVERY_HTTP
							  : DISCOVERY_DNS;
	struct snapshot *snapshot = loader->snapshot;
	cleanup(free)
	char *what = make_what(discover, place);
	cleanup(free)
	char *key = memory_print("%s %s", discovery_kind_name(kind), what);
	struct discovery *discovery = find_discovery(loader, key);
	cleanup(text)
	struct text shown = { 0 };

	if (discovery && discover->refresh &&
	    (!discovery->refresh || discover->refresh < discovery->refresh))
		discovery->refresh = discover->refresh;
	if (discovery)
		return discovery;
	if (snapshot->discoveries_count == DISCOVERIES_MAX) {
		const struct place where = value_place(place);

		complain(loader->complaints, &where, "there are more than %d sources of targets",
			 DISCOVERIES_MAX);
		return NULL;
	}
	if (!snapshot->discoveries)
		snapshot->discoveries =
			arena_take(loader->arena, DISCOVERIES_MAX * sizeof(*discovery));
	build_mask(secrets, what, &shown);
	discovery = &snapshot->discoveries[snapshot->discoveries_count++];
	*discovery = (struct discovery){
		.kind = kind,
		.key = arena_text(loader->arena, key),
		.what = arena_text(loader->arena, what),
		.shown = arena_text(loader->arena, text_string(&shown)),
		.refresh = discover->refresh,
		.targets = find_known(loader, key),
	};
	if (!discovery->targets && kind == DISCOVERY_FILE)
		read_files(loader, discovery, place);
	return discovery;
}

void discovery_leave_out(struct loader *loader, struct discovery *discovery, const char *target,
			 const char *why)
{
	cleanup(text)
	struct text text = { 0 };

	if (discovery->left_out++)
		return;
	text_append_char(&text, '\'');
	text_append_escaped(&text, target, strlen(target));
	text_print(&text, "': %s", why);
	discovery->why = arena_text(loader->arena, text_string(&text));
}

/* `{}` of the name is any text. */
static bool may_be(const char *pattern, const char *name)
{
	cleanup(text)
	struct text glob = { 0 };

	for (; *pattern; pattern++) {
		const bool is_brace = strncmp(pattern, "{}", 2) == 0;

		text_append_char(&glob, is_brace ? '*' : *pattern);
		pattern += is_brace;
	}
	return glob_matches_name(text_string(&glob), name);
}

bool discovery_may_name(const struct loader *loader, const char *name)
{
	for (unsigned i = 0; i < loader->files.count; i++) {
		const struct value *list = value_find(&loader->files.roots[i], "endpoints");

		for (uint32_t k = 0; list && list->kind == VALUE_LIST && k < list->count; k++) {
			const struct value *item = &list->items[k];
			const struct value *called = value_find(item, "name");

			if (value_find(item, "discover") && called &&
			    called->kind == VALUE_SCALAR && may_be(called->text, name))
				return true;
		}
	}
	return false;
}
