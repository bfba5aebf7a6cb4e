/* kept_incident.h - incidents as rows of the store.  Loop thread only. */
#pragma once

struct incident;
struct pack;
struct store_row;

/* Adds the row STORE_PUT_INCIDENT, or STORE_DROP_INCIDENT. */
void kept_pack_incident(const struct incident *incident, struct pack *rows);
void kept_pack_drop_incident(const char *id, struct pack *rows);
/* The incident of a row of STORE_READ_INCIDENTS, or NULL where it makes no sense. */
struct incident *kept_take_incident(const struct store_row *row);
