/* value.c - values, and how two of them compare. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mask.h"
#include "base/units.h"
#include "base/utf8.h"
#include "expect/jsonpath/jsonpath.h"
#include "expect/node.h"
#include "expect/value.h"

enum { ADDRESS_NAME = 64 };

static const char *const names[TYPES] = {
	[TYPE_NUMBER] = "a number",    [TYPE_DURATION] = "a duration",
	[TYPE_SIZE] = "a size",	       [TYPE_RATIO] = "a ratio",
	[TYPE_TEXT] = "a text",	       [TYPE_ADDRESS] = "an address",
	[TYPE_BOOL] = "true or false", [TYPE_NULL] = "null",
	[TYPE_ARRAY] = "an array",     [TYPE_OBJECT] = "an object",
	[TYPE_JSON] = "a JSON value",  [TYPE_MEASURE] = "a number or a quantity",
};

const char *type_name(enum type type)
{
	return names[type];
}

void value_done(struct value *value)
{
	free(value->owned);
	value->owned = NULL;
}

struct value value_integer(enum type type, int64_t integer)
{
	return (struct value){ .type = type, .as.integer = integer };
}

struct value value_real(enum type type, double real)
{
	return (struct value){ .type = type, .is_real = true, .as.real = real };
}

struct value value_text(const char *data, size_t len)
{
	return (struct value){ .type = TYPE_TEXT, .as.text = { data, len } };
}

struct value value_string(const char *string)
{
	return value_text(string, strlen(string));
}

struct value value_made(struct text *text)
{
	const size_t len = text->len;
	char *owned = text_take(text);
	struct value value = value_text(owned, len);

	value.owned = owned;
	return value;
}

struct value value_node(const json_t *node)
{
	switch (json_typeof(node)) {
	case JSON_INTEGER:
		return value_integer(TYPE_NUMBER, json_integer_value(node));
	case JSON_REAL:
		return value_real(TYPE_NUMBER, json_real_value(node));
	case JSON_STRING:
		return value_text(json_string_value(node), json_string_length(node));
	case JSON_TRUE:
	case JSON_FALSE:
		return value_integer(TYPE_BOOL, json_is_true(node));
	case JSON_ARRAY:
		return (struct value){ .type = TYPE_ARRAY, .as.node = node };
	case JSON_OBJECT:
		return (struct value){ .type = TYPE_OBJECT, .as.node = node };
	case JSON_NULL:
		break;
	}
	return (struct value){ .type = TYPE_NULL };
}

bool value_is_comparable(const struct value *left, const struct value *right)
{
	return left->type == right->type ||
	       (left->type == TYPE_ADDRESS && right->type == TYPE_TEXT) ||
	       (left->type == TYPE_TEXT && right->type == TYPE_ADDRESS);
}

static enum order order_of_reals(double left, double right)
{
	if (left < right)
		return ORDER_LESS;
	if (left > right)
		return ORDER_MORE;
	return isnan(left) || isnan(right) ? ORDER_NONE : ORDER_EQUAL;
}

static double real_of(const struct value *value)
{
	return value->is_real ? value->as.real : (double)value->as.integer;
}

static enum order order_of_numbers(const struct value *left, const struct value *right)
{
	if (left->is_real || right->is_real)
		return order_of_reals(real_of(left), real_of(right));
	if (left->as.integer == right->as.integer)
		return ORDER_EQUAL;
	return left->as.integer < right->as.integer ? ORDER_LESS : ORDER_MORE;
}

static enum order order_of_texts(const struct value *left, const struct value *right)
{
	const size_t left_len = left->as.text.len, right_len = right->as.text.len;
	const size_t common = left_len < right_len ? left_len : right_len;
	const int differ = common ? memcmp(left->as.text.data, right->as.text.data, common) : 0;

	if (differ)
		return differ < 0 ? ORDER_LESS : ORDER_MORE;
	if (left_len == right_len)
		return ORDER_EQUAL;
	return left_len < right_len ? ORDER_LESS : ORDER_MORE;
}

enum order value_order(const struct value *left, const struct value *right)
{
	if (left->type != right->type)
		return ORDER_NONE;
	if (left->type == TYPE_TEXT)
		return order_of_texts(left, right);
	if (left->type <= TYPE_RATIO)
		return order_of_numbers(left, right);
	return ORDER_NONE;
}

static enum truth truth_of(bool is_true)
{
	return is_true ? TRUTH_TRUE : TRUTH_FALSE;
}

/* A text short enough to name an address or a network, with a NUL behind it. */
static bool copy_name(const struct value *text, char name[ADDRESS_NAME])
{
	const size_t len = text->as.text.len;

	if (len >= ADDRESS_NAME || memchr(text->as.text.data, '\0', len))
		return false;
	memcpy(name, text->as.text.data, len);
	name[len] = '\0';
	return true;
}

