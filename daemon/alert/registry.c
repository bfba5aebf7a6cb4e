/* registry.c - all types of receivers. */
#include "alert/receiver.h"

#define RECEIVER(name) extern const struct receiver_type receiver_##name;
#include "alert/registry.inc"
#undef RECEIVER

const struct receiver_type *const receiver_types[] = {
#define RECEIVER(name) &receiver_##name,
#include "alert/registry.inc"
#undef RECEIVER
	NULL,
};
