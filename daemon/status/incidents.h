/* incidents.h - incidents as the API shows them. */
#pragma once

#include "base/clock.h"

struct incident;
struct text;

/* The members of an incident object, which stays open for more. */
void incident_print_members(struct text *json, const struct incident *incident, usec_t wall);
