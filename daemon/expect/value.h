/* value.h - what a subject, a function or a literal is worth, and how two of them compare.
 *
 * A value borrows its text or node from the observation, the document or the
 * program it came from, unless `owned` says otherwise.
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "expect/budget.h"
#include "expect/expect.h"
#include "model/address.h"

enum type {
	TYPE_NUMBER,
	TYPE_DURATION, /* integer: microseconds, may be negative */
	TYPE_SIZE, /* integer: bytes */
	TYPE_RATIO, /* real: 0.2 is 20% */
	TYPE_TEXT,
	TYPE_ADDRESS,
	TYPE_BOOL, /* integer: 0 or 1 */
	TYPE_NULL,
	TYPE_ARRAY,
	TYPE_OBJECT,
	TYPE_JSON, /* only while compiling: one of number, text and the four above */
	TYPE_MEASURE, /* only while compiling: one of the first four */
	TYPES
};

/* With its article: "a number". */
const char *type_name(enum type type);

struct value {
	enum type type;
	bool is_real; /* a number that is no 64-bit integer */
	bool is_cut; /* a text or a size of which more may have followed */
	union {
		int64_t integer;
		double real;
		struct address address;
		const json_t *node; /* array or object */
		struct {
			const char *data;
			size_t len;
		} text;
	} as;
	char *owned; /* the memory of a text that was made, or NULL */
};

void value_done(struct value *value);
#define cleanup_value value_done

struct value value_integer(enum type type, int64_t integer);
struct value value_real(enum type type, double real);
struct value value_text(const char *data, size_t len);
struct value value_string(const char *string);
/* Takes the text's memory over. */
struct value value_made(struct text *text);
struct value value_node(const json_t *node);

/* Whether they can be compared at all. */
bool value_is_comparable(const struct value *left, const struct value *right);

enum order { ORDER_LESS, ORDER_EQUAL, ORDER_MORE, ORDER_NONE };

/* ORDER_NONE where one is neither less, equal nor more: not comparable, true and
 * false, arrays and objects.  Integers compare exactly, texts by their bytes.
 */
enum order value_order(const struct value *left, const struct value *right);

/* TRUTH_UNKNOWN: they are not comparable.  The budget is spent on arrays and objects. */
enum truth value_equal(const struct value *left, const struct value *right, struct budget *budget);

/* TRUTH_UNKNOWN: the text is no network. */
enum truth value_is_within(const struct value *address, const struct value *network);

/* For people, at most `max` bytes of the text itself, without secrets; not yet escaped. */
void value_print(struct text *text, const struct value *value, size_t max,
		 const char *const *secrets);
