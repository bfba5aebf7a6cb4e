/* bundle.c - channels and bundles: receivers by name, and what is told together. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "alert/bundle.h"
#include "base/heap.h"
#include "base/map.h"
#include "base/memory.h"
#include "base/text.h"

void bundle_free(struct bundle *bundle)
{
	struct list *link;

	while ((link = list_take_first(&bundle->queue)))
		notification_unref(LIST_ENTRY(link, struct notification, link));
	if (bundle->noting)
		notification_unref(bundle->noting);
	free(bundle->name);
	free(bundle->key);
	free(bundle->prefix);
	free(bundle);
}

static struct channel *channel_made(struct teller *teller, const char *name)
{
	struct channel *channel = map_find(teller->channels, name);

	if (channel)
		return channel;
	channel = MEMORY_NEW(struct channel);
	channel->name = memory_text(name);
	list_init(&channel->starved);
	(void)map_set(teller->channels, channel->name, channel);
	return channel;
}

void teller_configure(struct teller *teller, const struct receiver *const *receivers)
{
	const char *name;
	void *value;

	for (size_t i = 0; map_next(teller->channels, &i, &name, &value);)
		((struct channel *)value)->receiver = NULL;
	for (; *receivers; receivers++)
		channel_made(teller, (*receivers)->name)->receiver = *receivers;
}

const struct receiver *teller_receiver(const struct teller *teller, const char *name)
{
	const struct channel *channel = map_find(teller->channels, name);

	return channel ? channel->receiver : NULL;
}

bool bundle_release(struct teller *teller, struct bundle *bundle)
{
	if (bundle->users || bundle->noting || !list_is_empty(&bundle->queue))
		return false;
	assert(list_is_empty(&bundle->waiting) && !bundle->has_place);
	(void)heap_remove(teller->due, bundle->number);
	(void)map_remove(teller->bundles, bundle->name);
	numbers_give(&teller->by_number, bundle->number);
	bundle_free(bundle);
	return true;
}

struct notification *bundle_find(const struct bundle *bundle, uint64_t sequence)
{
	const struct list *head = &bundle->queue;

	for (struct list *link = head->after; link != head; link = link->after)
		if (LIST_ENTRY(link, struct notification, link)->sequence == sequence)
			return LIST_ENTRY(link, struct notification, link);
	return NULL;
}

/* What a part of an id may be: no slash, nothing that a header cannot carry. */
static void append_part(struct text *key, const char *part)
{
	for (; *part; part++) {
		const unsigned char c = (unsigned char)*part;

		if (c <= ' ' || c >= 0x7f || c == '/' || c == '%' || c == '+')
			text_print(key, "%%%02X", c);
		else
			text_append_char(key, (char)c);
	}
}

struct bundle *bundle_made(struct teller *teller, const char *receiver, const char *key)
{
	char *name = memory_print("%s/%s", receiver, key);
	struct bundle *bundle = map_find(teller->bundles, name);
	struct text prefix = { 0 };

	if (bundle) {
		free(name);
		return bundle;
	}
	bundle = MEMORY_NEW(struct bundle);
	bundle->channel = channel_made(teller, receiver);
	bundle->name = name;
	bundle->key = memory_text(key);
	append_part(&prefix, receiver);
	text_print(&prefix, "/%s/", key);
	bundle->prefix = text_take(&prefix);
	bundle->number = numbers_take(&teller->by_number, bundle);
	list_init(&bundle->pending);
	list_init(&bundle->members);
	list_init(&bundle->queue);
	list_init(&bundle->news);
	list_init(&bundle->waiting);
	(void)map_set(teller->bundles, bundle->name, bundle);
	return bundle;
}

static const char *label_of(const struct incident *incident, const char *label)
{
	const struct endpoint *endpoint = incident->watch ? incident->watch->endpoint : NULL;

	for (unsigned i = 0; endpoint && i < endpoint->labels_count; i++)
		if (strcmp(endpoint->labels[i].key, label) == 0)
			return endpoint->labels[i].value;
	return NULL;
}

static const char *value_of(const struct incident *incident, const char *what)
{
	if (strcmp(what, "endpoint") == 0)
		return incident->endpoint;
	if (strcmp(what, "group") == 0)
		return incident->group;
	if (strcmp(what, "severity") == 0)
		return severity_name(incident->severity);
	return label_of(incident, what);
}

/* "web", "web+critical"; "-" stands for what there is none of, and "all" for no grouping. */
char *bundle_key(const struct incident *incident, const struct receiver *receiver)
{
	struct text key = { 0 };

	for (const char *const *what = receiver->group_by; *what; what++) {
		const char *value = value_of(incident, *what);

		text_append(&key, key.len ? "+" : "");
		append_part(&key, value && *value ? value : "-");
	}
	if (key.len == 0)
		text_append(&key, "all");
	return text_take(&key);
}

void bundle_enqueue(struct teller *teller, struct bundle *bundle, struct notification *one)
{
	assert(list_is_empty(&one->link));
	one->bundle = bundle;
	list_append(&bundle->queue, &one->link);
	bundle->queued++;
	teller->queued++;
}
