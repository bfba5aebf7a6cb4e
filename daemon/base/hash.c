/* hash.c - SipHash-2-4. */
#include <endian.h>
#include <string.h>

#include "base/hash.h"

struct sip {
	uint64_t a, b, c, d;
};

static inline uint64_t rotate(uint64_t value, unsigned bits)
{
	return value << bits | value >> (64 - bits);
}

/* In line, so that all four words stay in registers. */
__attribute__((always_inline)) static inline void sip_round(struct sip *sip)
{
	sip->a += sip->b;
	sip->b = rotate(sip->b, 13) ^ sip->a;
	sip->a = rotate(sip->a, 32);
	sip->c += sip->d;
	sip->d = rotate(sip->d, 16) ^ sip->c;
	sip->a += sip->d;
	sip->d = rotate(sip->d, 21) ^ sip->a;
	sip->c += sip->b;
	sip->b = rotate(sip->b, 17) ^ sip->c;
	sip->c = rotate(sip->c, 32);
}

__attribute__((always_inline)) static inline void sip_word(struct sip *sip, uint64_t word)
{
	sip->d ^= word;
	sip_round(sip);
	sip_round(sip);
	sip->a ^= word;
}

uint64_t hash_bytes(const struct hash_key *key, const void *data, size_t len)
{
	struct sip sip = {
		.a = key->low ^ 0x736f6d6570736575ull,
		.b = key->high ^ 0x646f72616e646f6dull,
		.c = key->low ^ 0x6c7967656e657261ull,
		.d = key->high ^ 0x7465646279746573ull,
	};
	const unsigned char *bytes = data;
	uint64_t word;
	size_t i;

	for (i = 0; i + 8 <= len; i += 8) {
		memcpy(&word, bytes + i, sizeof(word));
		sip_word(&sip, le64toh(word));
	}
	word = (uint64_t)len << 56;
	for (unsigned byte = 0; i + byte < len; byte++)
		word |= (uint64_t)bytes[i + byte] << 8 * byte;
	sip_word(&sip, word);
	sip.c ^= 0xff;
	for (int final = 0; final < 4; final++)
		sip_round(&sip);
	return sip.a ^ sip.b ^ sip.c ^ sip.d;
}

uint64_t hash_name(const char *name)
{
	static const struct hash_key key = { 0x7069636b65742e31ull, 0x7363686564756c65ull };

	return hash_bytes(&key, name, strlen(name));
}
