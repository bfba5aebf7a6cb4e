/* budget.c - what judging one check may cost.
 *
 * Asking for a thread's CPU time is a system call of most of a microsecond,
 * asking for the time of day is not.  As CPU time cannot pass faster than real
 * time, the first is asked for only when enough of the second has passed.
 */
#include <errno.h>

#include "expect/budget.h"

#define STEPS_BETWEEN_LOOKS 256u
#define USEC_BETWEEN_LOOKS  (USEC_PER_MS / 2)

void budget_init(struct budget *budget, usec_t cpu, uint64_t steps)
{
	*budget = (struct budget){
		.cpu = cpu,
		.looked = clock_now(),
		.steps = steps,
	};
}

/* Most evaluations are over before anybody looks, and never ask.  What passed before the
 * first look is not counted: it is bounded by the steps and the time between looks.
 */
static usec_t cpu_now(struct budget *budget)
{
	const usec_t now = clock_thread_cpu();

	if (!budget->is_begun) {
		budget->is_begun = true;
		budget->ends = now + budget->cpu;
	}
	return now;
}

int budget_look(struct budget *budget)
{
	usec_t now;

	if (budget->error)
		return budget->error;
	budget->unlooked = 0;
	now = clock_now();
	if (now - budget->looked < USEC_BETWEEN_LOOKS)
		return 0;
	budget->looked = now;
	if (cpu_now(budget) >= budget->ends)
		budget->error = -ETIMEDOUT;
	return budget->error;
}

int budget_spend(struct budget *budget, unsigned steps)
{
	if (budget->error)
		return budget->error;
	if (steps > budget->steps)
		return budget->error = -E2BIG;
	budget->steps -= steps;
	budget->unlooked += steps;
	return budget->unlooked < STEPS_BETWEEN_LOOKS ? 0 : budget_look(budget);
}

usec_t budget_left(struct budget *budget)
{
	const usec_t now = cpu_now(budget);

	return budget->error || now >= budget->ends ? 0 : budget->ends - now;
}

usec_t budget_pause(const struct budget *budget)
{
	return budget->is_begun ? clock_thread_cpu() : 0;
}

void budget_resume(struct budget *budget, usec_t paused)
{
	if (paused)
		budget->ends += clock_thread_cpu() - paused;
}
