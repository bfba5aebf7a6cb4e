/* mask.c - secrets do not come back. */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/mask.h"
#include "base/memory.h"
#include "base/text.h"

static const char stars[] = "***";

/* What is looked for: each secret in every form that it may come back in. */
struct forms {
	struct text *list; /* owned array */
	size_t count;
	size_t longest;
};

static void add_form(struct forms *forms, struct text *form)
{
	for (size_t i = 0; i < forms->count; i++) {
		if (strcmp(text_string(&forms->list[i]), text_string(form)) == 0) {
			text_done(form);
			return;
		}
	}
	forms->list = memory_grow(forms->list, forms->count + 1, sizeof(*forms->list));
	forms->list[forms->count++] = *form;
	if (form->len > forms->longest)
		forms->longest = form->len;
}

static struct forms forms_of(const char *const *secrets)
{
	struct forms forms = { 0 };

	for (; secrets && *secrets; secrets++) {
		const size_t len = strlen(*secrets);
		struct text plain = { 0 }, escaped = { 0 }, json = { 0 }, quoted = { 0 };

		if (len == 0)
			continue;
		text_append(&plain, *secrets);
		add_form(&forms, &plain);
		text_append_escaped(&escaped, *secrets, len);
		add_form(&forms, &escaped);
		text_append_json(&quoted, *secrets, len);
		text_append_len(&json, quoted.data + 1, quoted.len - 2);
		add_form(&forms, &json);
		text_done(&quoted);
	}
	return forms;
}

static void forms_done(struct forms *forms)
{
	for (size_t i = 0; i < forms->count; i++)
		text_done(&forms->list[i]);
	free(forms->list);
}
#define cleanup_forms forms_done

/* How long the secret is that begins here, the longest where several do; 0: none does. */
static size_t secret_at(const struct forms *forms, const char *data, size_t len)
{
	size_t longest = 0;

	for (size_t i = 0; i < forms->count; i++) {
		const struct text *form = &forms->list[i];

		if (form->data[0] == data[0] && form->len <= len && form->len > longest &&
		    memcmp(form->data, data, form->len) == 0)
			longest = form->len;
	}
	return longest;
}

/* How many bytes there are before the first secret that begins within `window`, or all of
 * that; *ret_len is its length, or 0.
 */
static size_t find_secret(const struct forms *forms, const char *data, size_t len, size_t window,
			  size_t *ret_len)
{
	for (size_t at = 0; at < window; at++) {
		*ret_len = secret_at(forms, data + at, len - at);
		if (*ret_len > 0)
			return at;
	}
	*ret_len = 0;
	return window;
}

bool mask_append(struct text *text, const char *data, size_t len, size_t max, bool is_part,
		 const char *const *secrets)
{
	cleanup(forms)
	struct forms forms = forms_of(secrets);
	const size_t spared = is_part && forms.longest > 0 ? forms.longest - 1 : 0;
	const size_t end = len > spared ? len - spared : 0;
	const size_t before = text->len;
	size_t at = 0;

	while (at < end && text->len - before <= max) {
		const size_t room = max + 1 - (text->len - before);
		const size_t window = end - at < room ? end - at : room;
		size_t secret;
		const size_t plain = find_secret(&forms, data + at, len - at, window, &secret);

		text_append_len(text, data + at, plain);
		text_append(text, secret ? stars : "");
		at += plain + secret;
	}
	return is_part || at < len || text->len - before > max;
}

void mask_append_escaped(struct text *text, const char *data, size_t len,
			 const char *const *secrets)
{
	cleanup(forms)
	struct forms forms = forms_of(secrets);

	while (len > 0 && !text->is_cut) {
		size_t secret;
		const size_t plain = find_secret(&forms, data, len, len, &secret);

		text_append_escaped(text, data, plain);
		if (secret && !text->is_cut)
			text_append_escaped(text, stars, strlen(stars));
		data += plain + secret;
		len -= plain + secret;
	}
}

size_t mask_longest(const char *const *secrets)
{
	cleanup(forms)
	struct forms forms = forms_of(secrets);

	return forms.longest;
}

char *mask_secrets(char *text, const char *const *secrets)
{
	struct text masked = { 0 };

	if (!text || !secrets || !*secrets)
		return text;
	(void)mask_append(&masked, text, strlen(text), SIZE_MAX - 1, false, secrets);
	free(text);
	return text_take(&masked);
}

const char **mask_list(const char *const *secrets, const char *token)
{
	const char **list;
	size_t count = 0;

	while (secrets && secrets[count])
		count++;
	list = memory_new(count + 2, sizeof(*list));
	for (size_t i = 0; i < count; i++)
		list[i] = secrets[i];
	list[count] = token;
	return list;
}
