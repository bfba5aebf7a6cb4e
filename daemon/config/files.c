/* files.c - the main file and all that it includes, read into trees. */
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/memory.h"
#include "config/files.h"
#include "config/pattern.h"
#include "config/readers.h"
#include "config/tree.h"

static const char default_pattern[] = "conf.d/*.yaml";

/* A thread is not worth less; a thousand endpoints have about as much. */
enum { PART_LEAST = 256 * 1024 };

/* What reading needs on its way down the includes. */
struct reading {
	struct files *files;
	unsigned threads;
	struct arena *arena;
	struct complaints *complaints;
	const struct source *above[FILES_DEPTH_MAX + 1]; /* that we are inside of */
	unsigned depth;
};

static void read_file(struct reading *reading, const char *path, const struct place *from);

static void keep(struct files *files, struct source *source)
{
	if (files->count == files->room) {
		files->room = (unsigned)memory_next_room(files->room, 8);
		files->sources = memory_grow(files->sources, files->room, sizeof(*files->sources));
		files->roots = memory_grow(files->roots, files->room, sizeof(*files->roots));
	}
	files->sources[files->count] = source;
	files->roots[files->count] = (struct value){ .file = source->name, .text = "" };
	files->count++;
	files->bytes += source->len;
}

static bool is_same(const struct source *a, const struct source *b)
{
	return a->device == b->device && a->inode == b->inode;
}

/* Whether a file was read before; being inside of it right now is a fault. */
static bool is_known(const struct reading *reading, const struct source *source,
		     const struct place *from)
{
	for (unsigned i = 0; i < reading->depth; i++) {
		if (!is_same(reading->above[i], source))
			continue;
		complain(reading->complaints, from, "'%s' would include itself", source->name);
		return true;
	}
	for (unsigned i = 0; i < reading->files->count; i++)
		if (is_same(reading->files->sources[i], source))
			return true;
	return false;
}

/* One text of `include:`, or the built-in pattern with `from` NULL. */
static void include(struct reading *reading, const char *pattern, const struct place *from)
{
	const char *file = reading->above[reading->depth - 1]->name;
	const char *slash = strrchr(file, '/');
	cleanup(free)
	char *directory = memory_text_len(file, slash ? (size_t)(slash - file) : 0);
	const struct place main_file = { .file = file };
	const struct place *place = from ? from : &main_file;
	struct pattern_matches matches;
	int r;

	if (strstr(pattern, "${")) {
		complain(
			reading->complaints, place,
			"no references here: what stands in 'include' becomes part of the names of "
			"files, and those are shown");
		return;
	}
	if (!pattern_may_be_yaml(pattern)) {
		complain(reading->complaints, place,
			 "only files called *.yaml or *.yml are included, not '%s'", pattern);
		return;
	}
	if (slash == file) {
		free(directory);
		directory = memory_text("/");
	}
	r = pattern_expand(pattern, directory, NULL, FILES_MAX - reading->files->count, &matches);
	if (r < 0) {
		complain(reading->complaints, place, "cannot look for '%s': %s", pattern,
			 strerrordesc_np(-r));
		reading->files->is_broken = true;
	}
	if (matches.is_cut)
		complain(reading->complaints, place, "more than %d files are included", FILES_MAX);
	for (unsigned i = 0; i < matches.count; i++)
		read_file(reading, matches.paths[i], place);
	pattern_matches_done(&matches);
}

/* `include:` of the file that was just read; what is no text is complained about by the table. */
static void follow(struct reading *reading, const struct value *root)
{
	const struct value *value = value_find(root, "include");
	struct place place;

	if (!value) {
		if (reading->depth == 1)
			include(reading, default_pattern, NULL);
		return;
	}
	place = value_place(value);
	if (reading->depth > FILES_DEPTH_MAX) {
		complain(reading->complaints, &place, "files include each other more than %d deep",
			 FILES_DEPTH_MAX);
		return;
	}
	if (value->kind == VALUE_SCALAR)
		include(reading, value->text, &place);
	for (uint32_t i = 0; value->kind == VALUE_LIST && i < value->count; i++) {
		place = value_place(&value->items[i]);
		if (value->items[i].kind == VALUE_SCALAR)
			include(reading, value->items[i].text, &place);
	}
}

