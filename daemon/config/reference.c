/* reference.c - ${credential:NAME}, ${env:NAME}, ${file:PATH} and ${each} in a text. */
#include <errno.h>
#include <string.h>

#include "base/arena.h"
#include "base/cleanup.h"
#include "base/file.h"
#include "base/map.h"
#include "base/memory.h"
#include "base/text.h"
#include "base/utf8.h"
#include "config/reference.h"

enum { EXPANDED_MAX_BYTES = 1024 * 1024, SHOWN_BYTES = 100 };

/* What one reference stands for, or why it stands for nothing. */
struct answer {
	const char *text; /* NULL: see fault */
	const char *fault;
};

struct references {
	struct arena *arena;
	const struct files *files;
	struct complaints *complaints;
	struct map *answers; /* "env:NAME" -> struct answer in the arena */
};

struct references *references_new(struct arena *arena, const struct files *files,
				  struct complaints *complaints)
{
	struct references *references = MEMORY_NEW(struct references);

	*references = (struct references){
		.arena = arena,
		.files = files,
		.complaints = complaints,
		.answers = map_new(),
	};
	return references;
}

void references_free(struct references *references)
{
	map_free(references->answers);
	free(references);
}

static const char *unreadable(struct references *references, int error)
{
	cleanup(free)
	char *fault = memory_print("cannot be read: %s", strerrordesc_np(error));

	return arena_text(references->arena, fault);
}

/* Without the line end that editors and echo put behind it. */
static void answer_file(struct references *references, const char *path, struct answer *answer)
{
	cleanup(free)
	char *text = NULL;
	size_t len = 0;
	const int r = file_read(path, REFERENCE_MAX_BYTES, &text, &len);

	if (r == -EFBIG)
		answer->fault = "is larger than 64KiB";
	else if (r == -EINVAL)
		answer->fault = "is not a regular file";
	else if (r < 0)
		answer->fault = unreadable(references, -r);
	else if (memchr(text, '\0', len))
		answer->fault = "has a NUL in it";
	else if (!utf8_is_valid(text, len))
		answer->fault = "is not UTF-8";
	if (answer->fault)
		return;
	if (len && text[len - 1] == '\n')
		len--;
	if (len && text[len - 1] == '\r')
		len--;
	if (len == 0)
		answer->fault = "is empty";
	else
		answer->text = arena_text_len(references->arena, text, len);
}

static void answer_credential(struct references *references, const char *name,
			      struct answer *answer)
{
	const char *directory = getenv("CREDENTIALS_DIRECTORY");
	cleanup(free)
	char *path = NULL;

	if (!*name || strchr(name, '/') || *name == '.') {
		answer->fault = "is no name of a credential";
	} else if (!directory) {
		answer->fault =
			"is not there: $CREDENTIALS_DIRECTORY is not set (LoadCredential= in "
			"the unit sets it)";
	} else {
		path = memory_print("%s/%s", directory, name);
		answer_file(references, path, answer);
	}
}

static void answer_environment(struct references *references, const char *name,
			       struct answer *answer)
{
	const char *value = *name ? getenv(name) : NULL;

	if (!*name)
		answer->fault = "has no name";
	else if (!value)
		answer->fault = "is not set";
	else if (!utf8_is_valid(value, strlen(value)))
		answer->fault = "is not UTF-8";
	else if (strlen(value) > REFERENCE_MAX_BYTES)
		answer->fault = "is longer than 64KiB";
	else
		answer->text = arena_text(references->arena, value);
}

/* Paths are absolute, or beside the file that names them. */
static void answer_path(struct references *references, const char *path, const char *file,
			struct answer *answer)
{
	const char *slash = file ? strrchr(file, '/') : NULL;
	cleanup(free)
	char *beside = NULL;

	if (!*path) {
		answer->fault = "has no path";
		return;
	}
	if (*path == '/' || !slash) {
		answer_file(references, path, answer);
		return;
	}
	beside = memory_print("%.*s/%s", (int)(slash - file), file, path);
	answer_file(references, beside, answer);
}

/* Whether what stands behind a "${" is meant to be looked up. */
static bool is_reference(const char *inside)
{
	return strncmp(inside, "credential:", 11) == 0 || strncmp(inside, "env:", 4) == 0 ||
	       strncmp(inside, "file:", 5) == 0;
}

