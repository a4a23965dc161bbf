package kernel

// Errno is an error number of Linux (include/uapi/asm-generic/errno-base.h and
// errno.h); 0 is success.
type Errno uint16

// The errors that the calls on files give.
const (
	EPERM        Errno = 1
	ENOENT       Errno = 2
	ENXIO        Errno = 6
	EBADF        Errno = 9
	EAGAIN       Errno = 11
	EACCES       Errno = 13
	EEXIST       Errno = 17
	ENOTDIR      Errno = 20
	EISDIR       Errno = 21
	EINVAL       Errno = 22
	ENFILE       Errno = 23
	EMFILE       Errno = 24
	ENOTTY       Errno = 25
	ESPIPE       Errno = 29
	EROFS        Errno = 30
	EPIPE        Errno = 32
	ERANGE       Errno = 34
	ENAMETOOLONG Errno = 36
	ELOOP        Errno = 40
)
