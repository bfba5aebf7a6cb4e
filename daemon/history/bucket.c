/* bucket.c - what the checks of a span came to. */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/memory.h"
#include "base/text.h"
#include "history/bucket.h"

enum { HAS_FAILED = 1 << 5, HAS_UNKNOWN = 1 << 6, HAS_ANSWERS = 1 << 7 };
enum { STEP_MAX = 7, COUNT_MAX = 31 };

/* --- In memory ---------------------------------------------------------------------------- */

static void count_many(struct bucket *bucket, unsigned index)
{
	uint16_t *many;

	if (bucket->used != BUCKET_MANY) {
		many = memory_new(SPREADS, sizeof(*many));
		for (unsigned i = 0; i < bucket->used; i++)
			many[bucket->of.pairs.indices[i]] = bucket->of.pairs.counts[i];
		bucket->of.many = many;
		bucket->used = BUCKET_MANY;
	}
	bucket->of.many[index]++;
}

static void count_latency(struct bucket *bucket, usec_t latency)
{
	const uint8_t index = (uint8_t)spread_index(latency);

	for (unsigned i = 0; bucket->used != BUCKET_MANY && i < bucket->used; i++)
		if (bucket->of.pairs.indices[i] == index) {
			bucket->of.pairs.counts[i]++;
			return;
		}
	if (bucket->used >= BUCKET_PAIRS) {
		count_many(bucket, index);
		return;
	}
	bucket->of.pairs.indices[bucket->used] = index;
	bucket->of.pairs.counts[bucket->used++] = 1;
}

void bucket_add(struct bucket *bucket, const struct look_back *check)
{
	const uint32_t latency =
		check->latency < UINT32_MAX ? (uint32_t)check->latency : UINT32_MAX;

	/* More than two a second for a quarter of an hour: the share stays right. */
	if (bucket->checks == UINT16_MAX)
		return;
	bucket->checks++;
	bucket->failed = (uint16_t)(bucket->failed + check->has_failed);
	bucket->unknown = (uint16_t)(bucket->unknown + check->is_unknown);
	if (!check->has_latency)
		return;
	if (bucket->answers == 0 || latency < bucket->least)
		bucket->least = latency;
	if (latency > bucket->greatest)
		bucket->greatest = latency;
	bucket->answers++;
	bucket->sum += latency;
	count_latency(bucket, latency);
}

void bucket_reset(struct bucket *bucket, uint32_t span)
{
	if (bucket->used == BUCKET_MANY)
		free(bucket->of.many);
	*bucket = (struct bucket){ .span = span };
}

/* --- Adding up ---------------------------------------------------------------------------- */

static void add_extremes(struct account *account, usec_t least, usec_t greatest)
{
	if (account->answers == 0 || least < account->least)
		account->least = least;
	if (greatest > account->greatest)
		account->greatest = greatest;
}

void account_add_bucket(struct account *account, const struct bucket *bucket)
{
	if (bucket->answers)
		add_extremes(account, bucket->least, bucket->greatest);
	account->checks += bucket->checks;
	account->failed += bucket->failed;
	account->unknown += bucket->unknown;
	account->answers += bucket->answers;
	account->sum += bucket->sum;
	for (unsigned i = 0; bucket->used == BUCKET_MANY && i < SPREADS; i++)
		account->counts[i] += bucket->of.many[i];
	for (unsigned i = 0; bucket->used != BUCKET_MANY && i < bucket->used; i++)
		account->counts[bucket->of.pairs.indices[i]] += bucket->of.pairs.counts[i];
}

void account_add(struct account *account, const struct account *other)
{
	if (other->answers)
		add_extremes(account, other->least, other->greatest);
	account->checks += other->checks;
	account->failed += other->failed;
	account->unknown += other->unknown;
	account->answers += other->answers;
	account->sum += other->sum;
	for (unsigned i = 0; other->answers && i < SPREADS; i++)
		account->counts[i] += other->counts[i];
}

usec_t account_quantile(const struct account *account, double share)
{
	const double wanted = share * (double)account->answers;
	double seen = 0;

	for (unsigned i = 0; i < SPREADS && account->answers; i++) {
		const double count = (double)account->counts[i];
		const usec_t least = spread_least(i);
		const usec_t next = i + 1 < SPREADS ? spread_least(i + 1) : account->greatest;
		usec_t at;

		if (count == 0 || seen + count < wanted) {
			seen += count;
			continue;
		}
		/* Within a counter they may lie anywhere; as if they were spread evenly. */
		at = least + (usec_t)((double)(next > least ? next - least : 0) *
				      ((wanted - seen) / count));
		if (at < account->least)
			return account->least;
		return at < account->greatest ? at : account->greatest;
	}
	return account->answers ? account->greatest : 0;
}

