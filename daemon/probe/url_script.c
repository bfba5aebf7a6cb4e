/* url_script.c - who says what: each protocol as a list of things to say and their answers.
 *
 * Sources: RFC 5321 and 4954 (smtp), RFC 9051 (imap), RFC 1939 and 2449 (pop3), RFC 959, 3659
 * and 4217 (ftp).
 */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "probe/url.h"

enum { STEPS_MAX = 8 };

/* A script in the making. */
struct script {
	struct arena *arena;
	struct url_step steps[STEPS_MAX];
	unsigned count;
	enum url_protocol protocol;
	unsigned tag; /* imap's, of the last command */
};

static struct url_step *add(struct script *script, const char *what, const char *good)
{
	struct url_step *step = &script->steps[script->count++];

	*step = (struct url_step){ .what = what, .good = good };
	return step;
}

/* "p2 " before each command of imap; the number is that of the step. */
static struct url_step *add_line(struct script *script, const char *what, const char *good,
				 const char *line)
{
	cleanup(text)
	struct text say = { 0 };
	const unsigned number = script->count;
	struct url_step *step = add(script, what, good);

	if (script->protocol == URL_IMAP)
		text_print(&say, "p%u ", number);
	text_print(&say, "%s\r\n", line);
	step->say = arena_text_len(script->arena, say.data, say.len);
	return step;
}

static void append_quoted(struct text *text, const char *word)
{
	text_append_char(text, '"');
	for (; *word; word++) {
		if (*word == '"' || *word == '\\')
			text_append_char(text, '\\');
		text_append_char(text, *word);
	}
	text_append_char(text, '"');
}

/* RFC 4616: nobody else's name, the user's, the password. */
static const char *encode_plain(const struct url_options *url, struct arena *arena)
{
	cleanup(text)
	struct text plain = { 0 }, encoded = { 0 };

	text_append_char(&plain, '\0');
	text_append(&plain, url->user);
	text_append_char(&plain, '\0');
	text_append(&plain, url->password ? url->password : "");
	text_append_base64(&encoded, plain.data, plain.len);
	return arena_text(arena, text_string(&encoded));
}

static void write_smtp(struct script *script, struct url_options *url)
{
	cleanup(text)
	struct text line = { 0 };

	add_line(script, "EHLO", "250", "EHLO picket");
	if (url->user) {
		url->encoded = encode_plain(url, script->arena);
		text_print(&line, "AUTH PLAIN %s", url->encoded);
		add_line(script, "the login", "235", text_string(&line));
	}
	add_line(script, url->request ? "the request" : "NOOP", "2",
		 url->request ? url->request : "NOOP")
		->is_asked = true;
}

static void write_imap(struct script *script, const struct url_options *url, const char *path)
{
	cleanup(text)
	struct text line = { 0 };

	if (url->user) {
		text_append(&line, "LOGIN ");
		append_quoted(&line, url->user);
		text_append_char(&line, ' ');
		append_quoted(&line, url->password ? url->password : "");
		add_line(script, "the login", "OK", text_string(&line));
	}
	if (path) {
		text_clear(&line);
		text_append(&line, "EXAMINE ");
		append_quoted(&line, path);
		add_line(script, "the mailbox", "OK", text_string(&line))->is_asked = !url->request;
	}
	if (url->request || !path)
		add_line(script, url->request ? "the request" : "NOOP", "OK",
			 url->request ? url->request : "NOOP")
			->is_asked = true;
}

/* Whether the answer to a command of pop3 has several lines. */
static bool is_long(const char *request)
{
	static const char *const words[] = { "CAPA", "LIST", "UIDL", "RETR", "TOP" };
	const size_t len = strcspn(request, " ");

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strlen(words[i]) == len && strncasecmp(words[i], request, len) == 0)
			/* With a number these two are of one line. */
			return i == 0 || i > 2 || request[len] == '\0';
	return false;
}

static void write_pop3(struct script *script, const struct url_options *url)
{
	const char *request = url->request ? url->request : url->user ? "STAT" : NULL;
	cleanup(text)
	struct text line = { 0 };
	struct url_step *step;

	if (url->user) {
		text_print(&line, "USER %s", url->user);
		add_line(script, "the user", "+OK", text_string(&line));
		text_clear(&line);
		text_print(&line, "PASS %s", url->password ? url->password : "");
		add_line(script, "the login", "+OK", text_string(&line));
	}
	if (!request)
		return;
	step = add_line(script, url->request ? "the request" : "STAT", "+OK", request);
	step->is_asked = true;
	step->is_long = is_long(request);
}

/* Nothing is asked for that needs a second connection: what a folder has comes by STAT. */
static void write_ftp(struct script *script, const struct url_options *url, const char *path)
{
	const bool is_folder = path && path[strlen(path) - 1] == '/';
	cleanup(text)
	struct text line = { 0 };

	text_print(&line, "USER %s", url->user ? url->user : "anonymous");
	add_line(script, "the user", "230 331", text_string(&line))->skips = "230";
	text_clear(&line);
	text_print(&line, "PASS %s", url->user ? url->password ? url->password : "" : "picket@");
	add_line(script, "the login", "230 202", text_string(&line));
	text_clear(&line);
	if (is_folder) {
		text_print(&line, "CWD %s", path);
		add_line(script, "the folder", "250", text_string(&line));
		if (!url->request)
			add_line(script, "its list", "211 212 213", "STAT .")->is_asked = true;
	} else if (path) {
		add_line(script, "TYPE", "200", "TYPE I");
		text_print(&line, "SIZE %s", path);
		add_line(script, "the file", "213", text_string(&line))->is_asked = !url->request;
	}
	if (url->request || !path)
		add_line(script, url->request ? "the request" : "NOOP", "2",
			 url->request ? url->request : "NOOP")
			->is_asked = true;
}

