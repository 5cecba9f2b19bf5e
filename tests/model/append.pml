/*
 * append.pml - an append, kills and a power cut: P1 and P2.  Its steps are those that the opening
 * comments of these files name in brackets: store.c store/turn.c store/tail.c
 *
 * A log is a sequence of cells, each a line or BROKEN.  What processes see is cells; what a power
 * cut leaves of it is disk where that is the same, and anything where it is not.  One writer
 * appends two lines at once (batch.c), another one line.  Any process can be killed between any
 * two steps and within a write, a sync can fail, a line that is durable can be damaged, and the
 * power can be cut once.  After that, two writers more append, and then all must be right.
 *
 * A writer can be killed between a sync that failed and the undo.  The kernel tells nobody else
 * that it will not write the lines, so they stay, and others are appended after them: P1 holds, but a
 * power cut leaves them broken before acknowledged ones (msgext(8), Its limits).
 *
 * Not here: a sync that fails within a repair.  Whole lines that it writes back were never
 * acknowledged, except after damage, and NAME.torn has them.
 */
#include "steps.pml"

#define STEP_lock 1 /* P1 */
#define STEP_judge 2 /* P2 */
#define STEP_gaps 3 /* P2 */
#define STEP_keep 4 /* P2 */
#define STEP_cut 5 /* P2 */
#define STEP_back 6 /* P1 */
#define STEP_name 7 /* P1 */
#define STEP_write 8 /* P1 */
#define STEP_sync 9 /* P1 */
#define STEP_undo 10 /* P2 */

#define MOST 7

byte cells[MOST], count;	/* in memory */
byte disk[MOST], disk_count;	/* what the last sync has written */
bool dropped[MOST];		/* a sync of it failed: the kernel will not write it again */
bool name, disk_name;		/* is the log's name there? */
byte back[MOST];		/* whole lines that are to be written back */
byte torn;			/* lines that NAME.torn has, durable */
bool torn_broken;		/* and what is broken */
byte acknowledged;		/* lines */
byte damaged;			/* lines that are excused */
bool restarted;			/* the last write to the log was before this machine started */
bool dark;			/* the power was cut: the first writers are gone */
bool unheard;			/* who was told of a failed sync was killed before the undo */
byte holder;			/* who has the lock */
byte kills = KILLS, faults = FAULTS;	/* how many more there may be */

/* P1 and P2, at any time: what was acknowledged is there, and nothing broken is before it. */
inline check(i, have, hole) {
	d_step {
		i = 0; have = 0; hole = false;
		do
		:: i < count && cells[i] == BROKEN -> hole = true; i++
		:: i < count && cells[i] != BROKEN ->
			PROMISE(P2, !hole || damaged != 0 || unheard || (acknowledged & BIT(cells[i])) == 0);
			have = have | BIT(cells[i]);
			i++
		:: else -> break
		od;
		PROMISE(P1, (acknowledged & ~(have | damaged)) == 0);
		i = 0; have = 0; hole = false
	}
}

inline append(line) {
	d_step {
		assert(count < MOST);
		cells[count] = line;
		dropped[count] = false;
		count++;
		restarted = false
	}
}

/* The kernel writes all that it has to write. */
inline sync(i) {
	d_step {
		i = 0;
		do
		:: i < count -> disk[i] = (dropped[i] -> BROKEN : cells[i]); i++
		:: else -> break
		od;
		disk_count = count;
		i = 0
	}
}

/* It reports once that it could not, and takes all for written. */
inline sync_fail(i) {
	d_step {
		faults--;
		i = 0;
		do
		:: i < count ->
			dropped[i] = dropped[i] || i >= disk_count || disk[i] != cells[i];
			i++
		:: else -> break
		od;
		i = 0
	}
}

