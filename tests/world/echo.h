/* echo.h - the request as a JSON document, for tests of what is on the wire. */
#pragma once

struct conn;
struct text;

/* {"method","target","version","headers":[[name,value]…],"body","local","tls":{…}} */
void echo_print(struct text *text, const struct conn *conn);
