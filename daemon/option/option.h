/* option.h - one row a configuration key.
 *
 * A table of rows is the one truth about a mapping of picket.yaml: it sets and
 * checks a struct, and it prints the key list of picket.yaml(5), the JSON Schema and
 * the commented sample.  option/ reads no file and knows no table.
 *
 *   struct door { const char *host; unsigned port; };
 *   static const struct option door_options[] = {
 *           { .key = "port", .kind = OPTION_COUNT, .min = 1, .max = 65535,
 *             .offset = MEMBER(struct door, port, unsigned),
 *             .fallback = "80", .about = "TCP port to connect to." },
 *           OPTION_END
 *   };
 *   static const struct option_table door_table = {
 *           .options = door_options, .size = sizeof(struct door), .short_key = "host" };
 *
 * Tables are immutable; any thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "option/complaint.h"

struct arena;
struct option_table;
struct text;
struct value;

/* What a value is, and the C type of the member it goes to. */
enum option_kind {
	OPTION_LAST, /* ends a table */
	OPTION_FLAG, /* bool: true or false */
	OPTION_COUNT, /* unsigned: a number within min and max, or one of `words` */
	OPTION_MODE, /* unsigned: permissions of a file, "0660" */
	OPTION_SIZE, /* size_t: bytes with a unit, within min and max */
	OPTION_DURATION, /* usec_t: with a unit, within min and max */
	OPTION_CHOICE, /* an enum (int-sized): one of `words` */
	OPTION_TEXT, /* const char *: min to max bytes (max 0: as many as a scalar may have) */
	OPTION_SECRET, /* const char *: the same, never shown */
	OPTION_PATH, /* const char *: the same, an absolute path without . and .. */
	OPTION_TEXTS, /* const char *const *: NULL-terminated; one scalar is a list of one; or one of `words`: NULL */
	OPTION_PAIRS, /* struct option_pairs: any keys with texts */
	OPTION_MAPPING, /* a struct of `table`, embedded; or a pointer to one where is_separate */
	OPTION_MAPPINGS, /* const struct value *: a list of mappings of `table`, set by whoever asks */
	OPTION_NAMED, /* const struct value *: names with mappings of `table`, set by whoever asks */
	OPTION_STEPS, /* struct option_steps: a list of mappings of `table`, each from built-in values */
	OPTION_LINES, /* const struct value *: a list of texts, or one, set by whoever asks */
};

struct option_word {
	const char *word;
	int value;
};

struct option_pair {
	const char *key, *value;
	bool is_secret;
};

struct option_pairs {
	const struct option_pair *pairs;
	unsigned count;
};

struct option_steps {
	const void *items; /* array of the table's struct */
	const struct value *list; /* where they stand, for complaints */
	unsigned count;
};

/* False where the text will not do; `wanted` then gets what was wanted, to stand
 * behind the key and before ", not '…'": "must begin with http:// or https://".
 */
typedef bool option_check(const char *text, size_t len, struct text *wanted);

struct option {
	const char *key;
	enum option_kind kind;
	bool is_required;
	bool is_verbatim; /* no ${…} is read in it */
	bool has_captures; /* ${1} to ${9} are left as they are */
	bool has_names; /* the same of ${NAME}, but for ${each} */
	bool has_each; /* {} stands for the value of `each` */
	bool ignores_case; /* OPTION_PAIRS: of keys */
	bool is_separate; /* OPTION_MAPPING: const void *, NULL until some key of it is set */
	bool is_lent; /* the same, and whoever reads may lend the memory for it */
	bool is_raw; /* OPTION_MAPPING: const struct value *, set by whoever asks */
	bool is_secret; /* OPTION_TEXTS, OPTION_PAIRS: the values are never shown */
	const char *
		secrets_in; /* OPTION_TEXTS: everybody can read it, the key for secrets is this one; or NULL */
	bool has_lines; /* line breaks may be in the text: a body */
	bool is_url; /* the password, or the user alone, before its host is a secret */
	size_t offset; /* MEMBER() */
	const char *fallback; /* the built-in value, as it would be written; NULL: zero or none */
	uint64_t min, max;
	const struct option_word *words; /* ends with a NULL word */
	const struct option_table *table;
	option_check *check; /* of a text, or of each */
	bool quotes_text; /* what `check` wants may have parts of the text in it */
	option_check *check_key; /* OPTION_PAIRS */
	bool (*holds_secret)(const char *key); /* OPTION_PAIRS: whether the value of that one does;
						* or NULL: is_secret says it of all
						*/
	const char *about; /* a sentence for the manual */
	const char *example; /* for the sample, where there is no fallback */
	const char *elsewhere; /* what other tools call it, blanks between: "every period" */
};

#define OPTION_END                                                                                 \
	{                                                                                          \
		.kind = OPTION_LAST                                                                \
	}