/* Whether a file's text is nothing but blanks and comments. */
static bool has_comments(const struct source *source)
{
	return source->text[strspn(source->text, " \t\r\n")] == '#';
}

static bool is_mapping(struct reading *reading, const struct source *source,
		       const struct value *root)
{
	struct place place = { .file = source->name, .line = 1, .column = 1 };

	if (root->kind == VALUE_MAP)
		return true;
	if (root->kind != VALUE_NULL) {
		place = value_place(root);
		complain(reading->complaints, &place,
			 "a configuration is a mapping of keys such as 'endpoints:', not %s%s",
			 value_kind_name(root),
			 root->kind == VALUE_LIST ? "; write 'endpoints:' above it" : "");
	} else if (!has_comments(source)) {
		complain(reading->complaints, &place,
			 "the file is empty; where nothing is to be watched, say 'endpoints: []'");
	} else if (reading->depth == 0) {
		complain(reading->complaints, &place,
			 "the file has nothing but comments; where nothing is to be watched, say "
			 "'endpoints: []'");
	} else {
		complain_warn(reading->complaints, &place, "the file has nothing but comments");
	}
	return false;
}

static void read_file(struct reading *reading, const char *path, const struct place *from)
{
	struct files *files = reading->files;
	struct source *source = source_open(path, from, reading->complaints);
	struct value root;
	unsigned number;

	if (!source) {
		files->is_broken = true;
		return;
	}
	if (from && is_known(reading, source, from)) {
		source_free(source);
		return;
	}
	number = files->count;
	keep(files, source);
	if (files->bytes > FILES_MAX_BYTES) {
		complain(reading->complaints, from, "the files are larger than 256MiB together");
		files->is_broken = true;
		return;
	}
	if (readers_read(source, PART_LEAST, reading->threads, reading->arena, reading->complaints,
			 &root) < 0) {
		files->is_broken = true;
		return;
	}
	if (!is_mapping(reading, source, &root))
		return;
	files->roots[number] = root;
	reading->above[reading->depth++] = source;
	follow(reading, &root);
	reading->depth--;
}

void files_read(struct files *files, const char *path, unsigned threads, struct arena *arena,
		struct complaints *complaints)
{
	struct reading reading = {
		.files = files,
		.threads = threads,
		.arena = arena,
		.complaints = complaints,
	};

	*files = (struct files){ 0 };
	read_file(&reading, path, NULL);
}

void files_read_again(struct files *files, struct texts *texts, struct arena *arena,
		      struct complaints *complaints)
{
	*files = (struct files){ .texts = texts };
	atomic_fetch_add(&texts->references, 1);
	for (unsigned i = 0; i < texts->count; i++) {
		struct value root;

		keep(files, texts->sources[i]);
		if (tree_read(texts->sources[i], arena, complaints, &root) == 0 &&
		    root.kind == VALUE_MAP)
			files->roots[i] = root;
	}
}

struct texts *files_texts(struct files *files)
{
	if (!files->texts) {
		files->texts = MEMORY_NEW(struct texts);
		files->texts->sources =
			memory_copy(files->sources, files->count * sizeof(*files->sources));
		files->texts->count = files->count;
		atomic_init(&files->texts->references, 1);
	}
	atomic_fetch_add(&files->texts->references, 1);
	return files->texts;
}

void texts_unref(struct texts *texts)
{
	if (atomic_fetch_sub(&texts->references, 1) != 1)
		return;
	for (unsigned i = 0; i < texts->count; i++)
		source_free(texts->sources[i]);
	free(texts->sources);
	free(texts);
}

void files_done(struct files *files)
{
	for (unsigned i = 0; i < files->count && !files->texts; i++)
		source_free(files->sources[i]);
	if (files->texts)
		texts_unref(files->texts);
	free(files->sources);
	free(files->roots);
}

struct source *files_find(const struct files *files, const char *name)
{
	/* Values carry the very name of their source, so that no text is compared. */
	for (unsigned i = 0; i < files->count; i++)
		if (files->sources[i]->name == name)
			return files->sources[i];
	return NULL;
}

struct place files_place_in(const struct files *files, const struct value *scalar, size_t offset)
{
	struct source *source = files_find(files, scalar->file);

	return source ? source_place_in(source, scalar, offset) : value_place(scalar);
}