/* The tail is judged; what is broken of it is set aside, and cut, and what is whole comes back. */
inline repair(i, from, to) {
	d_step {
		from = count;
		if
		:: STEP(judge) && count > 0 && cells[count - 1] == BROKEN -> from = 0
		:: STEP(gaps) && restarted -> from = 0
		:: else -> skip
		fi;
		do
		:: from < count && cells[from] != BROKEN -> from++
		:: else -> break
		od
	}
	if
	:: from < count ->
		if
		:: STEP(keep) ->
			d_step {
				torn_broken = true;
				i = from;
				do
				:: i < count && cells[i] != BROKEN -> torn = torn | BIT(cells[i]); i++
				:: i < count && cells[i] == BROKEN -> i++
				:: else -> break
				od;
				i = 0
			}
			MAY_DIE
		:: else -> skip
		fi;
		PROMISE(P2, torn_broken); /* set aside, never deleted */
		if
		:: STEP(cut) ->
			d_step {
				/* The whole lines among them are in memory, as cells of one that does not run. */
				i = from;
				to = 0;
				do
				:: i < count ->
					if
					:: cells[i] != BROKEN -> back[to] = cells[i]; to++
					:: else -> skip
					fi;
					i++
				:: else -> break
				od;
				count = from;
				restarted = false;
				i = 0
			}
			MAY_DIE;
			d_step {
				if
				:: !STEP(back) -> to = 0
				:: else -> skip
				fi;
				i = 0;
				do
				:: i < to -> append(back[i]); i++
				:: else -> break
				od;
				i = 0;
				to = 0
			}
			MAY_DIE;
			sync(i)
		:: else -> skip
		fi
	:: else -> skip
	fi;
	from = 0
}

/* Appends the line me, or the lines me and me + 1. */
inline turn(me, lines, i, have, from, size, hole) {
	d_step {
		if
		:: !name -> name = true; count = 0; disk_count = 0
		:: else -> skip
		fi
	}
	if
	:: STEP(lock) -> atomic { holder == 0 -> holder = me }
	:: else -> skip
	fi;
	repair(i, from, have);
	MAY_DIE;
	size = count;
	if
	:: STEP(name) && size == 0 -> disk_name = name
	:: else -> skip
	fi;
	MAY_DIE;
	if
	:: STEP(write) ->
		if
		:: kills > 0 -> atomic { kills--; append(BROKEN); goto dead } /* in the middle */
		:: append(me)
		fi;
		if
		:: lines == 2 ->
			if
			:: kills > 0 -> atomic { kills--; append(BROKEN); goto dead }
			:: append(me + 1)
			fi
		:: else -> skip
		fi
	:: else -> skip
	fi;
	MAY_DIE;
	if
	:: STEP(sync) ->
		if
		:: faults > 0 ->
			sync_fail(i);
			if
			:: kills > 0 -> atomic { kills--; unheard = true; goto dead }
			:: skip
			fi;
			if
			:: STEP(undo) -> count = size
			:: else -> skip
			fi;
			goto dead
		:: sync(i)
		fi
	:: else -> skip
	fi;
	atomic {
		acknowledged = acknowledged | BIT(me);
		if
		:: lines == 2 -> acknowledged = acknowledged | BIT(me + 1)
		:: else -> skip
		fi;
		check(i, have, hole)
	}
dead:
	atomic {
		if
		:: holder == me -> holder = 0
		:: else -> skip
		fi;
		check(i, have, hole)
	}
}

proctype writer(byte me; byte lines) provided (!dark) {
	byte i, have, from, size;
	bool hole;

	turn(me, lines, i, have, from, size, hole)
}

proctype writer_after(byte me) provided (dark) {
	byte i, have, from, size;
	bool hole;

	turn(me, 1, i, have, from, size, hole)
}

/* A line that was durable is damaged, by a disk or an editor. */
proctype damage() provided (!dark) {
	atomic {
		disk_count > 1 && count >= disk_count && disk[0] == cells[0] && cells[0] != BROKEN &&
		    holder == 0;
		damaged = BIT(cells[0]);
		cells[0] = BROKEN;
		disk[0] = BROKEN
	}
}

inline power_cut(i, size) {
	dark = true;
	holder = 0;
	restarted = true;
	size = (count > disk_count -> count : disk_count);
	if
	:: !disk_name -> name = false; count = 0; disk_count = 0
	:: size = (count < disk_count -> count : disk_count)
	:: skip
	fi;
	i = 0;
	do
	:: name && i < size ->
		if
		:: i < count && i < disk_count && cells[i] == disk[i] && !dropped[i] -> skip
		:: i < disk_count && (i >= count || cells[i] != disk[i] || dropped[i]) -> cells[i] = disk[i]
		:: i < count && (i >= disk_count || cells[i] != disk[i]) && !dropped[i] -> skip
		:: i >= disk_count || i >= count || cells[i] != disk[i] -> cells[i] = BROKEN
		fi;
		disk[i] = cells[i];
		dropped[i] = false;
		i++
	:: else -> break
	od;
	if
	:: name -> count = size; disk_count = size
	:: else -> skip
	fi
}

init {
	byte i, size, have;
	bool hole;

	BEGIN;
	atomic { run writer(1, 2); run writer(3, 1); run damage() }
	atomic { power_cut(i, size); check(i, have, hole); kills = 0; faults = 0 }
	atomic { run writer_after(4); run writer_after(5) }
}
