/* member.h - members of JSON objects: see base/member.h. */
#pragma once

#include "base/member.h"
