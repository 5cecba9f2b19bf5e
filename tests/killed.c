/*
 * killed.c - killed NUMBER FILE PROGRAM [ARGUMENT...]: runs a program, and kills it and whatever it has started
 * before its system call of that number; 0: never.  FILE receives how many calls were counted.
 *
 * Counted are calls that change a file or a directory, sync, say something to another process, or end the program:
 * before any other call a kill leaves what it leaves before the next of these.  MSGEXT_EVERY_CALL=1 counts every
 * call, in case that is not so.
 *
 * Exits as the program does; 137 where it was killed.
 */
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/ptrace.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TRACEES_MAX 64

static pid_t tracees[TRACEES_MAX];
static size_t tracee_count;

static void
tracee_add(pid_t pid)
{
	for (size_t i = 0; i < tracee_count; i++)
		if (tracees[i] == pid)
			return;
	if (tracee_count < TRACEES_MAX)
		tracees[tracee_count++] = pid;
}

static void
tracee_remove(pid_t pid)
{
	for (size_t i = 0; i < tracee_count; i++)
		if (tracees[i] == pid)
			tracees[i] = tracees[--tracee_count];
}

/* Does the call change something? */
static bool
call_changes(const struct ptrace_syscall_info *call)
{
	switch (call->entry.nr) {
	case SYS_openat:
		return (call->entry.args[2] & (O_CREAT | O_TRUNC)) != 0;
	case SYS_write:
	case SYS_pwrite64:
	case SYS_writev:
	case SYS_ftruncate:
	case SYS_fsync:
	case SYS_fdatasync:
	case SYS_renameat:
	case SYS_renameat2:
	case SYS_unlinkat:
	case SYS_linkat:
	case SYS_mkdirat:
	case SYS_fchmod:
	case SYS_fchmodat:
	case SYS_copy_file_range:
	case SYS_sendfile:
	case SYS_fallocate:
	case SYS_utimensat:
	case SYS_bind:
	case SYS_sendto:
	case SYS_sendmsg:
	case SYS_shutdown:
	case SYS_exit_group:
		return true;
#ifdef SYS_rename
	case SYS_open:
		return (call->entry.args[1] & (O_CREAT | O_TRUNC)) != 0;
	case SYS_rename:
	case SYS_unlink:
	case SYS_link:
	case SYS_mkdir:
	case SYS_chmod:
	case SYS_creat:
		return true;
#endif
	default:
		return false;
	}
}

/* Is the stop at the entry of a call that counts? */
static bool
stop_counts(pid_t pid)
{
	static const bool *every;
	static bool yes = true, no = false;
	struct ptrace_syscall_info call = { 0 };

	if (every == NULL)
		every = getenv("MSGEXT_EVERY_CALL") != NULL ? &yes : &no;
	if (ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof(call), &call) <= 0 ||
	    call.op != PTRACE_SYSCALL_INFO_ENTRY)
		return false;
	return *every || call_changes(&call);
}

static void
all_kill(void)
{
	for (size_t i = 0; i < tracee_count; i++)
		kill(tracees[i], SIGKILL);
}

/* Lets the processes run to their end, and kills them before that call: how many calls there were. */
static unsigned long
calls_count(unsigned long number, pid_t first, int *first_status)
{
	unsigned long count = 0;
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, __WALL)) > 0) {
		int signal = 0;

		if (WIFEXITED(status) || WIFSIGNALED(status)) {
			tracee_remove(pid);
			if (pid == first)
				*first_status = WIFEXITED(status) ? WEXITSTATUS(status)
								  : 128 + WTERMSIG(status);
			continue;
		}
		tracee_add(pid);
		if (WSTOPSIG(status) == (SIGTRAP | 0x80)) {
			if (stop_counts(pid) && ++count == number)
				all_kill();
		} else if (status >> 16 == 0 && WSTOPSIG(status) != SIGSTOP) {
			signal = WSTOPSIG(status);
		}
		ptrace(PTRACE_SYSCALL, pid, 0, signal);
	}
	return count;
}

int
main(int argc, char **argv)
{
	unsigned long count;
	int status = 0, waited;
	FILE *file;
	pid_t child;

	if (argc < 4)
		return 64;
	child = fork();
	if (child == 0) {
		ptrace(PTRACE_TRACEME, 0, 0, 0);
		raise(SIGSTOP);
		execvp(argv[3], argv + 3);
		_exit(127);
	}
	if (child < 0 || waitpid(child, &waited, 0) != child ||
	    ptrace(PTRACE_SETOPTIONS, child, 0,
		PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL | PTRACE_O_TRACEFORK |
		    PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC) != 0)
		return 71;
	tracee_add(child);
	ptrace(PTRACE_SYSCALL, child, 0, 0);
	count = calls_count(strtoul(argv[1], NULL, 10), child, &status);
	file = fopen(argv[2], "w");
	if (file == NULL || fprintf(file, "%lu\n", count) < 0 || fclose(file) != 0)
		return 71;
	return status;
}
