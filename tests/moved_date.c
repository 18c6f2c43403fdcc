/* Moves the date of every program that loads this before its libraries by MOVED_DATE_SECONDS: `tests.dates` builds it.
 *
 * The date and the times of files are moved; the clocks that programs wait by run as ever, and nothing takes a lock, so
 * a signal may interrupt any of it. libfaketime 0.9.10 can't be used: told to leave the monotonic clock alone, it moves
 * the end of Python's sleeps all the same, and queries of PostgreSQL hang. Not moved: waits of condition variables that
 * were made for the date, which nothing here does.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static long moved;

__attribute__((constructor(101))) static void read_distance(void) {
    const char *words = getenv("MOVED_DATE_SECONDS");
    moved = words ? strtol(words, NULL, 10) : 0;
}

/* The library's own function of that name, looked up once. */
#define ORIGINAL(name) ({                                                 \
    static __typeof__(&name) found;                                       \
    if (!found) found = (__typeof__(&name))dlsym(RTLD_NEXT, #name);       \
    found;                                                                \
})

static int is_date(clockid_t clock) {
    return clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE || clock == CLOCK_TAI;
}

int clock_gettime(clockid_t clock, struct timespec *at) {
    int status = ORIGINAL(clock_gettime)(clock, at);
    if (status == 0 && is_date(clock)) at->tv_sec += moved;
    return status;
}

int gettimeofday(struct timeval *restrict at, void *restrict zone) {
    int status = ORIGINAL(gettimeofday)(at, zone);
    if (status == 0 && at) at->tv_sec += moved;
    return status;
}

time_t time(time_t *at) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (at) *at = now.tv_sec;
    return now.tv_sec;
}

int timespec_get(struct timespec *at, int base) {
    int found = ORIGINAL(timespec_get)(at, base);
    if (found == TIME_UTC) at->tv_sec += moved;
    return found;
}

/* Waits until a date. */
static struct timespec truly(const struct timespec *at) {
    struct timespec real = *at;
    real.tv_sec -= moved;
    return real;
}

int sem_timedwait(sem_t *restrict semaphore, const struct timespec *restrict until) {
    struct timespec real = truly(until);
    return ORIGINAL(sem_timedwait)(semaphore, &real);
}

int pthread_mutex_timedlock(pthread_mutex_t *restrict mutex, const struct timespec *restrict until) {
    struct timespec real = truly(until);
    return ORIGINAL(pthread_mutex_timedlock)(mutex, &real);
}

int clock_nanosleep(clockid_t clock, int flags, const struct timespec *until, struct timespec *rest) {
    if (!(flags & TIMER_ABSTIME) || !is_date(clock)) return ORIGINAL(clock_nanosleep)(clock, flags, until, rest);
    struct timespec real = truly(until);
    return ORIGINAL(clock_nanosleep)(clock, flags, &real, rest);
}

/* The times of files. */
static int shifted(int status, struct stat *found) {
    if (status == 0) {
        found->st_atim.tv_sec += moved;
        found->st_mtim.tv_sec += moved;
        found->st_ctim.tv_sec += moved;
    }
    return status;
}

int stat(const char *restrict path, struct stat *restrict found) {
    return shifted(ORIGINAL(stat)(path, found), found);
}
int lstat(const char *restrict path, struct stat *restrict found) {
    return shifted(ORIGINAL(lstat)(path, found), found);
}
int fstat(int file, struct stat *found) {
    return shifted(ORIGINAL(fstat)(file, found), found);
}
int fstatat(int folder, const char *restrict path, struct stat *restrict found, int flags) {
    return shifted(ORIGINAL(fstatat)(folder, path, found, flags), found);
}
int stat64(const char *restrict path, struct stat64 *restrict found) {
    return shifted(ORIGINAL(stat64)(path, found), (struct stat *)found);
}
int lstat64(const char *restrict path, struct stat64 *restrict found) {
    return shifted(ORIGINAL(lstat64)(path, found), (struct stat *)found);
}
int fstat64(int file, struct stat64 *found) {
    return shifted(ORIGINAL(fstat64)(file, found), (struct stat *)found);
}
int fstatat64(int folder, const char *restrict path, struct stat64 *restrict found, int flags) {
    return shifted(ORIGINAL(fstatat64)(folder, path, found, flags), (struct stat *)found);
}

static const struct timespec *stored(const struct timespec given[2], struct timespec real[2]) {
    if (!given) return NULL;
    for (int each = 0; each < 2; each++) {
        real[each] = given[each];
        if (given[each].tv_nsec != UTIME_NOW && given[each].tv_nsec != UTIME_OMIT) real[each].tv_sec -= moved;
    }
    return real;
}

int futimens(int file, const struct timespec given[2]) {
    struct timespec real[2];
    return ORIGINAL(futimens)(file, stored(given, real));
}
int utimensat(int folder, const char *path, const struct timespec given[2], int flags) {
    struct timespec real[2];
    return ORIGINAL(utimensat)(folder, path, stored(given, real), flags);
}