/* From the root, or from where one is after the login: "~/inbox/". */
static const char *sftp_path(const char *path, struct arena *arena)
{
	cleanup(text)
	struct text from_root = { 0 };

	if (strcmp(path, "~/") == 0)
		return "./";
	if (strncmp(path, "~/", 2) == 0)
		return arena_text(arena, path + 2);
	text_print(&from_root, "/%s", path);
	return arena_text(arena, text_string(&from_root));
}

void url_script(struct url_options *url, const char *path, struct arena *arena)
{
	static const char *const greetings[] = {
		[URL_SMTP] = "220",
		[URL_IMAP] = "OK PREAUTH",
		[URL_POP3] = "+OK",
		[URL_FTP] = "220",
	};
	struct script script = { .arena = arena, .protocol = url->protocol };
	struct url_step *steps;

	if (url->protocol == URL_MQTT) {
		url->topic = path ? arena_text(arena, path) : NULL;
		return;
	}
	if (url->protocol == URL_SFTP) {
		url->path = path ? sftp_path(path, arena) : NULL;
		return;
	}
	/* Who asked for STARTTLS has heard it. */
	if (!url->starttls)
		add(&script, "the greeting", greetings[url->protocol]);
	if (url->protocol == URL_SMTP)
		write_smtp(&script, url);
	else if (url->protocol == URL_IMAP)
		write_imap(&script, url, path);
	else if (url->protocol == URL_POP3)
		write_pop3(&script, url);
	else
		write_ftp(&script, url, path);
	steps = arena_take(arena, script.count * sizeof(*steps));
	memcpy(steps, script.steps, script.count * sizeof(*steps));
	url->steps = steps;
	url->steps_count = script.count;
}

/* --- Answers ----------------------------------------------------------------------------------- */

/* Whether it begins with one of the words. */
static bool is_among(const char *text, size_t len, const char *words)
{
	while (*words) {
		const size_t word = strcspn(words, " ");

		if (len >= word && strncasecmp(text, words, word) == 0)
			return true;
		words += word + (words[word] == ' ');
	}
	return false;
}

/* "250-first", "250 last"; between them lines of ftp may have no code. */
static enum url_line read_code(const struct url_step *step, const char *line, size_t len,
			       struct url_answer *answer)
{
	const bool has_code = len >= 3 && isdigit((unsigned char)line[0]) &&
			      isdigit((unsigned char)line[1]) && isdigit((unsigned char)line[2]) &&
			      (len == 3 || line[3] == ' ' || line[3] == '-');

	if (*answer->code &&
	    (!has_code || strncmp(line, answer->code, 3) != 0 || (len > 3 && line[3] == '-')))
		return URL_MORE;
	if (!has_code)
		return URL_NONSENSE;
	if (len > 3 && line[3] == '-') {
		memcpy(answer->code, line, 3);
		return URL_MORE;
	}
	return is_among(line, 3, step->good) ? URL_GOOD : URL_BAD;
}

static enum url_line read_pop3(const struct url_step *step, const char *line, size_t len,
			       struct url_answer *answer)
{
	if (answer->has_begun)
		return len == 1 && *line == '.' ? URL_GOOD : URL_MORE;
	if (is_among(line, len, "-ERR"))
		return URL_BAD;
	if (!is_among(line, len, step->good))
		return URL_NONSENSE;
	answer->has_begun = true;
	return step->is_long ? URL_MORE : URL_GOOD;
}

static enum url_line read_imap(unsigned number, const struct url_step *step, const char *line,
			       size_t len)
{
	cleanup(text)
	struct text tag = { 0 };

	if (!step->say) {
		if (!is_among(line, len, "*"))
			return URL_NONSENSE;
		return len > 2 && is_among(line + 2, len - 2, step->good) ? URL_GOOD : URL_BAD;
	}
	text_print(&tag, "p%u ", number);
	if (is_among(line, len, "*") || !(len > tag.len && memcmp(line, tag.data, tag.len) == 0))
		return len >= 5 && strncasecmp(line, "* BYE", 5) == 0 ? URL_BAD : URL_MORE;
	return is_among(line + tag.len, len - tag.len, step->good) ? URL_GOOD : URL_BAD;
}

enum url_line url_read(enum url_protocol protocol, unsigned number, const struct url_step *step,
		       const char *line, size_t len, struct url_answer *answer)
{
	if (protocol == URL_IMAP)
		return read_imap(number, step, line, len);
	if (protocol == URL_POP3)
		return read_pop3(step, line, len, answer);
	return read_code(step, line, len, answer);
}

const char *url_protocol_name(enum url_protocol protocol)
{
	static const char *const names[] = {
		[URL_SMTP] = "SMTP", [URL_IMAP] = "IMAP", [URL_POP3] = "POP3",
		[URL_FTP] = "FTP",   [URL_MQTT] = "MQTT", [URL_SFTP] = "SFTP",
	};

	return names[protocol];
}

const char *url_farewell(enum url_protocol protocol)
{
	return protocol == URL_IMAP ? "p9 LOGOUT\r\n" : "QUIT\r\n";
}
