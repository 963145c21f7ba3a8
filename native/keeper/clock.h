/* Microseconds of CLOCK_MONOTONIC. */
#ifndef SLUICE_CLOCK_H
#define SLUICE_CLOCK_H

#include <stdint.h>

#define SECOND INT64_C(1000000)
#define NEVER INT64_MAX

int64_t now(void);

#endif
