/* Loaded before the C library: counts the syncs of files whose path has a given part, and fails syncs, writes and reads when told. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Shared with failing-disk.ts. So many of the next ones fail; all of them where it is negative. */
struct control {
  volatile long syncs, failed, failing_syncs, full_writes, failing_writes, failing_reads;
};

static struct control *control;
static const char *part;

__attribute__((constructor)) static void share(void) {
  const char *path = getenv("FAILING_DISK_CONTROL");
  part = getenv("FAILING_DISK_FILES");
  int file = path && part ? open(path, O_RDWR) : -1;
  if (file < 0) return;
  void *memory = mmap(NULL, sizeof *control, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  close(file);
  if (memory != MAP_FAILED) control = memory;
}

static int is_watched(int file) {
  char link[64], path[4096];
  if (control == NULL) return 0;
  snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < 0) return 0;
  path[length] = 0;
  return strstr(path, part) != NULL;
}

static int fails(volatile long *left, int error) {
  if (*left == 0) return 0;
  if (*left > 0) --*left;
  ++control->failed;
  errno = error;
  return 1;
}

static int sync_fails(int file) {
  if (!is_watched(file)) return 0;
  ++control->syncs;
  return fails(&control->failing_syncs, EIO);
}

static int write_fails(int file) {
  if (!is_watched(file)) return 0;
  return fails(&control->full_writes, ENOSPC) || fails(&control->failing_writes, EIO);
}

static int read_fails(int file) { return is_watched(file) && fails(&control->failing_reads, EIO); }

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

int fsync(int file) { return sync_fails(file) ? -1 : REAL(fsync)(file); }
int fdatasync(int file) { return sync_fails(file) ? -1 : REAL(fdatasync)(file); }
ssize_t write(int file, const void *bytes, size_t length) {
  return write_fails(file) ? -1 : REAL(write)(file, bytes, length);
}
ssize_t pwrite(int file, const void *bytes, size_t length, off_t at) {
  return write_fails(file) ? -1 : REAL(pwrite)(file, bytes, length, at);
}
ssize_t pwrite64(int file, const void *bytes, size_t length, off64_t at) {
  return write_fails(file) ? -1 : REAL(pwrite64)(file, bytes, length, at);
}
ssize_t read(int file, void *bytes, size_t length) { return read_fails(file) ? -1 : REAL(read)(file, bytes, length); }
ssize_t pread(int file, void *bytes, size_t length, off_t at) {
  return read_fails(file) ? -1 : REAL(pread)(file, bytes, length, at);
}
ssize_t pread64(int file, void *bytes, size_t length, off64_t at) {
  return read_fails(file) ? -1 : REAL(pread64)(file, bytes, length, at);
}
