/* sftp_look.c - the look at one SFTP server, in a process of its own.
 *
 *   keys exchanged -> is it the one? -> how can one log in? -> login -> look -> goodbye
 *
 * Sources: libssh2's manual pages; RFC 4252 to 4254 and 4256; draft-ietf-secsh-filexfer-02.
 */
#include <errno.h>
#include <libssh2.h>
#include <libssh2_sftp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/text.h"
#include "loop/child.h"
#include "probe/sftp_look.h"
#include "probe/sftp_wire.h"

enum { NAME_MAX_BYTES = 4096, WORDS_MAX = 512 };

/* The look that this process is there for. */
struct look {
	struct sftp_wire wire; /* the first member */
	LIBSSH2_SESSION *session;
	struct sftp_order order;
	usec_t since; /* this phase */
	struct text body;
	struct text words; /* about the end */
};

/* --- The end --------------------------------------------------------------------------------- */

static void write_out(const struct text *text)
{
	(void)file_write(STDOUT_FILENO, text_string(text), text->len);
}

static void end_phase(struct look *look)
{
	cleanup(text)
	struct text line = { 0 };
	const usec_t now = clock_now();

	sftp_report_phase(&line, now - look->since);
	write_out(&line);
	look->since = now;
}

static LIBSSH2_DISCONNECT_FUNC(disconnected)
{
	struct look *look = *abstract;

	(void)session;
	(void)reason;
	(void)language;
	(void)language_len;
	if (!message || message_len <= 0)
		return;
	text_append(&look->words, "to go on: ");
	text_append_len(&look->words, message, (size_t)message_len);
}

/* Where libssh2 could not go on. */
static enum sftp_end end_of(struct look *look)
{
	const int error = libssh2_session_last_errno(look->session);

	if (look->wire.is_nonsense || (look->wire.has_received && !look->wire.is_ssh))
		return SFTP_NONSENSE;
	if (look->words.len > 0)
		return SFTP_REFUSED;
	if (look->wire.is_reset)
		return SFTP_RESET;
	if (look->wire.error) {
		text_print(&look->words, "%d", look->wire.error);
		return SFTP_DIED;
	}
	if (look->wire.is_closed || error == LIBSSH2_ERROR_SOCKET_DISCONNECT)
		return look->wire.has_received ? SFTP_CLOSED : SFTP_EMPTY;
	switch (error) {
	case LIBSSH2_ERROR_HOSTKEY_INIT:
	case LIBSSH2_ERROR_HOSTKEY_SIGN:
		text_append(&look->words, "the server does not prove that its host key is its own");
		return SFTP_NO_KEYS;
	case LIBSSH2_ERROR_KEX_FAILURE:
	case LIBSSH2_ERROR_KEY_EXCHANGE_FAILURE:
	case LIBSSH2_ERROR_METHOD_NONE:
	case LIBSSH2_ERROR_METHOD_NOT_SUPPORTED:
		text_append(&look->words, "there is no way to do it that both sides know");
		return SFTP_NO_KEYS;
	default:
		return SFTP_NONSENSE;
	}
}

/* --- Who it is ------------------------------------------------------------------------------- */

static const char *kind_of_key(int kind)
{
	switch (kind) {
	case LIBSSH2_HOSTKEY_TYPE_RSA:
		return "RSA";
	case LIBSSH2_HOSTKEY_TYPE_ECDSA_256:
	case LIBSSH2_HOSTKEY_TYPE_ECDSA_384:
	case LIBSSH2_HOSTKEY_TYPE_ECDSA_521:
		return "ECDSA";
	case LIBSSH2_HOSTKEY_TYPE_ED25519:
		return "ED25519";
	default:
		return "other";
	}
}

/* As ssh-keygen -l prints it: without the padding. */
static void print_key(LIBSSH2_SESSION *session, struct text *text)
{
	const char *hash = libssh2_hostkey_hash(session, LIBSSH2_HOSTKEY_HASH_SHA256);

	text_append(text, "SHA256:");
	if (hash)
		text_append_base64(text, hash, 32);
	while (text->data[text->len - 1] == '=')
		text->data[--text->len] = '\0';
}

