/* url_mqtt.c - MQTT 3.1.1 in packets: to log in, and to hear one message of a topic.
 *
 * Source: MQTT Version 3.1.1, OASIS Standard, 2 and 3.
 */
#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include "base/text.h"
#include "probe/url.h"

enum {
	PACKET_CONNECT = 0x10,
	PACKET_CONNACK = 0x20,
	PACKET_PUBLISH = 0x30,
	PACKET_SUBSCRIBE = 0x82,
	PACKET_SUBACK = 0x90,
	PACKET_PINGREQ = 0xc0,
	PACKET_PINGRESP = 0xd0,
	PACKET_DISCONNECT = 0xe0,
	CLEAN_SESSION = 0x02,
	HAS_PASSWORD = 0x40,
	HAS_USER = 0x80,
	LEVEL = 4, /* of the protocol: 3.1.1 */
	KEEP_ALIVE = 60,
	REFUSED = 0x80, /* of a subscription */
};

static void append_string(struct text *text, const char *string)
{
	const size_t len = strlen(string);

	text_append_char(text, (char)(len >> 8));
	text_append_char(text, (char)len);
	text_append_len(text, string, len);
}

static void append_packet(struct text *text, unsigned char kind, const struct text *rest)
{
	size_t len = rest->len;

	text_append_char(text, (char)kind);
	do {
		text_append_char(text, (char)(len % 128 | (len > 127 ? 128 : 0)));
		len /= 128;
	} while (len > 0);
	text_append_len(text, text_string(rest), rest->len);
}

/* A name that nobody else has: of two with the same the first is thrown out. */
static void append_name(struct text *text)
{
	unsigned char bytes[8] = { 0 };
	struct text name = { 0 };

	(void)!getrandom(bytes, sizeof(bytes), GRND_NONBLOCK);
	text_append(&name, "picket");
	for (size_t i = 0; i < sizeof(bytes); i++)
		text_print(&name, "%02x", bytes[i]);
	append_string(text, text_string(&name));
	text_done(&name);
}

static void append_connect(struct text *text, const struct url_options *url)
{
	struct text rest = { 0 };
	unsigned flags = CLEAN_SESSION;

	if (url->user)
		flags |= HAS_USER | (url->password ? HAS_PASSWORD : 0u);
	append_string(&rest, "MQTT");
	text_append_char(&rest, LEVEL);
	text_append_char(&rest, (char)flags);
	text_append_char(&rest, 0);
	text_append_char(&rest, KEEP_ALIVE);
	append_name(&rest);
	if (url->user)
		append_string(&rest, url->user);
	if (url->user && url->password)
		append_string(&rest, url->password);
	append_packet(text, PACKET_CONNECT, &rest);
	text_done(&rest);
}

static void append_subscribe(struct text *text, const struct url_options *url)
{
	struct text rest = { 0 };

	text_append_char(&rest, 0);
	text_append_char(&rest, 1); /* the number of this packet */
	append_string(&rest, url->topic);
	text_append_char(&rest, 0); /* quality: at most once */
	append_packet(text, PACKET_SUBSCRIBE, &rest);
	text_done(&rest);
}

void mqtt_say(struct text *text, enum mqtt_step step, const struct url_options *url)
{
	const struct text nothing = { 0 };

	if (step == MQTT_CONNECT)
		append_connect(text, url);
	else if (step == MQTT_SUBSCRIBE)
		append_subscribe(text, url);
	else if (step == MQTT_PING)
		append_packet(text, PACKET_PINGREQ, &nothing);
	else if (step == MQTT_OVER)
		append_packet(text, PACKET_DISCONNECT, &nothing);
}

/* The length behind the first byte, in 1 to 4 bytes, and where it ends; 0: not there yet. */
static long read_length(const unsigned char *data, size_t len, size_t *ret)
{
	size_t value = 0;

	for (size_t i = 0; i < 4; i++) {
		if (1 + i >= len)
			return 0;
		value |= (size_t)(data[1 + i] & 0x7f) << (7 * i);
		if (!(data[1 + i] & 0x80)) {
			*ret = value;
			return (long)i + 2;
		}
	}
	return -EBADMSG;
}

long mqtt_packet(const unsigned char *data, size_t len)
{
	size_t rest = 0;
	const long head = read_length(data, len, &rest);

	if (head <= 0)
		return head;
	return len >= (size_t)head + rest ? head + (long)rest : 0;
}

static enum url_line read_connack(const unsigned char *rest, size_t len, const char **ret_refusal)
{
	static const char *const why[] = {
		NULL,
		"it does not speak this version of the protocol",
		"it does not take the client's name",
		"it is not available",
		"it does not take user or password",
		"it does not let us in",
	};

	if (len != 2)
		return URL_NONSENSE;
	if (rest[1] == 0)
		return URL_GOOD;
	*ret_refusal =
		rest[1] < sizeof(why) / sizeof(why[0]) ? why[rest[1]] : "it does not say why";
	return URL_BAD;
}

/* Behind the topic and, but for the lowest quality, a number. */
static enum url_line read_publish(unsigned char kind, const unsigned char *rest, size_t len,
				  const char **ret_body, size_t *ret_len)
{
	const size_t topic = len >= 2 ? (size_t)rest[0] << 8 | rest[1] : 0;
	const size_t head = 2 + topic + (kind & 0x06 ? 2 : 0);

	if (len < head)
		return URL_NONSENSE;
	*ret_body = (const char *)rest + head;
	*ret_len = len - head;
	return URL_GOOD;
}

enum url_line mqtt_read(enum mqtt_step step, const unsigned char *data, size_t len,
			const char **ret_refusal, const char **ret_body, size_t *ret_len)
{
	const unsigned kind = data[0] & 0xf0u;
	size_t size = 0;
	const unsigned char *rest = data + read_length(data, len, &size);

	*ret_body = NULL;
	if (step == MQTT_CONNECT)
		return kind == PACKET_CONNACK ? read_connack(rest, size, ret_refusal)
					      : URL_NONSENSE;
	/* What is kept for a topic may come before the subscription is confirmed. */
	if (kind == PACKET_PUBLISH)
		return step == MQTT_MESSAGE || step == MQTT_SUBSCRIBE
			       ? read_publish(data[0], rest, size, ret_body, ret_len)
			       : URL_MORE;
	if (step == MQTT_PING)
		return kind == PACKET_PINGRESP ? URL_GOOD : URL_NONSENSE;
	if (step != MQTT_SUBSCRIBE || kind != PACKET_SUBACK || size != 3)
		return URL_NONSENSE;
	*ret_refusal = "it does not let us hear that topic";
	return rest[2] & REFUSED ? URL_BAD : URL_GOOD;
}
