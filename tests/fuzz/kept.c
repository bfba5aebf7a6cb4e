/* kept.c - rows of a store in which anything may stand: what makes no sense is left out.
 *
 * A byte says of which statement; then for each value a byte of its kind, and the value.
 *
 * Over: model/kept.c model/kept_incident.c model/kept_pulse.c model/kept_silence.c store/row.c
 * model/evidence.c model/pulse.c alert/resume.c alert/silences.c history/timeline.c
 * history/bucket.c history/return.c
 */
#include "model/kept.h"
#include "alert/alert.h"
#include "alert/silences.h"
#include "alert/teller.h"
#include "base/memory.h"
#include "fuzz.h"
#include "history/bucket.h"
#include "history/history.h"
#include "model/kept_incident.h"
#include "model/kept_pulse.h"
#include "model/kept_silence.h"
#include "model/pulse.h"
#include "model/roster.h"
#include "store/row.h"
#include "store/schema.h"

/* How many values a row has: so many columns its SELECT has. */
static const struct {
	enum store_read statement;
	unsigned values;
} statements[] = {
	{ STORE_READ_SILENCES, 8 },	 { STORE_READ_ENDPOINTS, 28 }, { STORE_READ_PULSES, 7 },
	{ STORE_READ_INCIDENTS, 18 },	 { STORE_READ_TOLD, 8 },       { STORE_READ_MARKS, 4 },
	{ STORE_READ_NOTIFICATIONS, 7 }, { STORE_READ_ABSENCES, 2 },
};

enum { STATEMENTS = sizeof(statements) / sizeof(statements[0]), ROWS_MAX = 8 };

/* What there is to take up, as at a start. */
struct house {
	struct roster roster;
	struct alert *alert;
	struct teller *teller;
	struct history *history;
	struct silences *silences;
};

static const struct endpoint endpoint = { .name = "shop", .interval = 30 * USEC_PER_SEC };

static void deliver(struct notification *notification, const struct receiver *receiver,
		    void *context)
{
	(void)notification;
	(void)receiver;
	(void)context;
}

static void told(const struct incident *incident, enum incident_move move, void *context)
{
	(void)incident;
	(void)move;
	(void)context;
}

static void add_value(struct fuzz *input, struct pack *pack)
{
	const uint8_t kind = fuzz_byte(input);
	struct fuzz part = { input->data, fuzz_byte(input) };
	int64_t number = 0;
	char *text;
	size_t len;

	if (kind % 4 == STORE_NUMBER) {
		part.len = part.len % (sizeof(number) + 1);
		part.len = part.len < input->len - (input->len > 0) ? part.len : 0;
		memcpy(&number, input->data, part.len);
		pack_number(pack, number);
		input->data += part.len;
		input->len -= part.len;
		return;
	}
	if (kind % 4 == STORE_NULL) {
		pack_text(pack, NULL);
		return;
	}
	part.data = input->data;
	part.len = part.len < input->len ? part.len : input->len;
	input->data += part.len;
	input->len -= part.len;
	text = fuzz_rest(&part, &len);
	/* SQLite gives texts and bytes as they are, a NUL within included. */
	if (kind % 4 == STORE_TEXT)
		pack_text(pack, text);
	else
		pack_bytes(pack, text, len);
	free(text);
}

static struct account *any(unsigned place, void *context)
{
	assert(place < PLACES_MAX);
	return context;
}

/* Bytes of a column are counted checks, or nothing. */
static void count(const struct store_row *row)
{
	for (unsigned i = 0; i < row->count; i++) {
		const struct store_value *value = &row->values[i];
		struct account account = { 0 };
		size_t at = 0;

		if (value->kind != STORE_BYTES)
			continue;
		while (account_unpack(value->data, value->len, &at, any, &account))
			assert(at <= value->len);
		(void)account_quantile(&account, 0.95);
	}
}

static void take(struct house *house, const struct store_row *row, struct pack *gone)
{
	struct watch *watch = house->roster.watches[0];

	switch (row->statement) {
	case STORE_READ_SILENCES:
		silences_load(house->silences, row, clock_wall(), clock_boot(), gone);
		break;
	case STORE_READ_ENDPOINTS:
		(void)kept_name(row);
		/* What is taken can be kept again. */
		if (kept_take_watch(watch, row))
			kept_pack_watch(watch, gone);
		break;
	case STORE_READ_PULSES:
		if (kept_take_pulse(watch, row, (struct instant){ clock_boot(), clock_wall() }))
			kept_pack_pulse(watch, gone);
		break;
	case STORE_READ_INCIDENTS:
	case STORE_READ_TOLD:
		alert_take(house->alert, row);
		break;
	case STORE_READ_NOTIFICATIONS:
		teller_take_notification(house->teller, row, clock_now());
		break;
	default:
		history_take(house->history, &house->roster, row, gone);
		break;
	}
	count(row);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const struct history_settings settings = { 14 * USEC_PER_DAY, 400 * USEC_PER_DAY, 1 << 30 };
	struct fuzz input = { data, len };
	struct house house = { 0 };
	struct pack rows = { 0 }, gone = { 0 };
	struct watch **names = memory_new(1, sizeof(*names));
	struct store_row row;
	size_t at = 0;

	roster_init(&house.roster);
	names[0] = roster_add(&house.roster, &endpoint, NULL);
	names[0]->pulse = pulse_new();
	roster_set_names(&house.roster, names, 1);
	house.history = history_new(NULL, &settings);
	history_enter(house.history, names[0]);
	house.teller = teller_new(deliver, NULL);
	house.alert = alert_new(house.teller, told, NULL);
	house.silences = silences_new();

	for (unsigned i = 0; i < ROWS_MAX && input.len > 0; i++) {
		const unsigned which = fuzz_byte(&input) % STATEMENTS;

		pack_begin(&rows, statements[which].statement);
		for (unsigned value = 0; value < statements[which].values; value++)
			add_value(&input, &rows);
	}
	while (pack_next(&rows, &at, &row))
		take(&house, &row, &gone);
	history_loaded(house.history, &gone);
	alert_loaded(house.alert, &house.roster, clock_moment(), &gone);

	silences_free(house.silences);
	alert_free(house.alert);
	teller_free(house.teller);
	history_free(house.history);
	roster_done(&house.roster);
	pack_done(&rows);
	pack_done(&gone);
	return 0;
}
