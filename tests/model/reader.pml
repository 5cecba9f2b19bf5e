/*
 * reader.pml - who reads a log while it is written: log --follow, which prints what is
 * acknowledged, and msgext-ship, which ships that and nothing that is refused (P3).  Its steps are
 * those that the opening comments of these files name in brackets: ctl/follow.c ship/msgext-ship.c
 *
 * A log is a sequence of cells, each a line or BROKEN, all of one length: so another line can come
 * into the very place of one that was taken back.  At the beginning it is whole, or ends in a
 * broken line, or a power cut has left a broken line before whole ones.  One writer appends two
 * lines by one write, another one line.  A writer repairs the tail first, as append.pml has it, can
 * be killed between any two steps and within its write, and takes its lines back where its sync
 * fails.  Once the log gets another file, but not in make check: it is renamed, and the next writer
 * makes a new one, or a compaction puts one in its place that repeats what the old one says, by one
 * snapshot at its end.
 *
 * The shipper reads line by line while writers go on.  The follower reads what is new at once; the
 * program does so in parts of 256 KiB.  It waits two seconds for a writer that has the lock of a
 * renamed log; the model waits for ever.  A line whose writer was killed between a sync that failed
 * and the undo was neither acknowledged nor refused: it may be shipped.
 */
#include "steps.pml"

#define STEP_back 1 /* printing */
#define STEP_settled 2 /* printing */
#define STEP_wait 3 /* printing */
#define STEP_rest 4 /* printing */
#define STEP_after 5 /* once */
#define STEP_settle 6 /* refusal */
#define STEP_look 7 /* refusal */
#define STEP_mark 8 /* shipping */
#define STEP_hold 9 /* refusal */

#define MOST 7
#define SNAPSHOT 14
#define FIRST 4	/* what is there at the beginning, */
#define SECOND 5	/* after a broken line */

/* Files 0 and 1. */
typedef file {
	byte cells[MOST];
	byte count;
	byte holder;	/* who has the lock */
	bool restarted	/* the last write to it was before this machine started */
}
file files[2];
byte name;			/* which of them has the log's name */
bool compacted;			/* the second is a compaction of the first */
bool disturbed;			/* a line was taken back or moved */
byte acknowledged, refused, printed, shipped;	/* lines */
byte kills = KILLS, faults = FAULTS, busy = 2;

inline put(it, line) {
	files[it].cells[files[it].count] = line;
	files[it].count++
}

/* first: receives where the first broken line is that the next writer sets aside, or the size. */
inline judge(it, gaps, first) {
	first = files[it].count;
	if
	:: first > 0 && (gaps || files[it].cells[first - 1] == BROKEN) ->
		first = 0;
		do
		:: first < files[it].count && files[it].cells[first] != BROKEN -> first++
		:: else -> break
		od
	:: else -> skip
	fi
}

/* The log is cut, and then its whole lines are written back: a reader can come between. */
inline repair(it, first, lines, i) {
	d_step { judge(it, files[it].restarted, first) }
	if
	:: first < files[it].count ->
		d_step {
			disturbed = true;
			files[it].restarted = false;
			lines = 0;
			i = first;
			do
			:: i < files[it].count ->
				assert(lines == 0 || files[it].cells[i] == BROKEN);
				if
				:: files[it].cells[i] != BROKEN -> lines = files[it].cells[i]
				:: else -> skip
				fi;
				i++
			:: else -> break
			od;
			files[it].count = first;
			i = 0;
			first = 0
		}
		MAY_DIE;
		d_step {
			if
			:: lines != 0 -> put(it, lines); lines = 0
			:: else -> skip
			fi
		}
	:: else -> first = 0
	fi
}

/* Appends count lines, which begin with that one. */
proctype writer(byte line; byte count) {
	byte it, size, i, written;

again:
	it = name;
	atomic { files[it].holder == 0 -> files[it].holder = line };
	if
	:: atomic { it != name -> files[it].holder = 0 }; goto again
	:: else -> skip
	fi;
	repair(it, size, written, i);
	size = files[it].count;
	do
	:: written < count ->
		if
		:: atomic { kills > 0 -> kills--; put(it, BROKEN); goto dead }
		:: atomic { put(it, line + written); files[it].restarted = false; written++ }
		fi
	:: else -> break
	od;
	MAY_DIE;
	if
	:: atomic { faults > 0 -> faults-- };
		MAY_DIE;
		d_step {
			disturbed = true;
			files[it].count = size;
			refused = refused | BIT(line);
			if
			:: count == 2 -> refused = refused | BIT(line + 1)
			:: else -> skip
			fi;
			PROMISE(refusal, (shipped & refused) == 0)
		}
	:: d_step {
			acknowledged = acknowledged | BIT(line);
			if
			:: count == 2 -> acknowledged = acknowledged | BIT(line + 1)
			:: else -> skip
			fi
	   }
	fi;
dead:
	atomic { files[it].holder = 0; busy-- }
}

/* Another file: a rename needs no lock, a compaction has it. */
proctype change() {
	byte first, lines, i;

	if
	:: atomic { name = 1 }
	:: atomic { files[0].holder == 0 -> files[0].holder = 9 };
		repair(0, first, lines, i);
		atomic { compacted = true; put(1, SNAPSHOT); name = 1 };
dead:
		atomic { files[0].holder = 0 }
	:: skip
	fi
}

/* msgextctl log --follow */

