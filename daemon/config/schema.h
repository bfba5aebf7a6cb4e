/* schema.h - the keys of picket.yaml for editors, for the manual and as a sample. */
#pragma once

struct probe_type;
struct text;

/* The JSON Schema (draft-07) of the whole file: `picketd --schema`. */
void schema_print(struct text *text);
/* The key list of picket.yaml(5), in mdoc. */
void schema_print_manual(struct text *text);
/* A configuration with every key: those that have a built-in value with that, the others
 * as comments.
 */
void schema_print_sample(struct text *text);
