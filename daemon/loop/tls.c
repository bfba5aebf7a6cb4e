/* tls.c - certificate stores of our own, shared by all handshakes. */
#include <errno.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/map.h"
#include "base/memory.h"
#include "loop/tls.h"

#define SYSTEM_BUNDLE "/etc/ssl/certs/ca-certificates.crt"
#define LOOK_EVERY    (2 * USEC_PER_SEC)

enum { FILE_MAX = 16 * 1024 * 1024 };

struct tls_store {
	char *path; /* owned */
	X509_STORE *store; /* owned; NULL: see error */
	int error; /* -errno of the last reading */
	usec_t looked;
	struct stat status; /* of the file that was read */
};

struct tls_stores {
	struct map *by_path; /* owned, with the stores */
	uint64_t reads;
};

static void cleanup_store(X509_STORE **store)
{
	X509_STORE_free(*store);
}

static void cleanup_bio(BIO **bio)
{
	(void)BIO_free(*bio);
}

/* All certificates of a PEM text; what else is in it is passed over. */
static int add_certificates(X509_STORE *store, BIO *bio)
{
	unsigned count = 0;
	unsigned long error;

	for (;;) {
		X509 *certificate = PEM_read_bio_X509_AUX(bio, NULL, NULL, NULL);

		if (!certificate)
			break;
		count += X509_STORE_add_cert(store, certificate) == 1;
		X509_free(certificate);
	}
	error = ERR_peek_last_error();
	ERR_clear_error();
	if (ERR_GET_REASON(error) != PEM_R_NO_START_LINE)
		return -EBADMSG;
	return count ? 0 : -ENODATA;
}

static int read_store(const char *path, X509_STORE **ret_store)
{
	cleanup(store)
	X509_STORE *store = NULL;
	cleanup(bio)
	BIO *bio = NULL;
	cleanup(free)
	char *text = NULL;
	size_t len;
	int r = file_read(path, FILE_MAX, &text, &len);

	if (r < 0)
		return r;
	store = X509_STORE_new();
	bio = BIO_new_mem_buf(text, (int)len);
	if (!store || !bio)
		memory_out();
	/* An intermediate authority, or the server's own certificate, may be what is trusted. */
	(void)X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN | X509_V_FLAG_TRUSTED_FIRST);
	r = add_certificates(store, bio);
	if (r < 0)
		return r;
	*ret_store = TAKE(store);
	return 0;
}

static bool is_same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

/* What was read holds until the file changes; what could not be read is tried again. */
static bool is_read(const struct tls_store *entry)
{
	return entry->store || entry->error == -EBADMSG || entry->error == -ENODATA;
}

static void look(struct tls_stores *stores, struct tls_store *entry, usec_t now)
{
	struct stat status = { 0 };

	if (entry->looked && now - entry->looked < LOOK_EVERY)
		return;
	entry->looked = now;
	if (stat(entry->path, &status) < 0) {
		X509_STORE_free(TAKE(entry->store));
		entry->error = -errno;
		return;
	}
	if (is_read(entry) && is_same_file(&status, &entry->status))
		return;
	X509_STORE_free(TAKE(entry->store));
	entry->status = status;
	entry->error = read_store(entry->path, &entry->store);
	stores->reads++;
}

int tls_stores_get_at(struct tls_stores *stores, const char *ca, usec_t now, X509_STORE **ret_store)
{
	const char *path = ca ? ca : SYSTEM_BUNDLE;
	struct tls_store *entry = map_find(stores->by_path, path);

	if (!entry) {
		entry = MEMORY_NEW(struct tls_store);
		entry->path = memory_text(path);
		(void)map_set(stores->by_path, entry->path, entry);
	}
	look(stores, entry, now);
	if (!entry->store)
		return entry->error;
	*ret_store = entry->store;
	return 0;
}

uint64_t tls_stores_reads(const struct tls_stores *stores)
{
	return stores->reads;
}

struct tls_stores *tls_stores_new(void)
{
	struct tls_stores *stores = MEMORY_NEW(struct tls_stores);

	stores->by_path = map_new();
	return stores;
}

void tls_stores_free(struct tls_stores *stores)
{
	struct tls_store *entry;
	const char *path;
	void *value;

	for (size_t at = 0; map_next(stores->by_path, &at, &path, &value);) {
		entry = value;
		X509_STORE_free(entry->store);
		free(entry->path);
		free(entry);
	}
	map_free(stores->by_path);
	free(stores);
}
