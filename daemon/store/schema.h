/* schema.h - within store/: the tables of the file, and what is written to and read from them.
 *
 * A version is never changed once it was released; another one is a step more in schema.c.
 */
#pragma once

enum store_write {
#define WRITE(name, sql) STORE_##name,
#include "store/statements.inc"
#undef WRITE
	STORE_WRITES,
};

enum store_read {
#define READ(name, sql) STORE_READ_##name,
#include "store/statements.inc"
#undef READ
	STORE_READS,
};

enum store_ask {
#define ASK(name, sql) STORE_ASK_##name,
#include "store/statements.inc"
#undef ASK
	STORE_ASKS,
};

/* The SQL of each. */
extern const char *const schema_writes[STORE_WRITES];
extern const char *const schema_reads[STORE_READS];
extern const char *const schema_asks[STORE_ASKS];

/* What leads from one version to the next; schema_steps[0] makes version 1 of an empty file. */
extern const char *const schema_steps[];
/* Of the tables as this program knows them. */
extern const int schema_version;
