/*
 * steps.pml - what the models share.
 *
 * A step of the protocol is STEP(name) in the models, and [name] in the opening comments of the
 * sources that do it.  pan leaves out the one whose number is in the environment as WITHOUT: then
 * it must find that the promise is broken that stands beside the step's number.
 */
c_decl {
\#include <stdlib.h>
}

byte without;	/* a step's number, or 0 */

#define STEP(name) (without != STEP_##name)
#define BEGIN c_code { now.without = getenv("WITHOUT") == NULL ? 0 : atoi(getenv("WITHOUT")); }

/*
 * What is promised, by its number in msgext(8), or: a line is stored once; what is acknowledged is
 * printed, and shipped; what is refused is not shipped.  pan prints the name.
 */
hidden byte promise_P1, promise_P2, promise_once, promise_printing, promise_shipping, promise_refusal;
#define PROMISE(name, condition) assert(promise_##name || (condition))

#define BROKEN 15	/* in a line's place: what a crash left of it */
#define BIT(line) (1 << (line))

/* make check tries less where no step is left out; check-long has LARGE: more kills, more calls that fail. */
#ifndef LARGE
#define LARGE 0
#endif
#define SMALL (without == 0 && !LARGE)
#define KILLS (1 + LARGE)
#define FAULTS (1 + LARGE)

/* A process can be killed here. */
#define MAY_DIE \
	if \
	:: kills > 0 -> atomic { kills--; goto dead } \
	:: skip \
	fi
