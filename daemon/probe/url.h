/* url.h - the keys of `url:`, and what they lead to: who says what to the server, and what it
 * must answer.
 */
#pragma once

#include "probe/reach.h"
#include "probe/starttls.h"
#include "probe/tcp.h"

enum url_protocol { URL_SMTP, URL_IMAP, URL_POP3, URL_FTP, URL_MQTT, URL_SFTP };

/* One thing to say, and its answer. */
struct url_step {
	const char *say; /* with its line end; NULL: the server speaks first */
	const char *good; /* what a good answer begins with, one of these words */
	const char *what; /* "the login", for people */
	bool is_asked; /* its answer is the body */
	bool is_long; /* pop3: more lines follow, to one that is a dot */
	const char *skips; /* where the answer begins so, the next step is not needed; or NULL */
};

struct url_auth {
	const char *user, *password;
};

struct url_options {
	const char *url;
	struct url_auth auth;
	const char *request;
	const char *const *host_key; /* sftp: "SHA256:…", one or more; NULL: any */
	const struct tcp_tls *tls; /* NULL: nothing about it was said */
	struct reach reach;

	/* Prepared. */
	enum url_protocol protocol;
	const char *shown; /* the URL, its password masked */
	const char *topic; /* mqtt; NULL: none */
	const char *path; /* sftp; a folder ends with a slash; NULL: none */
	const char *user, *password; /* of auth or the URL; NULL: none */
	const struct url_step *steps;
	unsigned steps_count;
	bool is_tls_at_once;
	enum starttls_protocol starttls;
	const struct tls_options *tls_used;
	const char *encoded; /* the password as smtp sends it; NULL */
};

extern const struct option_table url_table;

void url_options_prepare(void *options, struct arena *arena, struct complaints *complaints,
			 const struct option_places *places);

enum url_line {
	URL_MORE, /* the answer goes on */
	URL_GOOD,
	URL_BAD,
	URL_NONSENSE, /* that is not the protocol */
};

/* What has been seen of one answer. */
struct url_answer {
	char code[4]; /* smtp and ftp: of one of several lines; "" */
	bool has_begun;
};

/* One line without its end. */
enum url_line url_read(enum url_protocol protocol, unsigned number, const struct url_step *step,
		       const char *line, size_t len, struct url_answer *answer);
/* "SMTP", for people. */
const char *url_protocol_name(enum url_protocol protocol);
/* What to say at the end. */
const char *url_farewell(enum url_protocol protocol);

/* Adds what is to be said after connecting. */
struct text;
void url_script(struct url_options *options, const char *path, struct arena *arena);

/* url_mqtt.c: MQTT 3.1.1 in packets. */
enum mqtt_step { MQTT_CONNECT, MQTT_PING, MQTT_SUBSCRIBE, MQTT_MESSAGE, MQTT_OVER };

void mqtt_say(struct text *text, enum mqtt_step step, const struct url_options *options);
/* The first whole packet: how many bytes of it there are, 0 where more must come first, or
 * -EBADMSG.
 */
long mqtt_packet(const unsigned char *data, size_t len);
/* Whether it is the answer to the step.  *ret_refusal: why it is none that is wanted ("it does not
 * take user or password"), static; *ret_body: what a message has to say.
 */
enum url_line mqtt_read(enum mqtt_step step, const unsigned char *data, size_t len,
			const char **ret_refusal, const char **ret_body, size_t *ret_body_len);
