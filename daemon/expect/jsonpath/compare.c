/* compare.c - comparisons (RFC 9535, 2.3.5.2.2).
 *
 * Recursion goes as deep as the document does, which its reader has bounded.
 */
#include <string.h>

#include "expect/jsonpath/evaluate.h"

/* Bytes of a text that cost as much as one step. */
#define BYTES_A_STEP ((size_t)256)

/* Below zero, zero, above.  UTF-8 in the order of its bytes is in that of its characters. */
static int order_strings(const json_t *left, const json_t *right, struct budget *budget, int *ret)
{
	const size_t left_len = json_string_length(left), right_len = json_string_length(right);
	const size_t common = left_len < right_len ? left_len : right_len;
	int order = memcmp(json_string_value(left), json_string_value(right), common);

	if (order == 0)
		order = (left_len > right_len) - (left_len < right_len);
	*ret = order;
	return budget_spend(budget, (unsigned)(common / BYTES_A_STEP));
}

/* Two integers are compared exactly, all else as doubles. */
static int order_numbers(const json_t *left, const json_t *right)
{
	if (json_is_integer(left) && json_is_integer(right)) {
		const json_int_t a = json_integer_value(left), b = json_integer_value(right);

		return (a > b) - (a < b);
	}

	const double a = json_number_value(left), b = json_number_value(right);

	return (a > b) - (a < b);
}

static int equal_arrays(const json_t *left, const json_t *right, struct budget *budget)
{
	const size_t size = json_array_size(left);

	if (size != json_array_size(right))
		return 0;
	for (size_t i = 0; i < size; i++) {
		int r = jsonpath_equal(json_array_get(left, i), json_array_get(right, i), budget);

		if (r != 1)
			return r;
	}
	return 1;
}

static int equal_objects(const json_t *left, const json_t *right, struct budget *budget)
{
	const char *key;
	size_t key_len;
	json_t *value;

	if (json_object_size(left) != json_object_size(right))
		return 0;
	/* jansson's iterators are not const, though they change nothing. */
	json_object_keylen_foreach((json_t *)left, key, key_len, value)
	{
		const json_t *other = json_object_getn(right, key, key_len);
		int r = other ? jsonpath_equal(value, other, budget) : 0;

		if (r != 1)
			return r;
	}
	return 1;
}

int jsonpath_equal(const json_t *left, const json_t *right, struct budget *budget)
{
	int order = 0;
	int r = budget_spend(budget, 1);

	if (r < 0)
		return r;
	if (!left || !right)
		return left == right;
	if (json_is_number(left) && json_is_number(right))
		return order_numbers(left, right) == 0;
	if (json_typeof(left) != json_typeof(right))
		return 0;
	if (json_is_array(left))
		return equal_arrays(left, right, budget);
	if (json_is_object(left))
		return equal_objects(left, right, budget);
	if (!json_is_string(left))
		return 1;
	if (json_string_length(left) != json_string_length(right))
		return 0;
	r = order_strings(left, right, budget, &order);
	return r < 0 ? r : order == 0;
}

/* Only numbers and texts have an order. */
static int is_less(const json_t *left, const json_t *right, struct budget *budget)
{
	int order = 0;
	int r = budget_spend(budget, 1);

	if (r < 0)
		return r;
	if (json_is_number(left) && json_is_number(right))
		return order_numbers(left, right) < 0;
	if (!json_is_string(left) || !json_is_string(right))
		return 0;
	r = order_strings(left, right, budget, &order);
	return r < 0 ? r : order < 0;
}

int compare(const json_t *left, enum comparison comparison, const json_t *right,
	    struct budget *budget)
{
	int r;

	switch (comparison) {
	case COMPARE_EQ:
		return jsonpath_equal(left, right, budget);
	case COMPARE_NE:
		r = jsonpath_equal(left, right, budget);
		return r < 0 ? r : !r;
	case COMPARE_LT:
		return is_less(left, right, budget);
	case COMPARE_GT:
		return is_less(right, left, budget);
	case COMPARE_LE:
		r = is_less(left, right, budget);
		return r ? r : jsonpath_equal(left, right, budget);
	case COMPARE_GE:
		r = is_less(right, left, budget);
		return r ? r : jsonpath_equal(left, right, budget);
	}
	return 0;
}
