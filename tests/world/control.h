/* control.h - the paths below /_ : questions to the world and orders to it. */
#pragma once

struct conn;
struct world;

void control_answer(struct conn *conn);
/* Looks after those that wait; the world's timer calls it. */
void control_tick(struct world *world);
