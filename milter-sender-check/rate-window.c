#include "milter-sender-check/rate-window.h"

#include <stddef.h>
#include <string.h>

void rate_window_turn(struct rate_window *window, uint64_t step)
{
	if (step - window->step >= RATE_SLOTS) {
		memset(window->taken, 0, sizeof(window->taken));
		window->step = step;
	}
	while (window->step < step)
		window->taken[++window->step % RATE_SLOTS] = 0;
}

void rate_window_add(struct rate_window *window, uint32_t amount)
{
	uint32_t *taken = &window->taken[window->step % RATE_SLOTS];

	*taken = amount < UINT32_MAX - *taken ? *taken + amount : UINT32_MAX;
}

uint64_t rate_window_sum(const struct rate_window *window)
{
	uint64_t sum = 0;
	size_t i;

	for (i = 0; i < RATE_SLOTS; i++)
		sum += window->taken[i];
	return sum;
}

uint64_t rate_window_free_at(const struct rate_window *window, uint64_t count)
{
	uint64_t end = window->step, past = 0;

	while (past < count)
		past += window->taken[++end % RATE_SLOTS];
	return end;
}
