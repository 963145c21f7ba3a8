/* What the files of this program have in common. */
#include <stdint.h>
#include <sys/types.h>

/* What is tried now, for what is printed. */
extern const char *current;

void must(long result, const char *what);
int say(const char *what, long result);
long attempt(const char *path, int flags, mode_t mode);
const char *image(const char *name);
void try(const char *what, const char *source, const char *type, unsigned long flags, const char *options);
void owner(const char *what, const char *path);
void content(void);
void mounted(const char *source, const char *type);
long config(int context, unsigned int command, const char *key, const char *value);
int opened(const char *type, const char *source);
long attach(int fd);
long clear(const char *place, uint64_t attribute);

/* devices.c */
void subvolumes(void);
void devices(void);

/* writable.c */
void writable(void);
void writable_devices(void);
