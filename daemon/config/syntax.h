/* syntax.h - within config/: what is no YAML, in words that help. */
#pragma once

#include <yaml.h>

#include "config/source.h"

/* What libyaml has to say, with the line it stopped at and what to do about it. */
void syntax_refuse(struct source *source, const yaml_parser_t *parser,
		   struct complaints *complaints);
