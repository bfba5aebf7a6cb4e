/* evidence.c - what is kept of a check, and how much of it. */
#include <stdlib.h>

#include "base/memory.h"
#include "model/evidence.h"

struct evidence *evidence_make(char *json, size_t len)
{
	struct evidence *evidence = MEMORY_NEW(struct evidence);

	evidence->json = json;
	evidence->len = len;
	list_init(&evidence->link);
	return evidence;
}

static size_t bytes_of(const struct evidence *evidence)
{
	return sizeof(*evidence) + evidence->len + 1;
}

void evidence_free(struct evidence *evidence)
{
	if (evidence->shelf) {
		evidence->shelf->bytes -= bytes_of(evidence);
		*evidence->place = NULL;
	}
	list_remove(&evidence->link);
	free(evidence->json);
	free(evidence);
}

void evidence_shelf_init(struct evidence_shelf *shelf, size_t bytes_max)
{
	*shelf = (struct evidence_shelf){ .bytes_max = bytes_max };
	list_init(&shelf->by_age);
}

void evidence_shelf_bound(struct evidence_shelf *shelf, size_t bytes_max)
{
	shelf->bytes_max = bytes_max;
	while (shelf->bytes > shelf->bytes_max)
		evidence_free(LIST_ENTRY(list_first(&shelf->by_age), struct evidence, link));
}

void evidence_shelve(struct evidence_shelf *shelf, struct evidence **place)
{
	struct evidence *evidence = *place;

	evidence->shelf = shelf;
	evidence->place = place;
	list_append(&shelf->by_age, &evidence->link);
	shelf->bytes += bytes_of(evidence);
	evidence_shelf_bound(shelf, shelf->bytes_max);
}

void evidence_keep(struct evidence_shelf *shelf, struct evidence **place, struct evidence *evidence)
{
	if (*place)
		evidence_free(*place);
	*place = evidence;
	evidence_shelve(shelf, place);
}
