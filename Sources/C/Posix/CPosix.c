#define _GNU_SOURCE
#include "CPosix.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <shadow.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/xattr.h>
#include <sys/auxv.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define RESULT(call) \
    do { \
        long long result_ = (call); \
        return result_ < 0 ? -errno : result_; \
    } while (0)

int cposix_open_nofollow(int directory, const char *path, int flags, uint32_t mode) {
    RESULT(openat(directory, path, flags | O_NOFOLLOW | O_CLOEXEC, (mode_t)mode));
}

int cposix_open_beneath(int directory, const char *path, int flags, uint32_t mode) {
    // openat2 refuses a mode where no file is made; O_TMPFILE has the bit of O_DIRECTORY in it.
    bool makes = (flags & O_CREAT) || (flags & O_TMPFILE) == O_TMPFILE;
    struct open_how how = {
        .flags = (uint64_t)(flags | O_CLOEXEC),
        .mode = makes ? mode : 0,
        .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS,
    };
    RESULT(syscall(SYS_openat2, directory, path, &how, sizeof how));
}

int cposix_rename_noreplace(int from, const char *old, int to, const char *new_name) {
    RESULT(renameat2(from, old, to, new_name, RENAME_NOREPLACE));
}

int64_t cposix_copy_file_range(int from, int64_t *offset, int to, uint64_t count) {
    RESULT(copy_file_range(from, offset, to, NULL, count, 0));
}

static int lock(int descriptor, int type, int command) {
    struct flock region = {.l_type = (short)type, .l_whence = SEEK_SET};
    RESULT(fcntl(descriptor, command, &region));
}

int cposix_lock_ofd(int descriptor, int type, bool wait) {
    return lock(descriptor, type, wait ? F_OFD_SETLKW : F_OFD_SETLK);
}

int cposix_lock_posix(int descriptor, int type, bool wait) {
    return lock(descriptor, type, wait ? F_SETLKW : F_SETLK);
}

int cposix_statvfs(const char *path, uint64_t *free_bytes, uint64_t *free_inodes, uint64_t *inodes) {
    struct statvfs space;
    if (statvfs(path, &space) < 0) return -errno;
    *free_bytes = (uint64_t)space.f_bavail * space.f_frsize;
    *free_inodes = space.f_favail;
    *inodes = space.f_files;
    return 0;
}

bool cposix_is_regular(uint32_t mode) { return S_ISREG(mode); }
bool cposix_is_directory(uint32_t mode) { return S_ISDIR(mode); }
bool cposix_is_symlink(uint32_t mode) { return S_ISLNK(mode); }
bool cposix_is_fifo(uint32_t mode) { return S_ISFIFO(mode); }
bool cposix_is_socket(uint32_t mode) { return S_ISSOCK(mode); }

int cposix_pipe(int ends[2]) { RESULT(pipe2(ends, O_CLOEXEC)); }

int cposix_accept(int listener, void *address, uint32_t *length) {
    RESULT(accept4(listener, address, length, SOCK_CLOEXEC));
}

int cposix_close_from(unsigned first) { RESULT(close_range(first, ~0U, 0)); }

int cposix_memfd(const char *name) {
    RESULT(memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING));
}

int cposix_seal(int fd) {
    RESULT(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL));
}

int cposix_setresuid(uint32_t real, uint32_t effective, uint32_t saved) {
    RESULT(setresuid(real, effective, saved));
}

int cposix_setresgid(uint32_t real, uint32_t effective, uint32_t saved) {
    RESULT(setresgid(real, effective, saved));
}

int cposix_getresuid(uint32_t *real, uint32_t *effective, uint32_t *saved) {
    RESULT(getresuid(real, effective, saved));
}

int cposix_getresgid(uint32_t *real, uint32_t *effective, uint32_t *saved) {
    RESULT(getresgid(real, effective, saved));
}

int cposix_no_new_privileges(void) { RESULT(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)); }

bool cposix_secure_execution(void) { return getauxval(AT_SECURE) != 0; }

int cposix_shadow(const char *user, char *out, uint64_t size, bool *expired) {
    char buffer[16384];
    struct spwd entry, *found = NULL;
    int error = getspnam_r(user, &entry, buffer, sizeof buffer, &found);
    if (found == NULL) return error ? -error : -ENOENT;
    if (strlen(found->sp_pwdp) >= size) return -ERANGE;
    strcpy(out, found->sp_pwdp);
    long today = (long)(time(NULL) / 86400);
    *expired = (found->sp_expire > 0 && today >= found->sp_expire)
        || (found->sp_lstchg > 0 && found->sp_max >= 0 && found->sp_max < 99999 && found->sp_inact >= 0
            && today > found->sp_lstchg + found->sp_max + found->sp_inact);
    explicit_bzero(buffer, sizeof buffer);
    return 0;
}

int cposix_die_with_parent(void) { RESULT(prctl(PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0)); }

int cposix_exit_status(int status) { return WIFEXITED(status) ? WEXITSTATUS(status) : -1; }

int cposix_term_signal(int status) { return WIFSIGNALED(status) ? WTERMSIG(status) : 0; }

