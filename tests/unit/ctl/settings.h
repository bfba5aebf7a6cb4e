/* settings.h - stands in for picketctl's options. */
#pragma once

#include "ctl/ctl.h"

extern struct ctl_settings test_settings;