static enum sftp_end check_key(struct look *look)
{
	cleanup(text)
	struct text key = { 0 };
	size_t len;
	int kind;

	print_key(look->session, &key);
	(void)libssh2_session_hostkey(look->session, &len, &kind);
	if (!look->order.user)
		text_print(&look->body, "%s\n%s %s\n", libssh2_session_banner_get(look->session),
			   kind_of_key(kind), key.data);
	for (unsigned i = 0; i < look->order.keys_count; i++)
		if (strcmp(look->order.keys[i], key.data) == 0)
			return SFTP_DONE;
	if (look->order.keys_count == 0)
		return SFTP_DONE;
	text_print(&look->words, "%s (%s), not ", key.data, kind_of_key(kind));
	for (unsigned i = 0; i < look->order.keys_count; i++)
		text_print(&look->words, "%s%s", i ? " or " : "", look->order.keys[i]);
	return SFTP_OTHER_KEY;
}

static enum sftp_end meet(struct look *look)
{
	LIBSSH2_SESSION *session = look->session;
	enum sftp_end end;

	/* What people take for the key of a server, as ssh does. */
	(void)libssh2_session_method_pref(session, LIBSSH2_METHOD_HOSTKEY,
					  "ssh-ed25519,ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,"
					  "ecdsa-sha2-nistp521,ssh-rsa");
	(void)libssh2_session_banner_set(session, "SSH-2.0-picket_" PICKET_VERSION);
	if (libssh2_session_handshake(session, CHILD_DESCRIPTOR) != 0)
		end = end_of(look);
	else
		end = check_key(look);
	end_phase(look);
	return end;
}

/* --- The login ------------------------------------------------------------------------------- */

/* What is not shown as it is typed is the password. */
static LIBSSH2_USERAUTH_KBDINT_RESPONSE_FUNC(answer)
{
	struct look *look = *abstract;
	const char *password = look->order.password;
	const size_t len = strlen(password);

	(void)name;
	(void)name_len;
	(void)instruction;
	(void)instruction_len;
	for (int i = 0; i < num_prompts; i++) {
		if (prompts[i].echo)
			continue;
		responses[i].text = sftp_wire_memory(len + 1, abstract);
		if (!responses[i].text)
			continue;
		memcpy(responses[i].text, password, len + 1);
		responses[i].length = (unsigned)len;
	}
}

/* Whether `method` is in the list, with commas between. */
static bool is_offered(const char *methods, const char *method)
{
	const size_t len = strlen(method);

	for (;;) {
		const size_t word = strcspn(methods, ",");

		if (word == len && memcmp(methods, method, len) == 0)
			return true;
		if (!methods[word])
			return false;
		methods += word + 1;
	}
}

static enum sftp_end refuse_login(struct look *look, const char *how, const char *methods)
{
	text_print(&look->words, "the login%s; it offers %s", how, *methods ? methods : "none");
	return SFTP_REFUSED;
}

static enum sftp_end log_in(struct look *look, const char *methods)
{
	const struct sftp_order *order = &look->order;
	const unsigned user_len = (unsigned)strlen(order->user);
	const bool is_password = is_offered(methods, "password");
	int r;

	if (!order->password)
		return refuse_login(look, " without a password", methods);
	if (is_password)
		r = libssh2_userauth_password_ex(look->session, order->user, user_len,
						 order->password, (unsigned)strlen(order->password),
						 NULL);
	else if (is_offered(methods, "keyboard-interactive"))
		r = libssh2_userauth_keyboard_interactive_ex(look->session, order->user, user_len,
							     answer);
	else
		return refuse_login(look, " by a password", methods);
	if (r == 0)
		return SFTP_DONE;
	if (r == LIBSSH2_ERROR_AUTHENTICATION_FAILED)
		return refuse_login(look, "", methods);
	if (r == LIBSSH2_ERROR_PASSWORD_EXPIRED)
		return refuse_login(look, " until the password is changed", methods);
	return end_of(look);
}

static void note_methods(struct look *look, const char *methods)
{
	for (;;) {
		const size_t word = strcspn(methods, ",");

		text_append_len(&look->body, methods, word);
		text_append_char(&look->body, '\n');
		if (!methods[word])
			return;
		methods += word + 1;
	}
}

