/* print.c - what the tables print: effective values, manual, schema, sample. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>
#include <jansson.h>

#include "door.h"

static void add_line(const char *path, const struct option *option, const char *json, void *context)
{
	(void)option;
	text_print(context, "%s=%s\n", path, json);
}

static void effective_values_hide_what_is_secret(void **state)
{
	struct arena *arena = arena_new();
	static const char *const names[] = { "ada", "grace", NULL };
	static const struct option_pair pairs[] = { { "a", "1", false }, { "b", "2", true } };
	static const struct lock spare = { .maker = "Hobbs", .code = "99", .bolts = 3 };
	struct text shown = { 0 };
	struct door door;

	(void)state;
	option_fill(&door_table, &door, arena);
	door.code = "1234";
	door.url = "http://ada:pw@host/x";
	door.names = names;
	door.labels = (struct option_pairs){ pairs, 2 };
	door.spare = &spare;
	option_each(&door_table, &door, "door", add_line, &shown);
	assert_string_equal(text_string(&shown), "door.is_open=true\n"
						 "door.number=7\n"
						 "door.mode=\"0660\"\n"
						 "door.size=\"64KiB\"\n"
						 "door.wait=\"10s\"\n"
						 "door.swing=\"out\"\n"
						 "door.code=\"***\"\n"
						 "door.url=\"http://***@host/x\"\n"
						 "door.names=[\"ada\", \"grace\"]\n"
						 "door.labels.a=\"1\"\n"
						 "door.labels.b=\"***\"\n"
						 "door.lock.bolts=2\n"
						 "door.spare.maker=\"Hobbs\"\n"
						 "door.spare.code=\"***\"\n"
						 "door.spare.bolts=3\n");
	text_done(&shown);
	arena_free(arena);
}

static void the_schema_is_json_with_every_key(void **state)
{
	struct text text = { 0 };
	json_error_t error;
	json_t *schema, *properties;
	size_t rows = 0;

	(void)state;
	option_print_schema(&door_table, &text);
	schema = json_loads(text_string(&text), JSON_REJECT_DUPLICATES, &error);
	assert_non_null(schema);
	properties = json_object_get(schema, "properties");
	for (const struct option *row = door_options; row->kind != OPTION_LAST; row++, rows++)
		assert_non_null(json_object_get(properties, row->key));
	assert_int_equal(json_object_size(properties), rows);
	assert_true(json_is_false(json_object_get(schema, "additionalProperties")));
	json_decref(schema);
	text_done(&text);
}

static void the_manual_has_every_key_and_its_bounds(void **state)
{
	struct text text = { 0 };

	(void)state;
	option_print_mdoc(&door_table, &text);
	for (const struct option *row = door_options; row->kind != OPTION_LAST; row++)
		assert_non_null(strstr(text_string(&text), row->key));
	assert_non_null(strstr(text_string(&text), "a duration from 1s to 1d; 10s unless given"));
	assert_non_null(strstr(text_string(&text), "must be given"));
	text_done(&text);
}

static void the_sample_has_built_in_values_and_commented_examples(void **state)
{
	struct text text = { 0 };

	(void)state;
	option_print_sample(&door_table, 0, &text);
	assert_non_null(strstr(text_string(&text), "\nwait: 10s\n"));
	assert_non_null(strstr(text_string(&text), "\n#host: nobody\n"));
	assert_non_null(strstr(text_string(&text), "\nlock:\n"));
	assert_non_null(strstr(text_string(&text), "\n  bolts: 2\n"));
	assert_non_null(strstr(text_string(&text), "\n  #maker: Hobbs\n"));
	text_done(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(effective_values_hide_what_is_secret),
		cmocka_unit_test(the_schema_is_json_with_every_key),
		cmocka_unit_test(the_manual_has_every_key_and_its_bounds),
		cmocka_unit_test(the_sample_has_built_in_values_and_commented_examples),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
