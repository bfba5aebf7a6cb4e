/* libraries.h - what has to be said to the libraries before anything is done with them.
 *
 * Source: curl_global_init_mem(3), ares_library_init_mem(3), CRYPTO_set_mem_functions(3),
 * event_set_mem_functions() in event2/event.h, json_set_alloc_funcs() in jansson's manual.
 */
#pragma once

/* Before the first thread, and before any of them is used.  Their memory comes from base/memory.h:
 * few of them go on as they should where there is none left, and what an endpoint answered
 * would look like a fault of its own.  SQLite is another matter: what it could not do is tried again.
 * 0, or -EIO where one of them cannot be set up.
 */
int libraries_init(void);
void libraries_done(void);
