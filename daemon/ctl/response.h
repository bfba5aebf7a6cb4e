/* response.h - a stored HTTP response, as `curl -i` prints it.
 *
 * With CRLF or LF, and with one head or several of them (100 Continue, a proxy's
 * answer to CONNECT, the hops that -L followed): the last counts.
 */
#pragma once

#include "model/observation.h"

/* Fills in status, version, redirects, headers and body; what a stored response
 * does not say, such as how long it took, stays absent.  0, or -EINVAL where it
 * does not begin with a status line.
 */
int response_read(const char *data, size_t len, struct observation *ret);
