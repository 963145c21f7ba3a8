/* The standard streams. */
#ifndef SLUICE_STANDARD_H
#define SLUICE_STANDARD_H

/* Opens those that are closed (/dev/null): whatever is opened next would be one, and written to. Ends us if it cannot. */
void standard_open(void);

#endif
