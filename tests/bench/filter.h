/* A filter that singles out getppid(2), openat(2) and newfstatat(2). */
#ifndef BENCH_FILTER_H
#define BENCH_FILTER_H

#include <stdint.h>

/* Installs a filter that returns `action` for them and allows the rest. Returns what seccomp(2) does, or -errno. */
long filter_install(uint32_t action, unsigned long flags);

#endif
