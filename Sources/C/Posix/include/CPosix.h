// The Linux calls and macros that Swift's Glibc module does not import. Every function yields what
// its call yields, or minus errno. The header stays free of system headers (they would clash with
// the Glibc module when _GNU_SOURCE is set).
#ifndef CPOSIX_H
#define CPOSIX_H

#include <stdbool.h>
#include <stdint.h>

// Files
int cposix_open_nofollow(int directory, const char *path, int flags, uint32_t mode);
int cposix_open_beneath(int directory, const char *path, int flags, uint32_t mode);
int cposix_rename_noreplace(int from, const char *old, int to, const char *new_name);
int64_t cposix_copy_file_range(int from, int64_t *offset, int to, uint64_t count);
int cposix_lock_ofd(int descriptor, int type, bool wait);
int cposix_lock_posix(int descriptor, int type, bool wait);
// O_TMPFILE, and linkat(2) of what it made.
int cposix_open_unnamed(const char *directory, uint32_t mode);
int cposix_link_descriptor(int descriptor, const char *path);
// Disk blocks for a part of the file; its size stays.
int cposix_reserve(int descriptor, int64_t offset, int64_t count);
// An attribute of the user's kind (xattr(7)) of the open file: the count of its octets.
int64_t cposix_get_attribute(int descriptor, const char *name, void *out, uint64_t size);
int cposix_set_attribute(int descriptor, const char *name, const void *value, uint64_t size);
int cposix_statvfs(const char *path, uint64_t *free_bytes, uint64_t *free_inodes, uint64_t *inodes);
bool cposix_is_regular(uint32_t mode);
bool cposix_is_directory(uint32_t mode);
bool cposix_is_symlink(uint32_t mode);
bool cposix_is_fifo(uint32_t mode);
bool cposix_is_socket(uint32_t mode);

// Descriptors
int cposix_pipe(int ends[2]);
int cposix_accept(int listener, void *address, uint32_t *length);
int cposix_close_from(unsigned first);
int cposix_memfd(const char *name);
int cposix_seal(int fd);

// Rights
int cposix_setresuid(uint32_t real, uint32_t effective, uint32_t saved);
int cposix_setresgid(uint32_t real, uint32_t effective, uint32_t saved);
int cposix_getresuid(uint32_t *real, uint32_t *effective, uint32_t *saved);
int cposix_getresgid(uint32_t *real, uint32_t *effective, uint32_t *saved);
int cposix_no_new_privileges(void);
bool cposix_secure_execution(void);
// The encrypted password of `user` in the shadow file, copied to `out`; minus ENOENT when there is none.
// `expired` tells that the account or its password may not be used any more.
int cposix_shadow(const char *user, char *out, uint64_t size, bool *expired);

// Processes
int cposix_die_with_parent(void);
int cposix_exit_status(int status);  // the exit code, or -1 when the child did not exit
int cposix_term_signal(int status);  // the signal that ended the child, or 0
// The bits of `blocked` are the signals that were not blocked before.
int cposix_signal_descriptor(const int *signals, int count, uint64_t *blocked);
void cposix_unblock(uint64_t signals);
int64_t cposix_read_signal(int descriptor);
int cposix_unblock_signals(void);
void cposix_set_title(const char *title);

// Sockets
int64_t cposix_send_descriptor(int socket, const void *bytes, uint64_t count, int descriptor);
int64_t cposix_receive_descriptor(int socket, void *bytes, uint64_t count, int *descriptor);
int cposix_peer_credentials(int socket, uint32_t *uid, uint32_t *gid, int *pid);

// Waiting: a set of descriptors of which an event wakes one of the processes that share it, not all
int cposix_epoll(void);
int cposix_epoll_add(int set, int descriptor, bool exclusive);
int cposix_epoll_wait(int set, int *descriptors, int room, int milliseconds);

// Time
int64_t cposix_boot_time_ms(void);

// Random
int64_t cposix_random(void *bytes, uint64_t count);

#endif
