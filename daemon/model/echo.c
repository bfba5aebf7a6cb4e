/* echo.c - what came back of the echo requests of one check. */
#include <stdlib.h>

#include "model/echo.h"

void echo_facts_free(struct echo_facts *facts)
{
	free(facts);
}
