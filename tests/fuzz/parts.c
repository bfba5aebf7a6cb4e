/* parts.c - a file that is cut, and read by several threads, is what one makes of it.
 *
 * Over: config/parts.c config/readers.c
 */
#include "fuzz.h"
#include "unit/config/both_ways.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct fuzz input = { data, len };
	size_t text_len;
	char *text = fuzz_rest(&input, &text_len);

	(void)both_ways_read(text, text_len);
	free(text);
	return 0;
}
