/* A file of leases that the processes of one host share: one record for each key.
 *
 * The file is mapped, and locked while it is read or changed. A process that is killed in between
 * leaves at worst one lease that nobody gives back, which expires. */
#include "leasefile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAGIC       "reseller leases 1\n"
#define MAX_RECORDS 1024

typedef struct {
  uint8_t key[RS_SHA256_BYTES];
  char boot[40]; /* the kernel's id of the boot to whose clock the times belong */
  rs_leases leases;
} record;

typedef struct {
  char magic[24];
  uint64_t record_size;
} header;

struct rs_leasefile {
  char *path;
  uint8_t key[RS_SHA256_BYTES];
  int fd;
  pid_t pid; /* a lock is shared with forked children, so each opens the file anew */
  record *mapped;
};

static void read_boot_id(char id[40]) {
  int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
  ssize_t n = fd >= 0 ? read(fd, id, 36) : -1;
  if (fd >= 0) close(fd);
  memset(id + (n > 0 ? n : 0), 0, 40 - (size_t)(n > 0 ? n : 0));
}

static bool lock(int fd, const char **why) {
  int rc;
  do rc = flock(fd, LOCK_EX);
  while (rc != 0 && errno == EINTR);
  if (rc != 0) *why = strerror(errno);
  return rc == 0;
}

static const char *check_header(int fd) {
  header h = {.magic = MAGIC, .record_size = sizeof(record)}, there;
  ssize_t n = pread(fd, &there, sizeof there, 0);
  if (n < 0) return strerror(errno);
  if (n == 0) return pwrite(fd, &h, sizeof h, 0) == sizeof h ? NULL : "it cannot be written";
  if (n < (ssize_t)sizeof h || memcmp(&there, &h, sizeof h) != 0) return "it is no file of leases";
  return NULL;
}

static off_t record_at(int i) {
  return (off_t)sizeof(header) + (off_t)i * (off_t)sizeof(record);
}

/* Where the key's record is, or goes. -1: no room for one more. */
static off_t find_record(const rs_leasefile *f) {
  uint8_t key[RS_SHA256_BYTES];
  for (int i = 0; i < MAX_RECORDS; i++) {
    ssize_t n = pread(f->fd, key, sizeof key, record_at(i));
    if (n < (ssize_t)sizeof key || memcmp(key, f->key, sizeof key) == 0) return record_at(i);
  }
  return -1;
}

static const char *map_record(rs_leasefile *f, off_t at) {
  struct stat st;
  off_t page = at - at % sysconf(_SC_PAGESIZE), end = at + (off_t)sizeof(record);
  char *base;
  if (fstat(f->fd, &st) != 0) return strerror(errno);
  if (st.st_size < end && posix_fallocate(f->fd, 0, end) != 0) return "there is no room for it";
  base = mmap(NULL, (size_t)(end - page), PROT_READ | PROT_WRITE, MAP_SHARED, f->fd, page);
  if (base == MAP_FAILED) return strerror(errno);
  f->mapped = (record *)(void *)(base + (at - page));
  memcpy(f->mapped->key, f->key, sizeof f->key);
  return NULL;
}

static void detach(rs_leasefile *f) {
  if (f->mapped != NULL) {
    uintptr_t address = (uintptr_t)f->mapped, page = (uintptr_t)sysconf(_SC_PAGESIZE);
    munmap((void *)(address - address % page), sizeof(record) + address % page);
  }
  if (f->fd >= 0) close(f->fd);
  f->mapped = NULL;
  f->fd = -1;
}

static const char *attach(rs_leasefile *f) {
  const char *why = NULL;
  off_t at;
  f->pid = getpid();
  f->fd = open(f->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (f->fd < 0) return strerror(errno);
  if (!lock(f->fd, &why)) return why;
  why = check_header(f->fd);
  if (why == NULL) {
    at = find_record(f);
    why = at >= 0 ? map_record(f, at) : "it is full";
  }
  flock(f->fd, LOCK_UN);
  return why;
}

rs_leasefile *rs_leasefile_open(const char *path, const uint8_t key[RS_SHA256_BYTES],
                                const char **why) {
  rs_leasefile *f = calloc(1, sizeof *f);
  *why = "not enough memory";
  if (f == NULL) return NULL;
  f->fd = -1;
  memcpy(f->key, key, sizeof f->key);
  f->path = strdup(path);
  if (f->path != NULL) *why = attach(f);
  if (*why == NULL) return f;
  rs_leasefile_close(f);
  return NULL;
}

void rs_leasefile_close(rs_leasefile *f) {
  if (f == NULL) return;
  detach(f);
  free(f->path);
  free(f);
}

rs_leases *rs_leasefile_lock(rs_leasefile *f, bool *cold, const char **why) {
  char boot[40];
  *why = NULL;
  if (f->pid != getpid()) detach(f);
  if (f->fd < 0) *why = attach(f);
  if (*why != NULL || !lock(f->fd, why)) return NULL;
  read_boot_id(boot);
  *cold = f->mapped->boot[0] != '\0' && memcmp(f->mapped->boot, boot, sizeof boot) != 0;
  memcpy(f->mapped->boot, boot, sizeof boot);
  return &f->mapped->leases;
}

void rs_leasefile_unlock(rs_leasefile *f) {
  flock(f->fd, LOCK_UN);
}
