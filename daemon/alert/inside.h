/* inside.h - within alert/: what is kept of incidents, and those that are kept back. */
#pragma once

#include "alert/alert.h"
#include "base/list.h"

struct map;

/* Walks over all incidents, in slices. */
enum walk { WALK_RETELL, WALK_PACK, WALK_RESEND, WALKS };

struct alert {
	struct teller *teller; /* borrowed */
	alert_told *told;
	void *context;
	alert_held *is_held; /* or NULL */
	void *held_context;
	struct map *by_id; /* owned; to incidents, which are owned */
	struct list all; /* of incident->link */
	struct list closed; /* of incident->closed */
	struct list held; /* of incident->closed: over, and it is kept back that they are */
	unsigned open_count, closed_count, held_count;
	struct list *walks[WALKS]; /* in `all`: where each goes on; its head: it is over */
	uint32_t packed_bundle;
	struct incident *own; /* borrowed; the open one of picket itself, or NULL */
	unsigned here_count; /* watches that are unknown because of this host */
};

/* hold.c: asks whether it is held now, and has it told again where it no longer is. */
void alert_ask_held(struct alert *alert, struct incident *incident, struct moment at,
		    struct pack *rows);
/* One that is over is remembered.  Frees nothing: whoever walks the incidents may close them. */
void alert_keep_closed(struct alert *alert, struct incident *incident);
/* One that is remembered: whether its end is kept back may be another now. */
void alert_look_again(struct alert *alert, struct incident *incident, struct moment at,
		      struct pack *rows);
