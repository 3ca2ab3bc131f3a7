#ifndef BUJEOL_CEVENT_SHIM_H
#define BUJEOL_CEVENT_SHIM_H

/* libevent's configuration header defines _GNU_SOURCE, which renames a member of fd_set for whoever includes the
   system headers after it. Including them first keeps every C module's view of fd_set the same. */
#include <sys/types.h>
#include <sys/select.h>
#include <sys/time.h>
#include <event2/event.h>

#endif