static enum sftp_end introduce(struct look *look)
{
	/* Nobody logs in by that name: it is asked how one could. */
	const char *user = look->order.user ? look->order.user : "picket";
	cleanup(free)
	char *methods = NULL;
	enum sftp_end end = SFTP_DONE;
	const char *list = libssh2_userauth_list(look->session, user, (unsigned)strlen(user));

	/* The list is libssh2's, and the next question takes its place. */
	methods = list ? strdup(list) : NULL;
	if (!methods && !libssh2_userauth_authenticated(look->session))
		end = end_of(look);
	else if (!look->order.user)
		note_methods(look, methods ? methods : "none");
	else if (methods)
		end = log_in(look, methods);
	end_phase(look);
	return end;
}

/* --- The look -------------------------------------------------------------------------------- */

static enum sftp_end refuse(struct look *look, LIBSSH2_SFTP *sftp, const char *what)
{
	static const char *const why[] = {
		[LIBSSH2_FX_EOF] = "there is nothing",
		[LIBSSH2_FX_NO_SUCH_FILE] = "no such file",
		[LIBSSH2_FX_PERMISSION_DENIED] = "permission denied",
		[LIBSSH2_FX_FAILURE] = "failure",
		[LIBSSH2_FX_BAD_MESSAGE] = "bad message",
		[LIBSSH2_FX_NO_CONNECTION] = "no connection",
		[LIBSSH2_FX_CONNECTION_LOST] = "connection lost",
		[LIBSSH2_FX_OP_UNSUPPORTED] = "operation unsupported",
	};
	const unsigned long code = libssh2_sftp_last_error(sftp);

	if (libssh2_session_last_errno(look->session) != LIBSSH2_ERROR_SFTP_PROTOCOL || code == 0)
		return end_of(look);
	text_print(&look->words, "%s: ", what);
	if (code < sizeof(why) / sizeof(why[0]) && why[code])
		text_append(&look->words, why[code]);
	else
		text_print(&look->words, "status %lu", code);
	return SFTP_REFUSED;
}

static enum sftp_end list_folder(struct look *look, LIBSSH2_SFTP *sftp, const char *path)
{
	LIBSSH2_SFTP_HANDLE *folder = libssh2_sftp_open_ex(sftp, path, (unsigned)strlen(path), 0, 0,
							   LIBSSH2_SFTP_OPENDIR);
	LIBSSH2_SFTP_ATTRIBUTES attributes;
	char name[NAME_MAX_BYTES];
	int len = 0;

	if (!folder)
		return refuse(look, sftp, "the folder");
	while (!look->body.is_cut &&
	       (len = libssh2_sftp_readdir(folder, name, sizeof(name), &attributes)) > 0)
		if (strcmp(name, ".") != 0 && strcmp(name, "..") != 0)
			sftp_append_name(&look->body, name, (size_t)len);
	const enum sftp_end end = len < 0 ? refuse(look, sftp, "its list") : SFTP_DONE;

	(void)libssh2_sftp_closedir(folder);
	return end;
}

static const char *kind_of_file(const LIBSSH2_SFTP_ATTRIBUTES *file)
{
	if (!(file->flags & LIBSSH2_SFTP_ATTR_PERMISSIONS))
		return "unknown";
	return LIBSSH2_SFTP_S_ISREG(file->permissions)	 ? "file"
	       : LIBSSH2_SFTP_S_ISDIR(file->permissions) ? "folder"
							 : "other";
}

/* JSON, so that expectations can ask: json $.size > 0, age(json $.modified) < 1d. */
static enum sftp_end look_at_file(struct look *look, LIBSSH2_SFTP *sftp, const char *path)
{
	LIBSSH2_SFTP_ATTRIBUTES file = { 0 };

