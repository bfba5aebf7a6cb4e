/* chain.h - what a handshake showed, as people read it: certificates, dates, names. */
#pragma once

#include <jansson.h>

struct page;

/* The `tls` of evidence; NULL prints nothing. */
void chain_print(struct page *page, const json_t *tls);