int cposix_signal_descriptor(const int *signals, int count, uint64_t *blocked) {
    sigset_t set, before;
    sigemptyset(&set);
    for (int i = 0; i < count; i++) sigaddset(&set, signals[i]);
    if (sigprocmask(SIG_BLOCK, &set, &before) < 0) return -errno;
    *blocked = 0;
    for (int i = 0; i < count; i++)
        if (!sigismember(&before, signals[i])) *blocked |= UINT64_C(1) << signals[i];
    RESULT(signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
}

void cposix_unblock(uint64_t signals) {
    sigset_t set;
    sigemptyset(&set);
    for (int signal = 1; signal < 64; signal++)
        if (signals >> signal & 1) sigaddset(&set, signal);
    sigprocmask(SIG_UNBLOCK, &set, NULL);
}

int64_t cposix_read_signal(int descriptor) {
    struct signalfd_siginfo info;
    if (read(descriptor, &info, sizeof info) != (ssize_t)sizeof info) return -errno;
    return info.ssi_signo;
}

int cposix_unblock_signals(void) {
    sigset_t none;
    sigemptyset(&none);
    RESULT(sigprocmask(SIG_SETMASK, &none, NULL));
}

void cposix_set_title(const char *title) { prctl(PR_SET_NAME, title, 0, 0, 0); }

int64_t cposix_send_descriptor(int socket, const void *bytes, uint64_t count, int descriptor) {
    union {
        struct cmsghdr header;
        char space[CMSG_SPACE(sizeof(int))];
    } control;
    memset(&control, 0, sizeof control);
    struct iovec part = {.iov_base = (void *)bytes, .iov_len = count};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    if (descriptor >= 0) {
        message.msg_control = control.space;
        message.msg_controllen = sizeof control.space;
        struct cmsghdr *header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(header), &descriptor, sizeof descriptor);
    }
    RESULT(sendmsg(socket, &message, MSG_NOSIGNAL));
}

int64_t cposix_receive_descriptor(int socket, void *bytes, uint64_t count, int *descriptor) {
    union {
        struct cmsghdr header;
        char space[CMSG_SPACE(sizeof(int))];
    } control;
    struct iovec part = {.iov_base = bytes, .iov_len = count};
    struct msghdr message = {
        .msg_iov = &part, .msg_iovlen = 1,
        .msg_control = control.space, .msg_controllen = sizeof control.space,
    };
    *descriptor = -1;
    ssize_t got = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
    if (got < 0) return -errno;
    for (struct cmsghdr *h = CMSG_FIRSTHDR(&message); h; h = CMSG_NXTHDR(&message, h))
        if (h->cmsg_level == SOL_SOCKET && h->cmsg_type == SCM_RIGHTS)
            memcpy(descriptor, CMSG_DATA(h), sizeof *descriptor);
    return got;
}

int cposix_peer_credentials(int socket, uint32_t *uid, uint32_t *gid, int *pid) {
    struct ucred peer;
    socklen_t length = sizeof peer;
    if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &length) < 0) return -errno;
    *uid = peer.uid;
    *gid = peer.gid;
    *pid = peer.pid;
    return 0;
}

int cposix_epoll(void) { RESULT(epoll_create1(EPOLL_CLOEXEC)); }

int cposix_epoll_add(int set, int descriptor, bool exclusive) {
    struct epoll_event event = {.data.fd = descriptor};
    // A descriptor that is not waited for with others is only asked whether its other end is gone,
    // or, where it can be read, whether something came.
    event.events = EPOLLIN | (exclusive ? EPOLLEXCLUSIVE : 0);
    RESULT(epoll_ctl(set, EPOLL_CTL_ADD, descriptor, &event));
}

int cposix_epoll_wait(int set, int *descriptors, int room, int milliseconds) {
    struct epoll_event events[64];
    int count = epoll_wait(set, events, room < 64 ? room : 64, milliseconds);
    if (count < 0) return -errno;
    for (int i = 0; i < count; i++) descriptors[i] = events[i].data.fd;
    return count;
}

int64_t cposix_boot_time_ms(void) {
    struct timespec now;
    if (clock_gettime(CLOCK_BOOTTIME, &now) < 0) return -errno;
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t cposix_random(void *bytes, uint64_t count) { RESULT(getrandom(bytes, count, 0)); }

int cposix_open_unnamed(const char *directory, uint32_t mode) {
    RESULT(open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC, (mode_t)mode));
}

int cposix_link_descriptor(int descriptor, const char *path) {
    char source[32];
    snprintf(source, sizeof source, "/proc/self/fd/%d", descriptor);
    RESULT(linkat(AT_FDCWD, source, AT_FDCWD, path, AT_SYMLINK_FOLLOW));
}

int64_t cposix_get_attribute(int descriptor, const char *name, void *out, uint64_t size) {
    RESULT(fgetxattr(descriptor, name, out, size));
}

int cposix_set_attribute(int descriptor, const char *name, const void *value, uint64_t size) {
    RESULT(fsetxattr(descriptor, name, value, size, 0));
}

int cposix_reserve(int descriptor, int64_t offset, int64_t count) {
    RESULT(fallocate(descriptor, FALLOC_FL_KEEP_SIZE, offset, count));
}