/* TRUTH_UNKNOWN for a text that is no address. */
static enum truth is_equal_address(const struct value *address, const struct value *text)
{
	char name[ADDRESS_NAME];
	struct address other;

	if (!copy_name(text, name) || address_parse(name, &other) < 0)
		return TRUTH_UNKNOWN;
	return truth_of(address_is_equal(&address->as.address, &other));
}

enum truth value_is_within(const struct value *address, const struct value *network)
{
	char name[ADDRESS_NAME];
	int r;

	if (!copy_name(network, name))
		return TRUTH_UNKNOWN;
	r = address_is_within(&address->as.address, name);
	return r < 0 ? TRUTH_UNKNOWN : truth_of(r > 0);
}

enum truth value_equal(const struct value *left, const struct value *right, struct budget *budget)
{
	if (!value_is_comparable(left, right))
		return TRUTH_UNKNOWN;
	if (left->type == TYPE_ADDRESS && right->type == TYPE_ADDRESS)
		return truth_of(address_is_equal(&left->as.address, &right->as.address));
	if (left->type == TYPE_ADDRESS)
		return is_equal_address(left, right);
	if (right->type == TYPE_ADDRESS)
		return is_equal_address(right, left);
	if (left->type == TYPE_NULL)
		return TRUTH_TRUE;
	if (left->type == TYPE_BOOL)
		return truth_of(left->as.integer == right->as.integer);
	if (left->type == TYPE_ARRAY || left->type == TYPE_OBJECT)
		return truth_of(jsonpath_equal(left->as.node, right->as.node, budget));
	return truth_of(value_order(left, right) == ORDER_EQUAL);
}

static void print_duration(struct text *text, int64_t duration)
{
	if (duration < 0)
		text_append_char(text, '-');
	units_duration_show(text, duration < 0 ? (usec_t) - (duration + 1) + 1 : (usec_t)duration);
}

/* `is_part`: what there is goes on behind `len`. */
static void print_part(struct text *text, const char *data, size_t len, size_t max, bool is_part,
		       const char *const *secrets)
{
	struct text shown = { 0 };
	const bool is_cut = mask_append(&shown, data, len, max, is_part, secrets);

	text_append_len(text, text_string(&shown), utf8_cut(shown.data, shown.len, max));
	text_append(text, is_cut ? "…" : "");
	text_done(&shown);
}

static void print_text(struct text *text, const char *data, size_t len, size_t max,
		       const char *const *secrets)
{
	text_append_char(text, '"');
	print_part(text, data, len, max, false, secrets);
	text_append_char(text, '"');
}

/* No more of it is printed than is needed to know a secret across the cut. */
static void print_node(struct text *text, const json_t *node, size_t max,
		       const char *const *secrets)
{
	struct text whole = { .limit_bytes = max + 2 * mask_longest(secrets) };

	node_print(&whole, node, false);
	print_part(text, text_string(&whole), whole.len, max, whole.is_cut, secrets);
	text_done(&whole);
}

void value_print(struct text *text, const struct value *value, size_t max,
		 const char *const *secrets)
{
	switch (value->type) {
	case TYPE_NUMBER:
		if (value->is_real)
			node_print_real(text, value->as.real);
		else
			text_print(text, "%" PRId64, value->as.integer);
		break;
	case TYPE_DURATION:
		print_duration(text, value->as.integer);
		break;
	case TYPE_SIZE:
		if (value->is_cut)
			text_append(text, "at least ");
		text_print(text, "%" PRId64 "B", value->as.integer);
		break;
	case TYPE_RATIO:
		node_print_real(text, value->as.real * 100);
		text_append_char(text, '%');
		break;
	case TYPE_TEXT:
		print_text(text, value->as.text.data, value->as.text.len, max, secrets);
		break;
	case TYPE_ADDRESS:
		address_print(text, &value->as.address);
		break;
	case TYPE_BOOL:
		text_append(text, value->as.integer ? "true" : "false");
		break;
	case TYPE_NULL:
		text_append(text, "null");
		break;
	case TYPE_ARRAY:
	case TYPE_OBJECT:
		print_node(text, value->as.node, max, secrets);
		break;
	case TYPE_JSON:
	case TYPE_MEASURE:
	case TYPES:
		break;
	}
}
