/* evidence.c - what is kept of a failing check. */
#include <stdlib.h>

#include "model/evidence.h"

void evidence_free(struct evidence *evidence)
{
	free(evidence->json);
	free(evidence);
}