	if (libssh2_sftp_stat_ex(sftp, path, (unsigned)strlen(path), LIBSSH2_SFTP_STAT, &file) != 0)
		return refuse(look, sftp, "the file");
	text_print(&look->body, "{\"type\":\"%s\"", kind_of_file(&file));
	if (file.flags & LIBSSH2_SFTP_ATTR_SIZE)
		text_print(&look->body, ",\"size\":%llu", (unsigned long long)file.filesize);
	if (file.flags & LIBSSH2_SFTP_ATTR_ACMODTIME)
		text_print(&look->body, ",\"modified\":%lu", file.mtime);
	text_append(&look->body, "}\n");
	return SFTP_DONE;
}

static enum sftp_end say_where(struct look *look, LIBSSH2_SFTP *sftp)
{
	char path[NAME_MAX_BYTES];
	const int len = libssh2_sftp_realpath(sftp, ".", path, sizeof(path));

	if (len < 0)
		return refuse(look, sftp, "to say where it is");
	sftp_append_name(&look->body, path, (size_t)len);
	return SFTP_DONE;
}

static enum sftp_end look_around(struct look *look)
{
	const char *path = look->order.path;
	LIBSSH2_SFTP *sftp = libssh2_sftp_init(look->session);
	enum sftp_end end;

	if (!sftp && !look->wire.is_closed &&
	    libssh2_session_last_errno(look->session) == LIBSSH2_ERROR_CHANNEL_FAILURE) {
		text_append(&look->words, "sftp");
		end = SFTP_REFUSED;
	} else if (!sftp) {
		end = end_of(look);
	} else if (!path) {
		end = say_where(look, sftp);
	} else if (path[strlen(path) - 1] == '/') {
		end = list_folder(look, sftp, path);
	} else {
		end = look_at_file(look, sftp, path);
	}
	end_phase(look);
	return end;
}

static enum sftp_end look_through(struct look *look)
{
	enum sftp_end end;

	look->session = sftp_wire_session(&look->wire);
	if (!look->session)
		return SFTP_LOCAL;
	(void)libssh2_session_callback_set(look->session, LIBSSH2_CALLBACK_DISCONNECT,
					   __extension__(void *) disconnected);
	end = meet(look);
	if (end == SFTP_DONE)
		end = introduce(look);
	if (end == SFTP_DONE && look->order.user)
		end = look_around(look);
	if (end == SFTP_DONE)
		(void)libssh2_session_disconnect(look->session, "good bye");
	/* Freeing would ask the server to close its side, and wait for that. */
	look->wire.is_over = true;
	(void)libssh2_session_free(look->session);
	return end;
}

/* A password must not stay behind where this process is ended by what a server sends.  One byte
 * stands for no dump, not even to a program: see core(5), and do_coredump() in the kernel.
 */
static void leave_no_trace(void)
{
	const struct rlimit none = { .rlim_cur = 1, .rlim_max = 1 };

	(void)setrlimit(RLIMIT_CORE, &none);
	(void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

static bool read_order(char order[SFTP_ORDER_MAX + 1], struct sftp_order *ret)
{
	size_t len = 0;
	ssize_t n;

	while (len < SFTP_ORDER_MAX &&
	       (n = read(STDIN_FILENO, order + len, SFTP_ORDER_MAX - len)) > 0)
		len += (size_t)n;
	order[len] = '\0';
	return sftp_order_read(order, len, ret);
}

bool sftp_look_is_asked(int argc, char **argv)
{
	return argc == 3 && strcmp(argv[1], SFTP_LOOK_WORD) == 0;
}

int sftp_look(char **argv)
{
	char order[SFTP_ORDER_MAX + 1];
	struct look look = {
		.since = clock_now(),
		.body.limit_bytes = strtoull(argv[2], NULL, 10),
		.words.limit_bytes = WORDS_MAX,
	};
	cleanup(text)
	struct text head = { 0 };
	enum sftp_end end = SFTP_LOCAL;

	leave_no_trace();
	if (read_order(order, &look.order) && libssh2_init(0) == 0) {
		end = look_through(&look);
		libssh2_exit();
	}
	sftp_report_body(&head, look.body.is_cut);
	write_out(&head);
	write_out(&look.body);
	(void)file_write(STDERR_FILENO, text_string(&look.words), look.words.len);
	text_done(&look.body);
	text_done(&look.words);
	explicit_bzero(order, sizeof(order));
	return (int)end;
}
