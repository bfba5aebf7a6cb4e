/* upgrade.c - STARTTLS within a call. */
#include "probe/upgrade.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "probe/call.h"
#include "probe/starttls.h"

static const char *const refusals[] = {
	[STARTTLS_NONE] = NULL,
	[STARTTLS_SMTP] = "the SMTP server at % refuses STARTTLS",
	[STARTTLS_IMAP] = "the IMAP server at % refuses STARTTLS",
	[STARTTLS_POP3] = "the POP3 server at % refuses STLS",
	[STARTTLS_FTP] = "the FTP server at % refuses AUTH TLS",
	[STARTTLS_XMPP] = "the XMPP server at % does not offer STARTTLS",
	[STARTTLS_LDAP] = "the LDAP server at % refuses StartTLS",
	[STARTTLS_POSTGRES] = "the PostgreSQL server at % does not speak TLS",
	[STARTTLS_MYSQL] = "the MySQL server at % does not speak TLS",
};

static const char *const nonsense[] = {
	[STARTTLS_NONE] = NULL,
	[STARTTLS_SMTP] = "what % answered is not SMTP",
	[STARTTLS_IMAP] = "what % answered is not IMAP",
	[STARTTLS_POP3] = "what % answered is not POP3",
	[STARTTLS_FTP] = "what % answered is not FTP",
	[STARTTLS_XMPP] = "what % answered is not XMPP",
	[STARTTLS_LDAP] = "what % answered is not LDAP",
	[STARTTLS_POSTGRES] = "what % answered is not PostgreSQL",
	[STARTTLS_MYSQL] = "what % answered is not MySQL",
};

enum upgrade upgrade_step(struct call *call, struct starttls *starttls)
{
	size_t len, used;
	const char *data = call_received(call, &len);
	cleanup(text)
	struct text say = { 0 };
	const enum starttls_next next = starttls_step(starttls, data, len, &used, &say);

	call_take(call, used);
	if (say.len > 0)
		call_send(call, say.data, say.len);
	switch (next) {
	case STARTTLS_GOES:
		return call_secure(call) ? UPGRADE_SHAKES : UPGRADE_FAILED;
	case STARTTLS_REFUSED:
		call_fail_in(call, CLASS_tls_not_tls, PHASE_TLS, refusals[starttls->protocol]);
		return UPGRADE_FAILED;
	case STARTTLS_WAITS:
		/* So much without an end is no answer either. */
		if (len - used < call->room)
			return UPGRADE_WAITS;
		break;
	case STARTTLS_NONSENSE:
		break;
	}
	call_fail(call, CLASS_malformed_reply, nonsense[starttls->protocol]);
	return UPGRADE_FAILED;
}
