/* notify.h - what we tell systemd about ourselves.
 *
 * Source: sd_notify(3), sd_watchdog_enabled(3).  Errors: none; without a service
 * manager every call does nothing.  Loop thread only, so a stuck loop is a missed
 * watchdog.
 */
#pragma once

#include <stdbool.h>

#include "base/clock.h"

struct event_base;
struct watchdog;

void notify_ready(void);
void notify_stopping(void);
/* A reload has begun (RELOADING=1 with MONOTONIC_USEC=now); notify_ready() says that it
 * is over, well or not.
 */
void notify_reloading(void);
/* One line for `systemctl status`. */
void notify_status(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* The start, reload or stop under way takes this much longer. */
void notify_extend(usec_t by);

/* Feeds the service manager's watchdog every quarter of its period as long as
 * `is_alive` says so.  NULL where nobody watches.  Make it after notify_ready().
 */
struct watchdog *watchdog_new(struct event_base *base, bool (*is_alive)(void *context),
			      void *context);
void watchdog_free(struct watchdog *watchdog);
