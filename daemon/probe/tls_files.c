/* tls_files.c - client certificates and revocation lists.
 *
 * Looked up by path; a file is read again when its time of change or size is another.
 */
#include <errno.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/map.h"
#include "base/memory.h"
#include "probe/tls_files.h"

enum { FILE_MAX = 16 * 1024 * 1024, CHAIN_MAX = 16 };

struct tls_files {
	struct map *by_path; /* of struct loaded */
};

/* What one file has, each in its order. */
struct loaded {
	char *path; /* owned */
	struct timespec changed;
	off_t size;
	STACK_OF(X509) * certificates; /* owned */
	STACK_OF(X509_CRL) * lists; /* owned */
	EVP_PKEY *key; /* owned; or NULL */
};

static void forget(struct loaded *loaded)
{
	sk_X509_pop_free(loaded->certificates, X509_free);
	sk_X509_CRL_pop_free(loaded->lists, X509_CRL_free);
	EVP_PKEY_free(loaded->key);
	loaded->certificates = NULL;
	loaded->lists = NULL;
	loaded->key = NULL;
}

struct tls_files *tls_files_new(void)
{
	struct tls_files *files = MEMORY_NEW(struct tls_files);

	files->by_path = map_new();
	return files;
}

void tls_files_free(struct tls_files *files)
{
	const char *path;
	void *value;

	for (size_t at = 0; map_next(files->by_path, &at, &path, &value);) {
		struct loaded *loaded = value;

		forget(loaded);
		free(loaded->path);
		free(loaded);
	}
	map_free(files->by_path);
	free(files);
}

/* A key with a password would have OpenSSL ask for it on the terminal. */
static int no_password(char *buffer, int size, int is_writing, void *context)
{
	return -1;
}

static void parse(struct loaded *loaded, const char *text, size_t len)
{
	BIO *in = BIO_new_mem_buf(text, (int)len);
	STACK_OF(X509_INFO) *parts = PEM_X509_INFO_read_bio(in, NULL, no_password, NULL);
	int count = parts ? sk_X509_INFO_num(parts) : 0;

	loaded->certificates = sk_X509_new_null();
	loaded->lists = sk_X509_CRL_new_null();
	for (int i = 0; i < count; i++) {
		X509_INFO *part = sk_X509_INFO_value(parts, i);

		if (part->x509)
			(void)sk_X509_push(loaded->certificates, TAKE(part->x509));
		if (part->crl)
			(void)sk_X509_CRL_push(loaded->lists, TAKE(part->crl));
		if (part->x_pkey && part->x_pkey->dec_pkey && !loaded->key) {
			loaded->key = part->x_pkey->dec_pkey;
			(void)EVP_PKEY_up_ref(loaded->key);
		}
	}
	sk_X509_INFO_pop_free(parts, X509_INFO_free);
	BIO_free(in);
	ERR_clear_error();
}

static int read_again(struct loaded *loaded)
{
	cleanup(free)
	char *text = NULL;
	size_t len;
	int r = file_read(loaded->path, FILE_MAX, &text, &len);

	if (r < 0)
		return r;
	forget(loaded);
	parse(loaded, text, len);
	OPENSSL_cleanse(text, len);
	return 0;
}

static int load(struct tls_files *files, const char *path, struct loaded **ret_loaded)
{
	struct loaded *loaded = map_find(files->by_path, path);
	struct stat now;
	int r;

	if (stat(path, &now) < 0)
		return -errno;
	if (!loaded) {
		loaded = MEMORY_NEW(struct loaded);
		loaded->path = memory_text(path);
		(void)map_set(files->by_path, loaded->path, loaded);
	}
	if (!loaded->certificates || loaded->size != now.st_size ||
	    loaded->changed.tv_sec != now.st_mtim.tv_sec ||
	    loaded->changed.tv_nsec != now.st_mtim.tv_nsec) {
		r = read_again(loaded);
		if (r < 0)
			return r;
		loaded->size = now.st_size;
		loaded->changed = now.st_mtim;
	}
	*ret_loaded = loaded;
	return 0;
}

static int use_certificate(const struct loaded *loaded, SSL_CTX *context)
{
	const int count = sk_X509_num(loaded->certificates);

	if (count == 0 ||
	    SSL_CTX_use_certificate(context, sk_X509_value(loaded->certificates, 0)) != 1)
		return -EINVAL;
	for (int i = 1; i < count && i < CHAIN_MAX; i++)
		(void)SSL_CTX_add1_chain_cert(context, sk_X509_value(loaded->certificates, i));
	return 0;
}

int tls_files_use(struct tls_files *files, SSL_CTX *context, const char *cert, const char *key,
		  const char **ret_file)
{
	struct loaded *loaded;
	int r;

	*ret_file = cert;
	r = load(files, cert, &loaded);
	if (r == 0)
		r = use_certificate(loaded, context);
	if (r < 0)
		return r;
	*ret_file = key;
	r = load(files, key, &loaded);
	if (r < 0)
		return r;
	/* This also compares it with the certificate. */
	if (!loaded->key || SSL_CTX_use_PrivateKey(context, loaded->key) != 1) {
		ERR_clear_error();
		return -EINVAL;
	}
	return 0;
}

int tls_files_revoked(struct tls_files *files, const char *crl, STACK_OF(X509_CRL) * *ret_lists)
{
	struct loaded *loaded;
	const int r = load(files, crl, &loaded);

	if (r < 0)
		return r;
	if (sk_X509_CRL_num(loaded->lists) == 0)
		return -EINVAL;
	*ret_lists = loaded->lists;
	return 0;
}
