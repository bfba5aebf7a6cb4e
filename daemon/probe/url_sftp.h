/* url_sftp.h - the conversation with an SFTP server, which a process of its own has.
 *
 * It begins with a call that is connected, and ends with the call over, as its observation
 * says.  Loop thread only.
 */
#pragma once

#include <stdbool.h>

struct call; /* probe/call.h */
struct check; /* model/check.h */
struct child; /* loop/child.h */
struct url_options; /* probe/url.h */

typedef void sftp_talk_done(void *context);

struct sftp_talk {
	const struct url_options *options; /* borrowed, as all that follow */
	struct call *call;
	struct check *check;
	sftp_talk_done *done;
	void *context;
	struct child *child; /* NULL: it does not run */
};

/* done() comes in a later turn, at the check's deadline too. */
void sftp_talk_start(struct sftp_talk *talk);
/* Silent; fine where it does not run. */
void sftp_talk_stop(struct sftp_talk *talk);
