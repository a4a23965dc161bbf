package runtime

import (
	"internal/runtime/kernel"
	"unsafe"
)

// System calls about files (arch/x86/entry/syscalls/syscall_64.tbl).
const (
	gaspSysStat         = 4
	gaspSysFstat        = 5
	gaspSysLstat        = 6
	gaspSysLseek        = 8
	gaspSysIoctl        = 16
	gaspSysPread64      = 17
	gaspSysPwrite64     = 18
	gaspSysReadv        = 19
	gaspSysWritev       = 20
	gaspSysAccess       = 21
	gaspSysPipe         = 22
	gaspSysDup          = 32
	gaspSysDup2         = 33
	gaspSysFcntl        = 72
	gaspSysFlock        = 73
	gaspSysFsync        = 74
	gaspSysFdatasync    = 75
	gaspSysTruncate     = 76
	gaspSysFtruncate    = 77
	gaspSysGetcwd       = 79
	gaspSysChdir        = 80
	gaspSysFchdir       = 81
	gaspSysRename       = 82
	gaspSysMkdir        = 83
	gaspSysRmdir        = 84
	gaspSysCreat        = 85
	gaspSysLink         = 86
	gaspSysUnlink       = 87
	gaspSysSymlink      = 88
	gaspSysReadlink     = 89
	gaspSysChmod        = 90
	gaspSysFchmod       = 91
	gaspSysChown        = 92
	gaspSysFchown       = 93
	gaspSysLchown       = 94
	gaspSysUmask        = 95
	gaspSysMknod        = 133
	gaspSysGetdents64   = 217
	gaspSysEpollWait    = 232
	gaspSysEpollCtl     = 233
	gaspSysUtimes       = 235
	gaspSysOpenat       = 257
	gaspSysMkdirat      = 258
	gaspSysMknodat      = 259
	gaspSysFchownat     = 260
	gaspSysNewfstatat   = 262
	gaspSysUnlinkat     = 263
	gaspSysRenameat     = 264
	gaspSysLinkat       = 265
	gaspSysSymlinkat    = 266
	gaspSysReadlinkat   = 267
	gaspSysFchmodat     = 268
	gaspSysFaccessat    = 269
	gaspSysUtimensat    = 280
	gaspSysEpollPwait   = 281
	gaspSysEventfd      = 284
	gaspSysFallocate    = 285
	gaspSysEventfd2     = 290
	gaspSysEpollCreate1 = 291
	gaspSysDup3         = 292
	gaspSysPipe2        = 293
	gaspSysRenameat2    = 316
	gaspSysFaccessat2   = 439
	gaspSysFchmodat2    = 452
)

const (
	gaspAtFDCWD    = 1<<64 - 100
	gaspAtNofollow = 0x100
)

// gaspFileCall performs the system calls of t about files; it returns false if n
// is none of them.
func gaspFileCall(t *gaspThread, n uint64) bool {
	f := &gaspFiles
	switch n {
	case gaspSysRead:
		gaspReadOrWait(t)
	case gaspSysWrite:
		gaspWriteOrWait(t)
	case gaspSysOpen:
		t.ax = gaspResult(f.Open(gaspAtFDCWD, gaspPath(t.di), t.si))
	case gaspSysOpenat:
		t.ax = gaspResult(f.Open(t.di, gaspPath(t.si), t.dx))
	case gaspSysCreat:
		t.ax = gaspResult(f.Open(gaspAtFDCWD, gaspPath(t.di), kernel.O_CREAT|kernel.O_WRONLY|kernel.O_TRUNC))
	case gaspSysClose:
		t.ax = gaspClose(t.di)
	case gaspSysPread64:
		t.ax = gaspResult(f.ReadAt(t.di, gaspUserBytes(t.si, t.dx), int64(t.r10)))
	case gaspSysLseek:
		t.ax = gaspResult(f.Lseek(t.di, int64(t.si), t.dx))
	case gaspSysGetdents64:
		t.ax = gaspResult(f.ReadDir(t.di, gaspUserBytes(t.si, t.dx)))
	case gaspSysFstat:
		t.ax = gaspErrno(f.Fstat(t.di, gaspStat(t.si)))
	case gaspSysStat:
		t.ax = gaspErrno(f.Stat(gaspAtFDCWD, gaspPath(t.di), 0, gaspStat(t.si)))
	case gaspSysLstat:
		t.ax = gaspErrno(f.Stat(gaspAtFDCWD, gaspPath(t.di), gaspAtNofollow, gaspStat(t.si)))
	case gaspSysNewfstatat:
		t.ax = gaspErrno(f.Stat(t.di, gaspPath(t.si), t.r10, gaspStat(t.dx)))
	case gaspSysAccess:
		t.ax = gaspErrno(f.Access(gaspAtFDCWD, gaspPath(t.di), t.si, 0))
	case gaspSysFaccessat:
		t.ax = gaspErrno(f.Access(t.di, gaspPath(t.si), t.dx, 0))
	case gaspSysFaccessat2:
		t.ax = gaspErrno(f.Access(t.di, gaspPath(t.si), t.dx, t.r10))
	case gaspSysReadlink:
		t.ax = gaspResult(f.Readlink(gaspAtFDCWD, gaspPath(t.di), gaspUserBytes(t.si, t.dx)))
	case gaspSysReadlinkat:
		t.ax = gaspResult(f.Readlink(t.di, gaspPath(t.si), gaspUserBytes(t.dx, t.r10)))
	case gaspSysGetcwd:
		t.ax = gaspResult(f.Getcwd(gaspUserBytes(t.di, t.si)))
	case gaspSysChdir:
		t.ax = gaspErrno(f.Chdir(gaspPath(t.di)))
	case gaspSysFchdir:
		t.ax = gaspErrno(f.Fchdir(t.di))
	case gaspSysFcntl:
		t.ax = gaspResult(f.Fcntl(t.di, t.si, t.dx))
	case gaspSysDup:
		t.ax = gaspResult(f.Dup(t.di, 0, false))
	case gaspSysDup2:
		gaspDupTo(t, t.di, t.si, 0)
	case gaspSysDup3:
		gaspDupTo(t, t.di, t.si, t.dx)
	case gaspSysPipe:
		t.ax = gaspPipe(t.di, 0)
	case gaspSysPipe2:
		t.ax = gaspPipe(t.di, t.si)
	case gaspSysEpollCreate1:
		t.ax = gaspResult(f.Epoll(t.di))
	case gaspSysEpollCtl:
		e := kernel.Event{}
		if t.r10 != 0 {
			e = *(*kernel.Event)(gaspPointer(t.r10))
		}
		t.ax = gaspErrno(f.EpollCtl(t.di, t.si, t.dx, e))
	case gaspSysEpollWait, gaspSysEpollPwait:
		gaspEpollWait(t)
	case gaspSysEventfd:
		t.ax = gaspResult(f.Event(t.di, 0))
	case gaspSysEventfd2:
		t.ax = gaspResult(f.Event(t.di, t.si))
	default:
		return gaspChangeCall(t, n)
	}
	gaspFilesChanged()
	return true
}

