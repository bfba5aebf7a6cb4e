/* html.h - text from anywhere, inside HTML and SVG.
 *
 * Source: HTML Living Standard, 13.1.2 (attributes in quotes, and text); RFC 3986, 2.3.
 */
#pragma once

#include <stddef.h>

struct text;

/* As the text of an element, or the value of an attribute in double or single quotes.  Not for
 * what stands in <script> or <style>.  Control characters but tab and newline, controls of
 * direction (they would turn what follows them, too) and bytes that are not UTF-8 become U+FFFD.
 */
void html_append(struct text *text, const char *string);
void html_append_len(struct text *text, const char *data, size_t len);

/* As one part of a path, or a value of a query: all but letters, digits and - . _ ~ in percent.
 * What comes out needs no html_append() any more.
 */
void html_append_part(struct text *text, const char *string);
