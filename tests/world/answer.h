/* answer.h - what a step does to a request. */
#pragma once

struct conn;

/* conn->step is set.  Calls conn_finished() or conn_end() when it is over, now or later. */
void answer_start(struct conn *conn);
/* All that was sent has left. */
void answer_written(struct conn *conn);
/* The connection's timer has run. */
void answer_tick(struct conn *conn);