func gaspStat(p uint64) *[kernel.StatSize]byte {
	return (*[kernel.StatSize]byte)(unsafe.Pointer(gaspPointer(p)))
}

func gaspDupTo(t *gaspThread, fd, to, flags uint64) {
	n, errno, freed := gaspFiles.DupTo(fd, to, flags&kernel.O_CLOEXEC != 0)
	gaspReleasePipe(freed)
	if t.ax = gaspResult(n, errno); fd == to && errno == 0 && t.ax != 0 && flags != 0 {
		t.ax = gaspErrno(kernel.EINVAL)
	}
}

// gaspChangeCall refuses the system calls that would change the tree, by what
// they find there.
func gaspChangeCall(t *gaspThread, n uint64) bool {
	const creates = true
	f := &gaspFiles
	dir, path, flags, makes := uint64(gaspAtFDCWD), t.di, uint64(0), false
	switch n {
	case gaspSysMkdir, gaspSysMknod:
		makes = creates
	case gaspSysMkdirat, gaspSysMknodat:
		dir, path, makes = t.di, t.si, creates
	case gaspSysSymlink:
		path, makes = t.si, creates
	case gaspSysSymlinkat:
		dir, path, makes = t.si, t.dx, creates
	case gaspSysTruncate, gaspSysChmod, gaspSysChown, gaspSysUtimes:
	case gaspSysRmdir, gaspSysUnlink, gaspSysRename, gaspSysLink, gaspSysLchown:
		flags = gaspAtNofollow
	case gaspSysUnlinkat, gaspSysRenameat, gaspSysRenameat2, gaspSysLinkat:
		dir, path, flags = t.di, t.si, gaspAtNofollow
	case gaspSysFchmodat:
		dir, path = t.di, t.si
	case gaspSysFchmodat2, gaspSysUtimensat:
		dir, path, flags = t.di, t.si, t.r10
		if path == 0 {
			t.ax = gaspErrno(f.ChangeOpen(dir))
			return true
		}
	case gaspSysFchownat:
		dir, path, flags = t.di, t.si, t.r8
	case gaspSysFtruncate, gaspSysPwrite64, gaspSysFallocate:
		t.ax = gaspErrno(f.WriteAt(t.di))
		return true
	case gaspSysFchmod, gaspSysFchown:
		t.ax = gaspErrno(f.ChangeOpen(t.di))
		return true
	case gaspSysFsync, gaspSysFdatasync, gaspSysFlock:
		t.ax = gaspErrno(f.Sync(t.di))
		return true
	case gaspSysIoctl:
		t.ax = gaspErrno(f.Ioctl(t.di))
		return true
	case gaspSysUmask:
		t.ax = 0o22
		return true
	default:
		return false
	}
	t.ax = gaspErrno(f.Change(dir, gaspPath(path), flags, makes))
	return true
}
