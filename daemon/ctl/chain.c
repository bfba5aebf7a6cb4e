/* chain.c - what a handshake showed. */
#include "ctl/chain.h"
#include "ctl/document.h"
#include "ctl/page.h"

enum { INDENT = 19 };

static void print_member(struct page *page, const json_t *certificate, const char *title,
			 const char *key)
{
	if (!*document_text(certificate, key))
		return;
	text_print(&page->line, "      %-11s  ", title);
	page_show(page, certificate, key);
	page_end(page, INDENT);
}

static void print_date(struct page *page, const json_t *certificate, const char *title,
		       const char *key)
{
	text_print(&page->line, "      %-11s  ", title);
	page_show_time(page, certificate, key);
	page_end(page, INDENT);
}

static void print_names(struct page *page, const json_t *certificate)
{
	const json_t *names = json_object_get(certificate, "names");
	size_t i;
	json_t *name;

	if (json_array_size(names) == 0)
		return;
	text_append(&page->line, "      names        ");
	json_array_foreach(names, i, name)
	{
		text_append(&page->line, i ? ", " : "");
		text_append_escaped(&page->line, json_string_value(name), json_string_length(name));
	}
	page_end(page, INDENT);
}

static void print_certificate(struct page *page, const json_t *certificate, size_t i)
{
	text_print(&page->line, "    certificate %zu%s", i + 1, i ? "" : ", the server's own");
	page_end(page, 6);
	print_member(page, certificate, "subject", "subject");
	print_names(page, certificate);
	print_member(page, certificate, "issued by", "issuer");
	print_date(page, certificate, "valid from", "not_before");
	print_date(page, certificate, "valid until", "not_after");
	print_member(page, certificate, "serial", "serial");
	/* 64 digits and no blank to break at. */
	text_append(&page->line, "      SHA-256   ");
	page_show(page, certificate, "fingerprint");
	page_end(page, 16);
	print_member(page, certificate, "SPKI", "spki");
}

void chain_print(struct page *page, const json_t *tls)
{
	size_t i;
	json_t *certificate;

	if (!tls)
		return;
	page_end(page, 0);
	text_append(&page->line, "  TLS");
	if (json_object_get(tls, "version"))
		text_print(&page->line, " %.1f",
			   json_number_value(json_object_get(tls, "version")));
	if (*document_text(tls, "cipher")) {
		text_append(&page->line, "  ");
		page_show(page, tls, "cipher");
	}
	if (*document_text(tls, "staple")) {
		text_append(&page->line, "  OCSP staple ");
		page_show(page, tls, "staple");
	}
	if (*document_text(tls, "revoked_at")) {
		text_append(&page->line, " at ");
		page_show_time(page, tls, "revoked_at");
	}
	page_end(page, 4);
	json_array_foreach(json_object_get(tls, "chain"), i, certificate)
		print_certificate(page, certificate, i);
}
