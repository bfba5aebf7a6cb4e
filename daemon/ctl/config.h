/* config.h - the effective configuration, as picketctl shows it. */
#pragma once

#include <jansson.h>

struct text;

/* "key: value    # FILE:LINE", a line each; mappings are indented. */
void config_print(struct text *text, json_t *config, unsigned depth);