/* "env:NAME" and the like, as it stands between the braces in `file`. */
static const struct answer *resolve(struct references *references, const char *inside,
				    const char *file)
{
	cleanup(free)
	char *key = memory_print("%s:%s", inside, file ? file : "");
	const char *colon = strchr(inside, ':');
	struct answer *answer = map_find(references->answers, key);

	if (answer)
		return answer;
	answer = arena_take(references->arena, sizeof(*answer));
	if (*inside == 'c')
		answer_credential(references, colon + 1, answer);
	else if (*inside == 'e')
		answer_environment(references, colon + 1, answer);
	else
		answer_path(references, colon + 1, file, answer);
	map_set(references->answers, arena_text(references->arena, key), answer);
	return answer;
}

/* One text on its way. */
struct expansion {
	struct references *references;
	const struct value *scalar;
	struct each *each;
	struct text result;
	bool is_secret, is_faulty;
	bool is_open; /* it cannot be known yet */
	void (*secret)(const char *text, void *context);
	void *context;
};

static void fault_at(struct expansion *expansion, const char *at, const char *format,
		     const char *what)
{
	const struct place place = files_place_in(expansion->references->files, expansion->scalar,
						  (size_t)(at - expansion->scalar->text));

	complain(expansion->references->complaints, &place, "%s%s", what, format);
	expansion->is_faulty = true;
}

static void put_each(struct expansion *expansion, const char *at)
{
	expansion->each->was_asked = true;
	if (expansion->each->value)
		text_append(&expansion->result, expansion->each->value);
	else if (expansion->each->is_open)
		expansion->is_open = true;
	else
		fault_at(expansion, at, " stands for a value of 'each', and this endpoint has none",
			 "${each}");
}

/* A "${" that stands for itself: a slip of the finger should not go by in silence. */
static const char *put_literal(struct expansion *expansion, const char *at)
{
	const struct place place = files_place_in(expansion->references->files, expansion->scalar,
						  (size_t)(at - expansion->scalar->text));
	const char *end = strchr(at, '}');
	const size_t len = end && end - at < SHOWN_BYTES ? (size_t)(end - at) + 1 : 2;

	complain_warn(expansion->references->complaints, &place,
		      "%.*s is taken as it stands, since it is no reference; references are "
		      "${credential:NAME}, ${env:NAME}, ${file:PATH} and ${each}; write $%.*s if "
		      "it is meant so",
		      (int)len, at, (int)len, at);
	text_append(&expansion->result, "${");
	return at + 2;
}

/* A "${" at `at`; where the text goes on. */
static const char *put_reference(struct expansion *expansion, const char *at)
{
	const char *end = strchr(at, '}');
	cleanup(free)
	char *inside = NULL;
	cleanup(free)
	char *shown = NULL;
	const struct answer *answer;

	if (strncmp(at, "${each}", 7) != 0 && !is_reference(at + 2))
		return put_literal(expansion, at);
	if (!end) {
		fault_at(expansion, at, " is not closed with a '}'; a literal ${ is written $${",
			 "'${'");
		return at + strlen(at);
	}
	inside = memory_text_len(at + 2, (size_t)(end - at) - 2);
	if (strcmp(inside, "each") == 0) {
		put_each(expansion, at);
		return end + 1;
	}
	answer = resolve(expansion->references, inside, expansion->scalar->file);
	if (!answer->text) {
		shown = memory_print("${%.100s} ", inside);
		fault_at(expansion, at, answer->fault, shown);
		return end + 1;
	}
	expansion->is_secret = true;
	text_append(&expansion->result, answer->text);
	if (*answer->text && expansion->secret)
		expansion->secret(answer->text, expansion->context);
	return end + 1;
}

const char *references_expand(struct references *references, const struct value *scalar,
			      bool braces, struct each *each,
			      void (*secret)(const char *text, void *context), void *context,
			      bool *ret_is_secret)
{
	struct expansion expansion = {
		.references = references,
		.scalar = scalar,
		.each = each,
		.result = { .limit_bytes = EXPANDED_MAX_BYTES },
		.secret = secret,
		.context = context,
	};
	const char *text = NULL;

	for (const char *at = scalar->text; *at;) {
		if (strncmp(at, "$${", 3) == 0) {
			text_append(&expansion.result, "${");
			at += 3;
		} else if (strncmp(at, "${", 2) == 0) {
			at = put_reference(&expansion, at);
		} else if (braces && strncmp(at, "{}", 2) == 0) {
			put_each(&expansion, at);
			at += 2;
		} else {
			text_append_char(&expansion.result, *at++);
		}
	}
	if (expansion.result.is_cut)
		fault_at(&expansion, scalar->text,
			 "larger than 1MiB once its references are resolved", "the text is ");
	if (!expansion.is_faulty && !expansion.is_open)
		text = arena_text_len(references->arena, text_string(&expansion.result),
				      expansion.result.len);
	text_done(&expansion.result);
	*ret_is_secret = expansion.is_secret;
	return text;
}
