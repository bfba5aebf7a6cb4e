/* schema.c - the tables of the file, version by version. */
#include "store/schema.h"

const char *const schema_writes[STORE_WRITES] = {
#define WRITE(name, sql) sql,
#include "store/statements.inc"
#undef WRITE
};

const char *const schema_reads[STORE_READS] = {
#define READ(name, sql) sql,
#include "store/statements.inc"
#undef READ
};

const char *const schema_asks[STORE_ASKS] = {
#define ASK(name, sql) sql,
#include "store/statements.inc"
#undef ASK
};

const char *const schema_steps[] = {
	/* 1: what is known of each endpoint, and of the run that wrote it */
	"CREATE TABLE meta (key TEXT PRIMARY KEY, value) WITHOUT ROWID;"
	"CREATE TABLE endpoints ("
	" name TEXT PRIMARY KEY,"
	" state TEXT NOT NULL, paused INTEGER NOT NULL, since INTEGER NOT NULL,"
	" fails INTEGER, failing_since INTEGER, bad INTEGER, bad_since INTEGER,"
	" answers INTEGER, answering_since INTEGER, passes INTEGER, passing_since INTEGER,"
	" locals INTEGER, local_since INTEGER,"
	" checked_at INTEGER, latency INTEGER, lateness INTEGER, phases TEXT,"
	" verdict TEXT, class TEXT, phase TEXT, reason TEXT, address TEXT,"
	" recent BLOB, evidence TEXT);",
	/* 2: incidents */
	"CREATE TABLE incidents ("
	" id TEXT PRIMARY KEY, endpoint TEXT, grp TEXT, severity TEXT NOT NULL,"
	" state TEXT NOT NULL, class TEXT, phase TEXT, reason TEXT, started_at INTEGER NOT NULL,"
	" confirmed_at INTEGER, ended_at INTEGER, end TEXT NOT NULL, transition INTEGER NOT NULL,"
	" acknowledged_at INTEGER, acknowledged_by TEXT, comment TEXT);",
	/* 3: who was told, and what is on its way */
	"ALTER TABLE incidents ADD COLUMN notable INTEGER NOT NULL DEFAULT 1;"
	"CREATE TABLE told ("
	" incident TEXT NOT NULL, receiver TEXT NOT NULL, grp TEXT NOT NULL,"
	" transition INTEGER NOT NULL, sequence INTEGER NOT NULL, event TEXT, at INTEGER,"
	" failed INTEGER NOT NULL, PRIMARY KEY (incident, receiver)) WITHOUT ROWID;"
	"CREATE TABLE notifications ("
	" id TEXT PRIMARY KEY, receiver TEXT NOT NULL, grp TEXT NOT NULL,"
	" sequence INTEGER NOT NULL, event TEXT NOT NULL, created_at INTEGER NOT NULL,"
	" body TEXT NOT NULL);",
	/* 4: programs that could not tell */
	("ALTER TABLE endpoints ADD COLUMN unsaid INTEGER;"
	 "ALTER TABLE endpoints ADD COLUMN unsaid_since INTEGER;"),
	/* 5: incidents have the labels of their beginning; what is over is a recovery */
	("ALTER TABLE incidents ADD COLUMN labels TEXT;"
	 "UPDATE told SET event = 'recovery' WHERE event = 'resolved';"
	 "UPDATE notifications SET event = 'recovery' WHERE event = 'resolved';"),
	/* 6: what became of each message */
	("ALTER TABLE told ADD COLUMN state TEXT NOT NULL DEFAULT 'sent';"
	 "UPDATE told SET state = 'given_up' WHERE failed;"
	 "UPDATE told SET state = 'queued' WHERE EXISTS (SELECT 1 FROM notifications AS n"
	 " WHERE n.receiver = told.receiver AND n.grp = told.grp AND n.sequence = told.sequence);"
	 "ALTER TABLE told DROP COLUMN failed;"
	 "CREATE INDEX told_by_message ON told (receiver, grp, sequence);"),
	/* 7: the beats that were heard */
	"CREATE TABLE pulses ("
	" name TEXT PRIMARY KEY, last TEXT, ended_at INTEGER NOT NULL, began_at INTEGER NOT NULL,"
	" took INTEGER, message TEXT, waits_since INTEGER NOT NULL) WITHOUT ROWID;",
	/* 8: history.  `endpoint` is the hash of its name, for rows are many and small; they are
	 * ordered by time first, so that what comes and what goes lies together.
	 */
	("CREATE TABLE marks ("
	 " name TEXT NOT NULL, at INTEGER NOT NULL, mark INTEGER NOT NULL, lump BLOB,"
	 " PRIMARY KEY (name, at)) WITHOUT ROWID;"
	 "CREATE TABLE absences (began INTEGER PRIMARY KEY, ended INTEGER NOT NULL);"
	 "CREATE TABLE minutes ("
	 " hour INTEGER NOT NULL, endpoint INTEGER NOT NULL, data BLOB NOT NULL,"
	 " PRIMARY KEY (hour, endpoint)) WITHOUT ROWID;"
	 "CREATE TABLE hours ("
	 " day INTEGER NOT NULL, endpoint INTEGER NOT NULL, data BLOB NOT NULL,"
	 " PRIMARY KEY (day, endpoint)) WITHOUT ROWID;"),
	/* 9: silences */
	"CREATE TABLE silences ("
	" id TEXT PRIMARY KEY, glob TEXT NOT NULL, grp TEXT, labels BLOB, made_at INTEGER NOT NULL,"
	" ends_at INTEGER NOT NULL, made_by TEXT, comment TEXT);",
	/* 10: who was good some time; of those of before nobody knows, and rather one is told */
	"ALTER TABLE endpoints ADD COLUMN was_good INTEGER NOT NULL DEFAULT 1;",
	/* 11: when each was told first, and why at all */
	("ALTER TABLE told ADD COLUMN first_at INTEGER NOT NULL DEFAULT 0;"
	 "ALTER TABLE told ADD COLUMN why TEXT NOT NULL DEFAULT 'notify';"
	 "UPDATE told SET first_at = coalesce(at, 0);"),
};

const int schema_version = sizeof(schema_steps) / sizeof(schema_steps[0]);
