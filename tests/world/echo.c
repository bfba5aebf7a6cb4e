/* echo.c - the request as a JSON document. */
#include "echo.h"

#include <arpa/inet.h>
#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>
#include <openssl/ssl.h>
#include <string.h>
#include <sys/socket.h>

#include "base/text.h"
#include "conn.h"

static void put(struct text *text, const char *name, const char *value)
{
	text_print(text, "\"%s\":", name);
	text_append_json(text, value, strlen(value));
	text_append(text, ",");
}

static void put_peer(struct text *text, const struct conn *conn)
{
	struct sockaddr_storage peer = { 0 };
	const struct sockaddr_in *v4 = (const struct sockaddr_in *)&peer;
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)&peer;
	socklen_t len = sizeof(peer);
	char address[INET6_ADDRSTRLEN] = "";

	(void)getpeername(bufferevent_getfd(conn->bev), (struct sockaddr *)&peer, &len);
	if (peer.ss_family == AF_INET)
		(void)inet_ntop(AF_INET, &v4->sin_addr, address, sizeof(address));
	else if (peer.ss_family == AF_INET6)
		(void)inet_ntop(AF_INET6, &v6->sin6_addr, address, sizeof(address));
	put(text, "peer", address);
}

static void put_tls(struct text *text, const struct conn *conn)
{
	SSL *ssl = bufferevent_openssl_get_ssl(conn->bev);
	X509 *client = SSL_get1_peer_certificate(ssl);
	const char *name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
	const unsigned char *alpn;
	char subject[256] = "";
	unsigned alpn_len;

	SSL_get0_alpn_selected(ssl, &alpn, &alpn_len);
	if (client)
		(void)X509_NAME_oneline(X509_get_subject_name(client), subject, sizeof(subject));
	X509_free(client);
	text_append(text, "\"tls\":{");
	put(text, "version", SSL_get_version(ssl));
	put(text, "server_name", name ? name : "");
	put(text, "client", subject);
	text_append(text, "\"alpn\":");
	text_append_json(text, (const char *)alpn, alpn_len);
	text_append(text, "},");
}

void echo_print(struct text *text, const struct conn *conn)
{
	const struct request *request = &conn->request;

	text_append(text, "{");
	put(text, "method", request->method);
	put(text, "target", request->target);
	put(text, "version", request->version);
	put(text, "local", conn->local);
	put_peer(text, conn);
	if (conn->is_tls)
		put_tls(text, conn);
	text_append(text, "\"headers\":[");
	for (size_t i = 0; i < request->header_count; i++) {
		text_append(text, i ? ",[" : "[");
		text_append_json(text, request->headers[i].name, strlen(request->headers[i].name));
		text_append(text, ",");
		text_append_json(text, request->headers[i].value,
				 strlen(request->headers[i].value));
		text_append(text, "]");
	}
	text_append(text, "],\"body\":");
	text_append_json(text, text_string(&conn->body), conn->body.len);
	text_append(text, "}\n");
}
