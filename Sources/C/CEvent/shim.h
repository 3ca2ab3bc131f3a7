#ifndef BUJEOL_CEVENT_SHIM_H
#define BUJEOL_CEVENT_SHIM_H

/* libevent's configuration header defines _GNU_SOURCE, which renames a member of fd_set for whoever includes the
   system headers after it. Including them first keeps every C module's view of fd_set the same. */
#include <sys/types.h>
#include <sys/select.h>
#include <sys/time.h>
#include <event2/event.h>

#ifdef __linux__
/* glibc declares this only under _GNU_SOURCE, which must not be defined here. */
extern int pthread_setname_np(unsigned long, const char *);
extern unsigned long pthread_self(void);

static inline int bujeol_name_this_thread(const char *name) {
    return pthread_setname_np(pthread_self(), name);
}
#endif

#endif
