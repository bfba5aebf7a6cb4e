/* libraries.c - what has to be said to the libraries before anything is done with them. */
#include <ares.h>
#include <curl/curl.h>
#include <errno.h>
#include <event2/event.h>
#include <jansson.h>
#include <malloc.h>
#include <openssl/crypto.h>
#include <stdlib.h>

#include "base/memory.h"
#include "loop/libraries.h"

/* OpenSSL tells where it is. */
static void *crypto_new(size_t size, const char *file, int line)
{
	(void)file;
	(void)line;
	return memory_any(size);
}

static void *crypto_again(void *pointer, size_t size, const char *file, int line)
{
	(void)file;
	(void)line;
	return memory_again(pointer, size);
}

static void crypto_free(void *pointer, const char *file, int line)
{
	(void)file;
	(void)line;
	free(pointer);
}

/* libc would take the size of the largest piece that was given back for the size from which pieces
 * are the kernel's again, and so keep what was needed once, such as while a configuration was
 * loaded: 30 MiB of 200 with 100,000 endpoints.
 */
static void settle_allocator(void)
{
	(void)mallopt(M_MMAP_THRESHOLD, 1 << 20);
	(void)mallopt(M_TRIM_THRESHOLD, 4 << 20);
	/* Small pieces that are given back join their neighbours at once, and not all at every larger
	 * one: a tenth of what it takes to stop with 5,000 checks in flight.
	 */
	(void)mallopt(M_MXFAST, 0);
}

/* libcurl brings GnuTLS along, for RTMP and LDAP, which nobody speaks here, and it would set itself up
 * as it is loaded: 0.7 MiB, unless the program says this (GNUTLS_SKIP_GLOBAL_INIT in gnutls/gnutls.h).
 */
int _gnutls_global_init_skip(void);
int _gnutls_global_init_skip(void)
{
	return 1;
}

int libraries_init(void)
{
	settle_allocator();
	json_set_alloc_funcs(memory_any, free);
	/* Its tables are seeded now, since threads share them. */
	json_object_seed(0);
	event_set_mem_functions(memory_any, memory_again, free);
	if (CRYPTO_set_mem_functions(crypto_new, crypto_again, crypto_free) != 1 ||
	    ares_library_init_mem(ARES_LIB_INIT_ALL, memory_any, free, memory_again) !=
		    ARES_SUCCESS ||
	    curl_global_init_mem(CURL_GLOBAL_DEFAULT, memory_any, free, memory_again, memory_text,
				 memory_new) != CURLE_OK)
		return -EIO;
	return 0;
}

void libraries_done(void)
{
	curl_global_cleanup();
	ares_library_cleanup();
}
