/* regex.c - a regular expression is refused with a reason, or ends within its budget.
 *
 * A byte of flags and the pattern; then the subject.
 *
 * Over: expect/regex.c expect/regex_match.c
 */
#include <errno.h>

#include "expect/regex.h"
#include "fuzz.h"

enum { PARTS = 4, STEPS = 100000 };

static void match(const struct regex *regex, const char *subject, size_t len)
{
	struct regex_part parts[PARTS];
	struct budget budget, other;
	int matched, found;

	budget_init(&budget, USEC_PER_SEC, STEPS);
	budget_init(&other, USEC_PER_SEC, STEPS);
	matched = regex_match(regex, subject, len, &budget);
	found = regex_find(regex, subject, len, false, &other, parts, PARTS);
	assert(found != -EAGAIN);
	/* Where both come to an end, they come to the same. */
	if (matched >= 0 && found >= 0)
		assert((matched > 0) == (found > 0));
	if (found > 0)
		assert(parts[0].from <= len && parts[0].to <= len);
	budget_init(&other, USEC_PER_SEC, STEPS);
	(void)regex_find(regex, subject, len, true, &other, parts, PARTS);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct fuzz input = { data, len };
	/* Subjects of REGEX_CODES are valid by contract; the others are what came. */
	const unsigned flags = fuzz_byte(&input) & (REGEX_CASELESS | REGEX_MULTILINE |
						    REGEX_DOTALL | REGEX_EXTENDED | REGEX_WHOLE);
	struct regex_fault fault = { 0 };
	struct regex *regex = NULL;
	size_t pattern_len, subject_len;
	char *pattern = fuzz_line(&input, &pattern_len);
	char *subject = fuzz_rest(&input, &subject_len);

	if (regex_compile(pattern, pattern_len, flags, &regex, &fault) < 0) {
		assert(fault.offset <= pattern_len && fault.message[0]);
	} else {
		match(regex, subject, subject_len);
		regex_free(regex);
	}
	free(pattern);
	free(subject);
	return 0;
}