/* Does the file still have that line where the cells before at end? */
#define HOLDS(it, at, line) ((line) == 0 || (files[it].count >= at && files[it].cells[at - 1] == (line)))

/*
 * Prints the lines of the open file from at on.  last: the line before that; whole, whole_last: the
 * same for the last line that could be read; settled, settled_last: for the last of which it is
 * known that its writer has ended.
 */
inline follow_on(it, at, last, whole, whole_last, settled, settled_last) {
	d_step {
		if
		:: STEP(back) && !HOLDS(it, at, last) ->
			if
			:: !STEP(settled) -> settled = at - 1; settled_last = 0
			:: STEP(settled) && !HOLDS(it, settled, settled_last) -> settled = 0; settled_last = 0
			:: else -> skip
			fi;
			at = settled;
			last = settled_last;
			whole = at;
			whole_last = last
		:: else -> skip
		fi;
		do
		:: at < files[it].count ->
			last = files[it].cells[at];
			at++;
			if
			:: last == BROKEN -> skip
			:: else ->
				/* A snapshot repeats what was printed. */
				PROMISE(once, last != SNAPSHOT && ((printed & BIT(last)) == 0 || disturbed));
				printed = printed | BIT(last);
				whole = at;
				whole_last = last
			fi
		:: else -> break
		od
	}
	d_step {
		if
		:: files[it].holder == 0 && HOLDS(it, whole, whole_last) ->
			settled = whole;
			settled_last = whole_last
		:: else -> skip
		fi
	}
}

proctype follower() {
	byte it, at, last, whole, whole_last, settled, settled_last;
	bool end;

	do
	:: end = (busy == 0);
		follow_on(it, at, last, whole, whole_last, settled, settled_last);
		if
		:: it != name ->
			if
			:: STEP(wait) -> files[it].holder == 0
			:: else -> skip
			fi;
			if
			:: STEP(rest) -> follow_on(it, at, last, whole, whole_last, settled, settled_last)
			:: else -> skip
			fi;
			d_step {
				it = 1;
				at = 0;
				last = 0;
				if
				:: STEP(after) && compacted -> at = 1; last = SNAPSHOT
				:: else -> skip
				fi;
				whole = at;
				whole_last = last;
				settled = at;
				settled_last = last
			}
		:: atomic { it == name && end -> break }
		:: it == name && !end -> skip
		fi
	od;
	/* Nobody writes any more: all that was acknowledged was printed. */
	PROMISE(printing, (acknowledged & ~printed) == 0)
}

/* msgext-ship */

proctype shipper() {
	byte it, at, mark;	/* so far is the file shipped, and this line is before that */
	byte size, last;	/* so far nobody takes anything back, and this line is before that */
	byte i, batch, read;
	bool end;

	do
	:: end = (busy == 0);
		if
		:: STEP(settle) -> files[it].holder == 0
		:: else -> skip
		fi;
		if
		:: STEP(look) -> atomic {
			!STEP(settle) || files[it].holder == 0;
			judge(it, false, size);
			last = (size > 0 -> files[it].cells[size - 1] : 0)
		   }
		:: else ->
			/* The size, and what is at its end later. */
			atomic { !STEP(settle) || files[it].holder == 0; size = files[it].count };
			d_step {
				last = (size > 0 && size <= files[it].count -> files[it].cells[size - 1] : 0);
				if
				:: last == BROKEN -> size--; last = 0
				:: else -> skip
				fi
			}
		fi;
		d_step {
			/* A file that does not have what was shipped of it is shipped from its start. */
			if
			:: STEP(mark) && !HOLDS(it, at, mark) -> at = 0; mark = 0
			:: else -> skip
			fi
		}
		i = at;
		batch = 0;
		do
		:: atomic { i < size && i < files[it].count ->
			read = files[it].cells[i];
			i++;
			if
			:: read != SNAPSHOT && read != BROKEN -> batch = batch | BIT(read)
			:: else -> skip
			fi
		   }
		:: i >= size || i >= files[it].count -> break
		od;
		/* The mark is made of what the file has now. */
		read = (i > 0 && i <= files[it].count -> files[it].cells[i - 1] : BROKEN);
		d_step {
			if
			:: i > at && (!STEP(hold) || HOLDS(it, size, last)) ->
				shipped = shipped | batch;
				at = i;
				mark = read;
				PROMISE(refusal, (shipped & refused) == 0)
			:: else -> end = end && i == at
			fi;
			batch = 0;
			read = 0;
			i = 0;
			size = 0;
			last = 0
		}
		if
		:: atomic { end && it == 0 -> it = 1; at = 0; mark = 0 }
		:: atomic { end && it == 1 -> break }
		:: !end -> skip
		fi
	od;
	/* Each line that was acknowledged, and none that was refused. */
	PROMISE(shipping, (acknowledged & ~shipped) == 0)
}

init {
	BEGIN;
	atomic {
		put(0, FIRST);
		acknowledged = BIT(FIRST);
		if
		:: put(0, BROKEN);
			put(0, SECOND);
			files[0].restarted = true
		:: put(0, BROKEN)
		:: skip
		fi;
		run writer(1, 2);
		run writer(3, 1);
		if
		:: without < STEP_settle -> run follower()
		:: without == 0 || without >= STEP_settle -> run shipper()
		fi;
		if
		:: SMALL -> skip
		:: else -> run change()
		fi
	}
}
