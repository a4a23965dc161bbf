package runtime

import (
	"internal/runtime/kernel"
	"unsafe"
)

// System calls about files.

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
		t.setResult(gaspResult(f.Open(gaspAtFDCWD, gaspPath(t.arg(0)), t.arg(1))))
	case gaspSysOpenat:
		t.setResult(gaspResult(f.Open(t.arg(0), gaspPath(t.arg(1)), t.arg(2))))
	case gaspSysCreat:
		t.setResult(gaspResult(f.Open(gaspAtFDCWD, gaspPath(t.arg(0)), kernel.O_CREAT|kernel.O_WRONLY|kernel.O_TRUNC)))
	case gaspSysClose:
		t.setResult(gaspClose(t.arg(0)))
	case gaspSysPread64:
		t.setResult(gaspResult(f.ReadAt(t.arg(0), gaspUserBytes(t.arg(1), t.arg(2)), int64(t.arg(3)))))
	case gaspSysLseek:
		t.setPosition(gaspResult(f.Lseek(t.arg(0), int64(t.arg(1)), t.arg(2))))
	case gaspSysGetdents64:
		t.setResult(gaspResult(f.ReadDir(t.arg(0), gaspUserBytes(t.arg(1), t.arg(2)))))
	case gaspSysFstat:
		t.setResult(gaspErrno(f.Fstat(t.arg(0), gaspStat(t.arg(1)))))
	case gaspSysStat:
		t.setResult(gaspErrno(f.Stat(gaspAtFDCWD, gaspPath(t.arg(0)), 0, gaspStat(t.arg(1)))))
	case gaspSysLstat:
		t.setResult(gaspErrno(f.Stat(gaspAtFDCWD, gaspPath(t.arg(0)), gaspAtNofollow, gaspStat(t.arg(1)))))
	case gaspSysNewfstatat:
		t.setResult(gaspErrno(f.Stat(t.arg(0), gaspPath(t.arg(1)), t.arg(3), gaspStat(t.arg(2)))))
	case gaspSysAccess:
		t.setResult(gaspErrno(f.Access(gaspAtFDCWD, gaspPath(t.arg(0)), t.arg(1), 0)))
	case gaspSysFaccessat:
		t.setResult(gaspErrno(f.Access(t.arg(0), gaspPath(t.arg(1)), t.arg(2), 0)))
	case gaspSysFaccessat2:
		t.setResult(gaspErrno(f.Access(t.arg(0), gaspPath(t.arg(1)), t.arg(2), t.arg(3))))
	case gaspSysReadlink:
		t.setResult(gaspResult(f.Readlink(gaspAtFDCWD, gaspPath(t.arg(0)), gaspUserBytes(t.arg(1), t.arg(2)))))
	case gaspSysReadlinkat:
		t.setResult(gaspResult(f.Readlink(t.arg(0), gaspPath(t.arg(1)), gaspUserBytes(t.arg(2), t.arg(3)))))
	case gaspSysGetcwd:
		t.setResult(gaspResult(f.Getcwd(gaspUserBytes(t.arg(0), t.arg(1)))))
	case gaspSysChdir:
		t.setResult(gaspErrno(f.Chdir(gaspPath(t.arg(0)))))
	case gaspSysFchdir:
		t.setResult(gaspErrno(f.Fchdir(t.arg(0))))
	case gaspSysFcntl:
		t.setResult(gaspResult(f.Fcntl(t.arg(0), t.arg(1), t.arg(2))))
	case gaspSysDup:
		t.setResult(gaspResult(f.Dup(t.arg(0), 0, false)))
	case gaspSysDup2:
		gaspDupTo(t, t.arg(0), t.arg(1), 0)
	case gaspSysDup3:
		gaspDupTo(t, t.arg(0), t.arg(1), t.arg(2))
	case gaspSysPipe:
		t.setResult(gaspPipe(t.arg(0), 0))
	case gaspSysPipe2:
		t.setResult(gaspPipe(t.arg(0), t.arg(1)))
	case gaspSysEpollCreate1:
		t.setResult(gaspResult(f.Epoll(t.arg(0))))
	case gaspSysEpollCtl:
		e := kernel.Event{}
		if t.arg(3) != 0 {
			e = *(*kernel.Event)(gaspPointer(t.arg(3)))
		}
		t.setResult(gaspErrno(f.EpollCtl(t.arg(0), t.arg(1), t.arg(2), e)))
	case gaspSysEpollWait, gaspSysEpollPwait:
		gaspEpollWait(t)
	case gaspSysEventfd:
		t.setResult(gaspResult(f.Event(t.arg(0), 0)))
	case gaspSysEventfd2:
		t.setResult(gaspResult(f.Event(t.arg(0), t.arg(1))))
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
	t.setResult(gaspResult(n, errno))
	if fd == to && errno == 0 && t.result() != 0 && flags != 0 {
		t.setResult(gaspErrno(kernel.EINVAL))
	}
}

// gaspChangeCall refuses the system calls that would change the tree, by what
// they find there.
func gaspChangeCall(t *gaspThread, n uint64) bool {
	const creates = true
	f := &gaspFiles
	dir, path, flags, makes := uint64(gaspAtFDCWD), t.arg(0), uint64(0), false
	switch n {
	case gaspSysMkdir, gaspSysMknod:
		makes = creates
	case gaspSysMkdirat, gaspSysMknodat:
		dir, path, makes = t.arg(0), t.arg(1), creates
	case gaspSysSymlink:
		path, makes = t.arg(1), creates
	case gaspSysSymlinkat:
		dir, path, makes = t.arg(1), t.arg(2), creates
	case gaspSysTruncate, gaspSysChmod, gaspSysChown, gaspSysUtimes:
	case gaspSysRmdir, gaspSysUnlink, gaspSysRename, gaspSysLink, gaspSysLchown:
		flags = gaspAtNofollow
	case gaspSysUnlinkat, gaspSysRenameat, gaspSysRenameat2, gaspSysLinkat:
		dir, path, flags = t.arg(0), t.arg(1), gaspAtNofollow
	case gaspSysFchmodat:
		dir, path = t.arg(0), t.arg(1)
	case gaspSysFchmodat2, gaspSysUtimensat:
		dir, path, flags = t.arg(0), t.arg(1), t.arg(3)
		if path == 0 {
			t.setResult(gaspErrno(f.ChangeOpen(dir)))
			return true
		}
	case gaspSysFchownat:
		dir, path, flags = t.arg(0), t.arg(1), t.arg(4)
	case gaspSysFtruncate, gaspSysPwrite64, gaspSysFallocate:
		t.setResult(gaspErrno(f.WriteAt(t.arg(0))))
		return true
	case gaspSysFchmod, gaspSysFchown:
		t.setResult(gaspErrno(f.ChangeOpen(t.arg(0))))
		return true
	case gaspSysFsync, gaspSysFdatasync, gaspSysFlock:
		t.setResult(gaspErrno(f.Sync(t.arg(0))))
		return true
	case gaspSysIoctl:
		t.setResult(gaspErrno(f.Ioctl(t.arg(0))))
		return true
	case gaspSysUmask:
		t.setResult(0o22)
		return true
	default:
		return false
	}
	t.setResult(gaspErrno(f.Change(dir, gaspPath(path), flags, makes)))
	return true
}