/* offsetof(), and an error of the compiler where the member is not of type `of`. */
#define MEMBER(type, member, of)                                                                   \
	(offsetof(type, member) + 0 * sizeof(1 ? (of *)0 : &((type *)0)->member))

/* What a NAME of `has_names` is made of. */
#define OPTION_NAME_CHARACTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"

/* Where the keys of one object stand.  With defaults, groups and templates that is more
 * than one mapping; the last is the strongest.
 */
struct option_places {
	const struct value *const *layers; /* mappings, or scalars in short form */
	unsigned count;
};

/* What no row can say, relations between keys.  Runs once all layers are set. */
typedef void option_examine(const void *object, struct complaints *complaints,
			    const struct option_places *places);

struct option_table {
	const struct option *options; /* ends with OPTION_END */
	size_t size; /* of the struct */
	const void *builtin; /* one as option_fill() makes it; or NULL: it is made each time */
	const char
		*short_key; /* the key that a scalar (or list) instead of a mapping sets, or NULL */
	const char *free_prefix; /* keys that begin so are nobody's business, or NULL */
	option_examine *examine; /* or NULL */
	const char *about; /* a sentence about the mapping as a whole, or NULL */
};

/* The place of `key` ("auth.basic.user") where it is set, else of the mapping it
 * would stand in; and a complaint or warning about it.  NULL is the mapping itself.
 */
struct place option_place(const struct option_places *places, const char *key);
bool option_is_set(const struct option_places *places, const char *key);
/* Item `number` of the list that the strongest layer has as `key`, or the one text there, for
 * number 0; also where the mapping around it has its short form.  NULL: there is none.
 */
const struct value *option_item(const struct option_places *places, const char *key,
				unsigned number);
void option_complain(struct complaints *complaints, const struct option_places *places,
		     const char *key, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
void option_warn(struct complaints *complaints, const struct option_places *places, const char *key,
		 const char *format, ...) __attribute__((format(printf, 4, 5)));

/* The layers of the mapping `key` within these, at most `max`; null takes those before it away. */
unsigned option_below(const struct option_places *places, const char *key,
		      const struct value **layers, unsigned max);

/* What setting needs from outside; `context` goes to the functions. */
struct option_reader {
	struct arena *arena; /* what is set lives here */
	struct complaints *complaints;
	bool has_each; /* {} is replaced where the row says so */

	/* The text of a scalar with its ${…} and, where `braces`, {} replaced: in the arena,
	 * or NULL after complaining, or to leave the value alone.  *ret_is_secret: a reference was in it.
	 * Called only for a text that has one of them.  May be NULL: texts are as they stand.
	 */
	const char *(*expand)(const struct value *scalar, bool braces, bool *ret_is_secret,
			      void *context);
	/* A value that must not be shown (a row that is secret).  May be NULL. */
	void (*secret)(const char *text, void *context);
	/* A key was set, or removed by null: "http.tls.ca".  May be NULL. */
	void (*note)(const char *path, const struct value *value, bool is_secret, void *context);
	/* Memory of the table's size for a row that is_lent, instead of the arena's; it may be what
	 * was lent before.  May be NULL.
	 */
	void *(*lend)(const struct option *option, void *context);
	void *context;
};

/* Built-in values into `object`.  Whatever needs memory lives in the arena. */
void option_fill(const struct option_table *table, void *object, struct arena *arena);

/* One layer over what `object` has: mappings are merged key by key, scalars and lists
 * replaced, null goes back to the built-in value.  Complains about all that is wrong
 * and leaves that as it was.  `path` is what stands before the keys in messages and
 * notes: "", "http".  What older layers point to is never changed, so objects may be copied.
 */
void option_set(const struct option_table *table, const struct value *layer, void *object,
		const char *path, const struct option_reader *reader);

/* After the last layer: what is required and missing, and the relations, of nested
 * tables too.  False where something required is missing or was refused.
 */
bool option_finish(const struct option_table *table, const void *object, const char *path,
		   const struct option_places *places, struct complaints *complaints);

/* Each row with the effective value as JSON (secrets as "***"): "http.tls.verify", "true".
 * Rows that are NULL are left out, as are those that someone else sets.
 */
typedef void option_show(const char *path, const struct option *option, const char *json,
			 void *context);
void option_each(const struct option_table *table, const void *object, const char *path,
		 option_show *show, void *context);

/* Appends bytes that are equal for equal objects, secrets with them; of this process only. */
void option_digest(const struct option_table *table, const void *object, struct text *bytes);

/* The key list for picket.yaml(5) (mdoc), what editors know of the file (one JSON
 * Schema object, draft-07), and a commented sample.
 */
void option_print_mdoc(const struct option_table *table, struct text *text);
void option_print_schema(const struct option_table *table, struct text *text);
void option_print_sample(const struct option_table *table, unsigned depth, struct text *text);
