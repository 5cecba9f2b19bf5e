/*
 * batch.pml - writers that share one write and one sync: P1, and that no line is stored twice.  Its
 * steps are those that the opening comments of these files name in brackets: batch.c
 *
 * Three writers, in make check two, have a line each.  Who gets the lock writes; who does not gives
 * the line to the next leader, or becomes that.  Any process can be killed between any two steps, a
 * follower can get the lock while its leader is stopped, and a sync can fail.  A line that is not
 * durable is gone when the power is cut: so P1 is that what is acknowledged is durable.
 *
 * What one append does to the log's end is append.pml's.
 */
#include "steps.pml"

#define STEP_confirm 1 /* P1 */
#define STEP_orphan 2 /* once */
#define STEP_leave 3 /* once */
#define STEP_drop 4 /* once */
#define STEP_flush 5 /* P1 */
#define STEP_search 6 /* once */

#define WRITERS 3

/* A follower's connection. */
#define NONE 0
#define SENT 1	/* the line waits in the leader's queue */
#define TAKEN 2	/* the leader has read it */
#define RESET 3	/* the leader is gone and has not read it */
#define ENDED 4	/* the leader is gone and has read it, or closed the connection */
#define STORED 5	/* verdicts */
#define FOUND 6
#define REFUSED 7

byte holder = WRITERS + 1;	/* who has the lock; 0: nobody; at the beginning a stranger */
byte listener;			/* who has the address */
byte connection[WRITERS + 1], leader[WRITERS + 1];
bool orphaned[WRITERS + 1];	/* it does not know whether its line is stored */
bool claim[WRITERS + 1];	/* and what of that it said when it sent the line */
byte queue[WRITERS + 1];	/* whose queue a line that was taken back still waits in */

byte copies[WRITERS + 1];	/* of a line in the log */
bool durable[WRITERS + 1], dropped[WRITERS + 1];
bool opened[WRITERS + 1];	/* has the log open */
bool failed[WRITERS + 1];	/* and is still to be told that a sync failed */
byte kills = KILLS, faults = FAULTS;

#define ORPHANED(line) ((line == me && orphaned[line]) || (line != me && claim[line]))

/* good: receives whether the log is durable now. */
inline sync(me, i, good) {
	atomic {
		if
		:: failed[me] -> failed[me] = false; good = false
		:: !failed[me] && faults > 0 ->
			faults--;
			good = false;
			for (i : 1 .. WRITERS) {
				dropped[i] = dropped[i] || (copies[i] > 0 && !durable[i]);
				failed[i] = opened[i] && i != me
			}
		:: !failed[me] ->
			good = true;
			for (i : 1 .. WRITERS) {
				durable[i] = durable[i] || (copies[i] > 0 && !dropped[i])
			}
		fi;
		i = 0
	}
}

inline store(line) {
	PROMISE(once, copies[line] == 0);
	copies[line]++;
	dropped[line] = false
}

/* Ours is acknowledged. */
inline acknowledge(me) {
	PROMISE(P1, copies[me] == 1 && durable[me]);
	goto dead
}

/* What the kernel does when a process ends, however it ends. */
inline end(me, i) {
	atomic {
		if
		:: holder == me -> holder = 0
		:: else -> skip
		fi;
		if
		:: listener == me -> listener = 0
		:: else -> skip
		fi;
		for (i : 1 .. WRITERS) {
			if
			:: connection[i] == SENT && leader[i] == me -> connection[i] = RESET
			:: connection[i] == TAKEN && leader[i] == me -> connection[i] = ENDED
			:: else -> skip
			fi;
			if
			:: queue[i] == me -> queue[i] = 0
			:: else -> skip
			fi
		}
		opened[me] = false;
		failed[me] = false
	}
}

bool begun;