/* --- As bytes ----------------------------------------------------------------------------- */

static void pack_number_at(struct text *bytes, uint64_t number)
{
	while (number >= 0x80) {
		text_append_char(bytes, (char)(number | 0x80));
		number >>= 7;
	}
	text_append_char(bytes, (char)number);
}

static void pack_counts(const struct account *account, struct text *bytes)
{
	unsigned last = spread_index(account->least);

	for (unsigned i = last; i < SPREADS; i++) {
		const uint32_t count = account->counts[i];
		const unsigned step = i - last;

		if (!count)
			continue;
		text_append_char(bytes, (char)((step < STEP_MAX ? step : STEP_MAX) << 5 |
					       (count <= COUNT_MAX ? count : 0)));
		if (step >= STEP_MAX)
			pack_number_at(bytes, step);
		if (count > COUNT_MAX)
			pack_number_at(bytes, count);
		last = i;
	}
}

void account_pack(const struct account *account, unsigned place, struct text *bytes)
{
	cleanup(text)
	struct text own = { 0 };
	const bool has_fewer = account->answers != account->checks;

	text_append_char(&own, (char)(place | (account->failed ? HAS_FAILED : 0) |
				      (account->unknown ? HAS_UNKNOWN : 0) |
				      (has_fewer ? HAS_ANSWERS : 0)));
	pack_number_at(&own, account->checks);
	if (account->failed)
		pack_number_at(&own, account->failed);
	if (account->unknown)
		pack_number_at(&own, account->unknown);
	if (has_fewer)
		pack_number_at(&own, account->answers);
	if (account->answers) {
		const usec_t mean = account->sum / account->answers;

		pack_number_at(&own, account->least);
		pack_number_at(&own, mean > account->least ? mean - account->least : 0);
		pack_number_at(&own, account->greatest - account->least);
		pack_counts(account, &own);
	}
	pack_number_at(bytes, own.len);
	text_append_len(bytes, own.data, own.len);
}

/* What is read of a file that may be damaged: nothing is read beyond `end`. */
struct reader {
	const unsigned char *at, *end;
	bool is_bad;
};

static uint64_t read_number(struct reader *reader)
{
	uint64_t number = 0;

	for (unsigned shift = 0; shift < 63 && reader->at < reader->end; shift += 7) {
		const unsigned char byte = *reader->at++;

		number |= (uint64_t)(byte & 0x7f) << shift;
		if (!(byte & 0x80))
			return number;
	}
	reader->is_bad = true;
	return 0;
}

static void read_counts(struct reader *reader, struct account *account)
{
	uint64_t index = spread_index(account->least);

	while (reader->at < reader->end) {
		const unsigned char byte = *reader->at++;
		uint64_t step = byte >> 5, count = byte & COUNT_MAX;

		if (step == STEP_MAX)
			step = read_number(reader);
		if (count == 0)
			count = read_number(reader);
		if (reader->is_bad || step >= SPREADS - index) {
			reader->is_bad = true;
			return;
		}
		index += step;
		account->counts[index] += (uint32_t)count;
	}
}

static void read_latency(struct reader *reader, struct account *account)
{
	usec_t mean;

	account->least = read_number(reader);
	mean = account->least + read_number(reader);
	account->greatest = account->least + read_number(reader);
	account->sum = mean * account->answers;
	if (!reader->is_bad)
		read_counts(reader, account);
}

bool account_unpack(const char *bytes, size_t len, size_t *at,
		    struct account *(*choose)(unsigned place, void *context), void *context)
{
	const unsigned char *start = (const unsigned char *)bytes;
	struct reader reader = { .at = start + *at, .end = start + len };
	struct account one = { 0 }, *account;
	unsigned char head;
	uint64_t own;

	if (*at >= len)
		return false;
	own = read_number(&reader);
	if (reader.is_bad || own == 0 || own > (uint64_t)(reader.end - reader.at))
		return false;
	reader.end = reader.at + own;
	head = *reader.at++;
	one.checks = read_number(&reader);
	one.failed = head & HAS_FAILED ? read_number(&reader) : 0;
	one.unknown = head & HAS_UNKNOWN ? read_number(&reader) : 0;
	one.answers = head & HAS_ANSWERS ? read_number(&reader) : one.checks;
	if (one.answers)
		read_latency(&reader, &one);
	if (reader.is_bad)
		return false;
	*at = (size_t)(reader.end - start);
	account = choose(head & (PLACES_MAX - 1), context);
	if (account)
		account_add(account, &one);
	return true;
}
