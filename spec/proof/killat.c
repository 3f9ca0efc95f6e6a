/* Runs a command and kills it, as kill -9 does, where its nth system call begins or ends.
 *
 *     killat N FILE COMMAND…
 *
 * Calls of all its threads are counted, twice each: where they begin and where they end. With N = 0 it
 * runs to its end. FILE gets the number of stops. Exits as the command does; 137 when it was killed. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#define OPTIONS (PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE | PTRACE_O_EXITKILL)

static pid_t start(char **command) {
  pid_t pid = fork();
  if (pid != 0) return pid;
  ptrace(PTRACE_TRACEME, 0, NULL, NULL);
  raise(SIGSTOP);
  execvp(command[0], command);
  _exit(127);
}

static int note(const char *path, long stops) {
  FILE *f = fopen(path, "w");
  if (f == NULL) return -1;
  fprintf(f, "%ld\n", stops);
  return fclose(f);
}

/* What a thread gets with its continuation: its own signals, but not those that tracing makes. */
static int passed_on(int status) {
  int sig = WSTOPSIG(status);
  return status >> 16 != 0 || sig == SIGTRAP || sig == SIGSTOP ? 0 : sig;
}

/* Exit status of the command, or of the kill. */
static int follow(pid_t main_thread, long n, long *stops) {
  for (;;) {
    int status;
    pid_t pid = waitpid(-1, &status, __WALL);
    if (pid < 0 && errno == EINTR) continue;
    if (pid < 0) return 1;
    if (WIFEXITED(status) || WIFSIGNALED(status)) {
      if (pid != main_thread) continue;
      return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }
    if (WSTOPSIG(status) == (SIGTRAP | 0x80)) {
      if (++*stops == n) kill(main_thread, SIGKILL);
      ptrace(PTRACE_SYSCALL, pid, NULL, NULL);
    } else {
      ptrace(PTRACE_SYSCALL, pid, NULL, (void *)(long)passed_on(status));
    }
  }
}

int main(int argc, char **argv) {
  long stops = 0;
  int status, result;
  pid_t pid;
  if (argc < 4) return 2;
  pid = start(argv + 3);
  if (pid < 0 || waitpid(pid, &status, 0) < 0) return 1;
  ptrace(PTRACE_SETOPTIONS, pid, NULL, (void *)OPTIONS);
  ptrace(PTRACE_SYSCALL, pid, NULL, NULL);
  result = follow(pid, strtol(argv[1], NULL, 10), &stops);
  return note(argv[2], stops) == 0 ? result : 1;
}
