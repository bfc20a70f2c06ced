/*
 * Keeps every core awake: one process for each that spins whenever nothing else wants to run there (SCHED_IDLE), until
 * stdin ends. Processes that wait for each other would otherwise be charged for waking cores, which on a virtual
 * machine costs more than their work.
 */
#define _GNU_SOURCE
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static void spin(int core, int ready) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(core, &set);
  struct sched_param none = { 0 };
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (sched_setaffinity(0, sizeof set, &set) < 0 || sched_setscheduler(0, SCHED_IDLE, &none) < 0) _exit(1);
  if (write(ready, "", 1) != 1) _exit(1);
  close(ready);
  for (;;) __asm__ volatile("" ::: "memory");
}

int main(void) {
  cpu_set_t mine;
  int ready[2];
  if (sched_getaffinity(0, sizeof mine, &mine) < 0 || pipe(ready) < 0) return 1;
  static pid_t spinners[CPU_SETSIZE];
  int count = 0;
  for (int core = 0; core < CPU_SETSIZE; core++) {
    if (!CPU_ISSET(core, &mine)) continue;
    pid_t pid = fork();
    if (pid == 0) spin(core, ready[1]);
    if (pid < 0) return 1;
    spinners[count++] = pid;
  }
  char byte;
  close(ready[1]);
  for (int i = 0; i < count; i++)
    if (read(ready[0], &byte, 1) != 1) return 1;
  puts("awake");
  fflush(stdout);
  while (read(0, &byte, 1) > 0) continue;
  for (int i = 0; i < count; i++) kill(spinners[i], SIGKILL);
  while (wait(NULL) > 0) continue;
  return 0;
}