active [WRITERS] proctype writer() {
	byte me = _pid + 1, i;
	bool mine[WRITERS + 1];	/* the lines that it writes, */
	bool found[WRITERS + 1];	/* and which of them are in the log already */
	bool good, any;

	opened[me] = true;
	begun;
	if
	:: SMALL && me == WRITERS -> goto dead
	:: else -> skip
	fi;
again:
	if
	:: atomic { holder == 0 -> holder = me }; goto locked
	:: atomic { holder != 0 && listener == 0 -> listener = me }
	:: atomic {
		holder != 0 && listener != 0 && queue[me] == 0 ->
		leader[me] = listener;
		claim[me] = orphaned[me];
		connection[me] = SENT
	   };
	   goto follow
	fi;
	MAY_DIE;
	atomic { holder == 0 -> holder = me };
	goto locked;
follow:
	MAY_DIE;
	if
	:: atomic { connection[me] == STORED -> acknowledge(me) }
	:: atomic { connection[me] == REFUSED -> goto dead }
	:: atomic { connection[me] == FOUND -> skip };
confirmed:
		if
		:: STEP(confirm) ->
			sync(me, i, good);
			if
			:: !good -> goto dead
			:: else -> skip
			fi
		:: else -> skip
		fi;
		atomic { acknowledge(me) }
	:: atomic { connection[me] == RESET -> connection[me] = NONE; goto again }
	:: atomic {
		connection[me] == ENDED ->
		connection[me] = NONE;
		orphaned[me] = STEP(orphan);
		goto again
	   }
	:: atomic { holder == 0 -> holder = me } /* it tries the lock now and then */
	fi;
	/* With the lock.  A leader that has answered has done it; no other may do it any more. */
	atomic {
		if
		:: !STEP(leave) -> goto locked
		:: else -> skip
		fi;
		if
		:: connection[me] == STORED -> acknowledge(me)
		:: connection[me] == REFUSED -> goto dead
		:: connection[me] == FOUND -> holder = 0; goto confirmed
		:: connection[me] == SENT -> queue[me] = leader[me]; orphaned[me] = true
		:: connection[me] == RESET -> skip
		:: else -> orphaned[me] = true
		fi;
		connection[me] = NONE
	};
locked:
	MAY_DIE;
	atomic {
		mine[me] = true;
		for (i : 1 .. WRITERS) {
			if
			:: i != me && listener == me && connection[i] == SENT && leader[i] == me ->
				connection[i] = TAKEN;
				mine[i] = true
			:: i != me && listener == me && queue[i] == me -> /* taken back */
				queue[i] = 0;
				mine[i] = !STEP(drop)
			:: else -> skip
			fi
		}
		i = 0;
		if
		:: listener == me -> listener = 0
		:: else -> skip
		fi
	};
	MAY_DIE;
	atomic {
		any = false;
		for (i : 1 .. WRITERS) {
			any = any || (mine[i] && ORPHANED(i))
		}
		i = 0
	};
	if
	:: any ->
		if
		:: STEP(flush) ->
			sync(me, i, good);
			if
			:: !good -> goto refuse
			:: else -> skip
			fi
		:: else -> skip
		fi;
		atomic {
			for (i : 1 .. WRITERS) {
				found[i] = STEP(search) && mine[i] && ORPHANED(i) && copies[i] > 0
			}
			i = 0
		}
	:: else -> skip
	fi;
	MAY_DIE;
	/* One write; a part of it can be written when the process is killed. */
	i = 1;
	do
	:: i <= WRITERS && mine[i] && !found[i] ->
		store(i);
		i++;
		MAY_DIE
	:: i <= WRITERS && !(mine[i] && !found[i]) -> i++
	:: else -> break
	od;
	/* Nobody writes where there is nothing to write: what is found is durable already. */
	any = false;
	atomic {
		for (i : 1 .. WRITERS) {
			any = any || (mine[i] && !found[i])
		}
		i = 0
	};
	if
	:: any ->
		sync(me, i, good);
		MAY_DIE;
		if
		:: !good ->
			atomic {
				for (i : 1 .. WRITERS) {
					if
					:: mine[i] && !found[i] -> copies[i] = 0
					:: else -> skip
					fi
				}
				i = 0
			};
			goto refuse
		:: else -> skip
		fi
	:: else -> skip
	fi;
	holder = 0;
	MAY_DIE;
	for (i : 1 .. WRITERS) {
		if
		:: i != me && mine[i] && leader[i] == me && connection[i] == TAKEN ->
			atomic { connection[i] = (found[i] -> FOUND : STORED) };
			MAY_DIE
		:: else -> skip
		fi
	}
	atomic { acknowledge(me) };
refuse:
	atomic {
		holder = 0;
		for (i : 1 .. WRITERS) {
			if
			:: i != me && mine[i] && leader[i] == me && connection[i] == TAKEN ->
				connection[i] = REFUSED
			:: else -> skip
			fi
		}
	};
dead:
	end(me, i)
}

active proctype stranger() {
	atomic { BEGIN; begun = true };
	holder = 0
}
