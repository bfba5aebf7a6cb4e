/* heartbeat.h - heartbeats as the API shows them. */
#pragma once

#include <stdbool.h>

struct text;
struct watch;

/* "heartbeat", of a watch that has a pulse; without detail, no message. */
void heartbeat_print(struct text *json, const struct watch *watch, bool shows_detail);
