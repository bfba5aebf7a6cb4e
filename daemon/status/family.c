/* family.c - samples of one family, with the labels of one endpoint. */
#include <string.h>

#include "model/endpoint.h"
#include "probe/probe.h"
#include "status/family.h"

void family_begin(struct printing *printing)
{
	const struct family *family = printing->family;
	const struct endpoint *endpoint = printing->one->endpoint;
	struct exposition *to = printing->to;

	if (!*printing->has_head)
		exposition_family(to, family->name, METRIC_GAUGE, family->help);
	*printing->has_head = true;
	printing->count++;
	exposition_begin(to, family->name);
	if (!endpoint)
		return;
	exposition_label(to, "instance", endpoint->target);
	exposition_label(to, "endpoint", endpoint->name);
	if (endpoint->group)
		exposition_label(to, "group", endpoint->group->name);
	exposition_label(to, "probe", endpoint->type->name);
	for (unsigned i = 0; i < endpoint->labels_count; i++) {
		const struct label *label = &endpoint->labels[i];

		if ((!family->keys[0] || strcmp(label->key, family->keys[0]) != 0) &&
		    (!family->keys[1] || strcmp(label->key, family->keys[1]) != 0))
			exposition_label(to, label->key, label->value);
	}
}

void family_sample(struct printing *printing, double value)
{
	family_begin(printing);
	exposition_value(printing->to, value);
}

void family_sample_with(struct printing *printing, const char *label, double value)
{
	family_begin(printing);
	exposition_label(printing->to, printing->family->keys[0], label);
	exposition_value(printing->to, value);
}
