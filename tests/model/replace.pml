/*
 * replace.pml - another file in a log's place while writers go on: P1, P4 and archives.  Its steps
 * are those that the opening comments of these files name in brackets: store/turn.c store/mark.c
 * store/replace.c log/compact.c
 *
 * A file is the set of lines that it says something of, whatever their order (P4); a compaction
 * says with a snapshot what the lines said, and an archive takes one line out.  A writer appends, a
 * replacement runs, which can be killed anywhere, and a program that knows nothing of us renames
 * the log (logrotate) and, when no writer is at work on it, compresses it.  The power can be cut
 * once, and another writer appends after that.  Over a network, a name can be looked up in a
 * machine's memory of it, and lead to a file that had it before.
 *
 * Not here: another program that renames the log between the last look at its name and the rename,
 * which are one step here.  No call asks which file it replaces: a log that a writer began in
 * between is lost (msgext(8), Its limits).
 */
#include "steps.pml"

#define STEP_look 1 /* P1 */
#define STEP_again 2 /* P1 */
#define STEP_redo 3 /* P1 */
#define STEP_archive 4 /* P1 */
#define STEP_check 5 /* P1 */
#define STEP_copy 6 /* P1 */
#define STEP_complete 7 /* P1 */
#define STEP_mark 8 /* P1 */

#define FILES 5
#define NONE 0
#define OLD 1	/* the line that is archived; it is there at the beginning */

byte cells[FILES], disk[FILES];	/* lines, in memory and durable */
byte mark[FILES], disk_mark[FILES];	/* the file that the mark at its end names */
byte next = 2;			/* the next new file */
byte name = 1, disk_name = 1;	/* which file has the log's name */
byte sibling, disk_sibling;	/* and which the name that is in a mark */
byte holder[FILES];		/* who has the lock of a file */
byte archived;			/* what archives have, durable */
byte rotated, compressed;	/* a file that was renamed; what was compressed of it */
byte acknowledged = OLD;
bool remote, dark;
byte kills = KILLS;

#define RELEASE \
	atomic { \
		if \
		:: holder[file] == me -> holder[file] = 0 \
		:: else -> skip \
		fi \
	}

/* P1: each line that was acknowledged is where a reader looks. */
inline check() {
	PROMISE(P1, (acknowledged & ~(cells[name] | archived | compressed | cells[rotated])) == 0)
}

/* Opens and locks the file that has the name, as far as this machine knows. */
inline open(me, file) {
	atomic {
		if
		:: name == NONE -> name = next; next++
		:: else -> skip
		fi;
		if
		:: file = name
		:: remote && name > 1 && mark[name - 1] != NONE -> file = name - 1
		fi
	}
	atomic { holder[file] == 0 -> holder[file] = me }
}

/* other: receives whether the file has lost the name, as far as this machine knows. */
inline look(file, other) {
	other = false;
	if
	:: STEP(look) && file != name -> other = true
	:: STEP(look) && remote -> skip /* its memory says that it has it */
	:: else -> skip
	fi
}

/* The name becomes that of the file that the mark names. */
inline finish(file) {
	atomic {
		if
		:: STEP(again) && file != name && !remote -> skip
		:: (!STEP(again) || file == name || remote) && sibling == mark[file] && sibling != NONE ->
			name = sibling; sibling = NONE
		:: else -> skip
		fi
	}
	atomic { disk_name = name; disk_sibling = sibling }
}

/* again: receives whether everything begins again. */
inline turn(me, file, again) {
	open(me, file);
	atomic {
		look(file, again);
		if
		:: again && remote -> again = false /* the look came from memory */
		:: else -> skip
		fi
	}
	if
	:: STEP(redo) && !again && mark[file] != NONE ->
		if
		:: atomic { sibling == mark[file] -> skip };
			finish(file);
			again = true
		:: atomic { sibling != mark[file] && (file != name || remote) -> again = true }
		:: atomic { sibling != mark[file] && file == name && !remote -> mark[file] = NONE; disk_mark[file] = NONE }
		fi
	:: else -> skip
	fi;
	if
	:: again -> holder[file] = 0
	:: else -> skip
	fi
}

inline append(me, line, file, again) {
	do
	:: turn(me, file, again);
		if
		:: !again -> break
		:: else -> skip
		fi
	od;
	atomic {
		if
		:: cells[file] == 0 && file == name -> disk_name = name
		:: else -> skip
		fi;
		cells[file] = cells[file] | line
	}
	disk[file] = cells[file];
	atomic {
		holder[file] = 0;
		acknowledged = acknowledged | line;
		check()
	}
dead:
	RELEASE
}

proctype writer(byte me; byte line) provided (!dark) {
	byte file;
	bool again;

	append(me, line, file, again)
}

proctype writer_after(byte me; byte line) provided (dark) {
	byte file;
	bool again;

	append(me, line, file, again)
}

/* moved: the lines that it archives; a compaction archives none. */
proctype replacement(byte me; byte moved) provided (!dark) {
	byte file, read, lines, new;
	bool again;

	do
	:: turn(me, file, again);
		if
		:: !again -> break
		:: else -> skip
		fi
	od;
	atomic {
		read = file;
		lines = cells[file];
		moved = moved & lines;
		holder[file] = 0;
		new = next;
		next++;
		cells[new] = lines & ~moved
	}
	MAY_DIE;
	if
	:: STEP(archive) -> archived = archived | moved
	:: else -> skip
	fi;
	do
	:: turn(me, file, again);
		if
		:: !again -> break
		:: else -> skip
		fi
	od;
	if
	:: STEP(check) && file != read -> goto dead
	:: else -> skip
	fi;
	/* What is after the part that was read, which another file would have elsewhere. */
	if
	:: STEP(copy) -> cells[new] = cells[new] | (file == read -> cells[file] & ~lines : 0)
	:: else -> skip
	fi;
	MAY_DIE;
	if
	:: STEP(complete) -> disk[new] = cells[new]
	:: else -> skip
	fi;
	MAY_DIE;
	sibling = new;
	atomic { disk_sibling = sibling; disk_name = name };
	MAY_DIE;
	if
	:: STEP(mark) ->
		mark[file] = new;
		disk_mark[file] = new;
		MAY_DIE;
		finish(file)
	:: else -> atomic { name = sibling; sibling = NONE; disk_name = name; disk_sibling = NONE }
	fi;
	atomic { check() };
dead:
	RELEASE
}

proctype rotation() provided (!dark) {
	atomic { !remote && name != NONE -> rotated = name; name = NONE };
	atomic { disk_name = name };
	atomic { holder[rotated] == 0 -> compressed = cells[rotated]; rotated = NONE }
}

/* What was not durable is there, or is not. */
inline power_cut(i) {
	dark = true;
	kills = 0;
	for (i : 1 .. FILES - 1) {
		holder[i] = 0;
		if
		:: cells[i] != disk[i] -> cells[i] = disk[i]
		:: disk[i] = cells[i]
		fi;
		if
		:: mark[i] != disk_mark[i] -> mark[i] = disk_mark[i]
		:: disk_mark[i] = mark[i]
		fi
	}
	if
	:: name != disk_name || sibling != disk_sibling -> name = disk_name; sibling = disk_sibling
	:: disk_name = name; disk_sibling = sibling
	fi
}

init {
	byte i;

	BEGIN;
	atomic {
		cells[1] = OLD;
		disk[1] = OLD;
		if
		:: remote = true
		:: remote = false
		fi;
		run writer(1, 2);
		run replacement(3, OLD);
		run rotation()
	}
	atomic { power_cut(i) };
	run writer_after(4, 8)
}
