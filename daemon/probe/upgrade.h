/* upgrade.h - STARTTLS within a call: asks the server, and begins the handshake. */
#pragma once

struct call; /* probe/call.h */
struct starttls; /* probe/starttls.h */

enum upgrade {
	UPGRADE_WAITS, /* for CALL_RECEIVED, to go on with */
	UPGRADE_SHAKES, /* CALL_SECURED or CALL_FAILED follows */
	UPGRADE_FAILED, /* the call is over, as the observation says */
};

enum upgrade upgrade_step(struct call *call, struct starttls *starttls);
