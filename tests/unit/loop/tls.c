/* tls.c - claims about loop/tls.h. */
#include <errno.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "certificate.h"
#include "loop/tls.h"

struct stage {
	struct tls_stores *stores;
	struct authority authority;
	char path[64];
	usec_t now;
};

static int set_up(void **state)
{
	struct stage *stage = calloc(1, sizeof(*stage));
	int fd;

	assert_non_null(stage);
	stage->stores = tls_stores_new();
	stage->now = 1000 * USEC_PER_SEC;
	authority_init(&stage->authority, "Store Authority");
	(void)snprintf(stage->path, sizeof(stage->path), "/tmp/tls-XXXXXX");
	fd = mkstemp(stage->path);
	assert_return_code(fd, errno);
	(void)close(fd);
	authority_write(&stage->authority, stage->path);
	*state = stage;
	return 0;
}

static int tear_down(void **state)
{
	struct stage *stage = *state;

	tls_stores_free(stage->stores);
	authority_done(&stage->authority);
	(void)unlink(stage->path);
	free(stage);
	return 0;
}

static int size_of(X509_STORE *store)
{
	return sk_X509_OBJECT_num(X509_STORE_get0_objects(store));
}

static int get(struct stage *stage, X509_STORE **ret_store)
{
	return tls_stores_get_at(stage->stores, stage->path, stage->now, ret_store);
}

/* Both ends of a handshake in memory. */
static bool shake_hands(SSL_CTX *server_context, X509_STORE *store)
{
	SSL_CTX *client_context = SSL_CTX_new(TLS_client_method());
	SSL *server = SSL_new(server_context), *client;
	BIO *near, *far;
	int there = 0, here = 0;

	SSL_CTX_set1_cert_store(client_context, store);
	SSL_CTX_set_verify(client_context, SSL_VERIFY_PEER, NULL);
	client = SSL_new(client_context);
	assert_int_equal(BIO_new_bio_pair(&near, 0, &far, 0), 1);
	SSL_set_bio(client, near, near);
	SSL_set_bio(server, far, far);
	SSL_set_connect_state(client);
	SSL_set_accept_state(server);
	for (unsigned i = 0; i < 10 && (here != 1 || there != 1); i++) {
		here = SSL_do_handshake(client);
		there = SSL_do_handshake(server);
	}
	SSL_free(client);
	SSL_free(server);
	SSL_CTX_free(client_context);
	return here == 1 && there == 1;
}

static void a_store_neither_grows_nor_is_read_again_in_a_thousand_handshakes(void **state)
{
	struct stage *stage = *state;
	SSL_CTX *server = authority_server(&stage->authority, "store.test");
	X509_STORE *first, *store;

	assert_int_equal(get(stage, &first), 0);
	assert_int_equal(size_of(first), 1);
	for (unsigned i = 0; i < 1000; i++) {
		stage->now += USEC_PER_SEC;
		assert_int_equal(get(stage, &store), 0);
		assert_ptr_equal(store, first);
		assert_true(shake_hands(server, store));
	}
	assert_int_equal(size_of(first), 1);
	assert_int_equal(tls_stores_reads(stage->stores), 1);
	SSL_CTX_free(server);
}

static void the_systems_bundle_is_read_once(void **state)
{
	struct stage *stage = *state;
	X509_STORE *store, *again;
	int r = tls_stores_get_at(stage->stores, NULL, stage->now, &store);

	if (r == -ENOENT)
		skip();
	assert_int_equal(r, 0);
	assert_true(size_of(store) > 10);
	for (unsigned i = 0; i < 1000; i++) {
		stage->now += USEC_PER_SEC;
		assert_int_equal(tls_stores_get_at(stage->stores, NULL, stage->now, &again), 0);
		assert_ptr_equal(again, store);
	}
	assert_int_equal(tls_stores_reads(stage->stores), 1);
}

static void another_file_is_another_store(void **state)
{
	struct stage *stage = *state;
	struct authority other;
	SSL_CTX *server;
	X509_STORE *store;

	assert_int_equal(get(stage, &store), 0);
	authority_init(&other, "Other Authority");
	server = authority_server(&other, "store.test");
	assert_false(shake_hands(server, store));
	assert_int_equal(unlink(stage->path), 0);
	authority_write(&other, stage->path);

	/* Not before it is time to look again. */
	stage->now += USEC_PER_SEC;
	assert_int_equal(get(stage, &store), 0);
	assert_false(shake_hands(server, store));
	stage->now += 2 * USEC_PER_SEC;
	assert_int_equal(get(stage, &store), 0);
	assert_true(shake_hands(server, store));
	assert_int_equal(tls_stores_reads(stage->stores), 2);
	SSL_CTX_free(server);
	authority_done(&other);
}

static void put(const struct stage *stage, const char *text)
{
	FILE *file = fopen(stage->path, "we");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static void what_can_not_be_read_is_an_error_until_it_can(void **state)
{
	struct stage *stage = *state;
	X509_STORE *store;

	put(stage, "no certificate\n");
	assert_int_equal(get(stage, &store), -ENODATA);
	put(stage, "-----BEGIN CERTIFICATE-----\nbm90IG9uZQ==\n-----END CERTIFICATE-----\n");
	stage->now += 3 * USEC_PER_SEC;
	assert_int_equal(get(stage, &store), -EBADMSG);
	assert_int_equal(unlink(stage->path), 0);
	stage->now += 3 * USEC_PER_SEC;
	assert_int_equal(get(stage, &store), -ENOENT);
	authority_write(&stage->authority, stage->path);
	stage->now += 3 * USEC_PER_SEC;
	assert_int_equal(get(stage, &store), 0);
	assert_int_equal(tls_stores_get_at(stage->stores, "/tmp", stage->now, &store), -EISDIR);
}

static void all_certificates_of_a_file_count(void **state)
{
	struct stage *stage = *state;
	struct authority other;
	X509_STORE *store;
	FILE *file;

	authority_init(&other, "Second Authority");
	file = fopen(stage->path, "ae");
	assert_non_null(file);
	(void)fputs("# a comment between them\n", file);
	assert_true(PEM_write_X509(file, other.certificate));
	assert_int_equal(fclose(file), 0);
	assert_int_equal(get(stage, &store), 0);
	assert_int_equal(size_of(store), 2);
	authority_done(&other);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_store_neither_grows_nor_is_read_again_in_a_thousand_handshakes),
		TEST(the_systems_bundle_is_read_once),
		TEST(another_file_is_another_store),
		TEST(what_can_not_be_read_is_an_error_until_it_can),
		TEST(all_certificates_of_a_file_count),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
