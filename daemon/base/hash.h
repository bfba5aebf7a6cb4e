/* hash.h - SipHash-2-4: places in an interval, and tables keyed by names.
 *
 * Source: Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct hash_key {
	uint64_t low, high;
};

uint64_t hash_bytes(const struct hash_key *key, const void *data, size_t len);

/* The same for the same name on every machine and in every run: places in the
 * schedule come from it.
 */
uint64_t hash_name(const char *name);
