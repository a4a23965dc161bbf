package runtime

import (
	"internal/runtime/kernel"
	"unsafe"
)

// The program's files: a read-only tree of cpio archives, devices, pipes and what
// the network poller needs (toolchain/kernel, from Tree to Files). Here are the
// system calls about them.

var gaspFiles kernel.Files

// What threads wait for that a file keeps waiting: something to read, room to
// write, events.
var gaspFileWaits [3]uint64

const (
	gaspForReading = iota
	gaspForWriting
	gaspForEvents
)

func gaspFileWait(what int) uint64 { return uint64(uintptr(unsafe.Pointer(&gaspFileWaits[what]))) }

// gaspFilesInit makes the tree of what the board has.
func gaspFilesInit() {
	var archives [kernel.MaxArchives - 1][]byte
	n := 0
	for ; n < len(archives); n++ {
		p, size := goosArchive(n)
		if p == nil {
			break
		}
		archives[n] = unsafe.Slice(p, size)
	}
	gaspFiles.Tree().Build(archives[:n], gaspReserveNodes, gaspReleaseNodes)
	gaspFiles.Start()
	if d := gaspArguments.Value("PWD"); d != nil {
		gaspFiles.Chdir(d)
	}
}

func gaspReserveNodes(n int) []kernel.Node {
	p := gaspRAM.Reserve(0, gaspNodesSize(n), gaspPage)
	if p == 0 {
		return nil
	}
	return unsafe.Slice((*kernel.Node)(gaspPointer(uint64(p))), n)
}

func gaspReleaseNodes(nodes []kernel.Node) {
	gaspRAM.Release(uintptr(unsafe.Pointer(unsafe.SliceData(nodes))), gaspNodesSize(cap(nodes)))
}

func gaspNodesSize(n int) uintptr { return alignUp(uintptr(n)*unsafe.Sizeof(kernel.Node{}), gaspPage) }

// gaspFilesDamage tells the board which archives are not whole.
func gaspFilesDamage() {
	for i := range kernel.MaxArchives - 1 {
		if d := gaspFiles.Tree().Damage(i); d != 0 {
			goosArchiveDamage(i, d.String())
		}
	}
}

// gaspUserBytes is the n bytes at p that a system call names, or as many of them as
// it may take its time for with interrupts off: reads and writes may be short.
func gaspUserBytes(p, n uint64) []byte {
	const most = 1 << 20
	return gaspBytes(gaspPointer(p), uintptr(min(n, most)))
}

// gaspPath is a path that ends in NUL; without one it is too long.
func gaspPath(p uint64) []byte {
	const most = 4096
	b := gaspBytes(gaspPointer(p), most)
	for i := range b {
		if b[i] == 0 {
			return b[:i]
		}
	}
	return b
}

// gaspResult is what a system call returns.
func gaspResult[N int | int64](n N, errno kernel.Errno) uint64 {
	if errno != 0 {
		return gaspError(int64(errno))
	}
	return uint64(n)
}

func gaspErrno(errno kernel.Errno) uint64 { return gaspError(int64(errno)) }

// gaspRead and gaspWrite do not wait.
func gaspRead(fd, p, n uint64) uint64 {
	if gaspFiles.Kind(fd) == kernel.RandomFile {
		return gaspRandom(p, n)
	}
	return gaspResult(gaspFiles.Read(fd, gaspUserBytes(p, n)))
}

func gaspWrite(fd, p, n uint64) uint64 {
	if gaspFiles.Kind(fd) == kernel.ConsoleFile {
		goosWrite(gaspPointer(p), uintptr(n))
		return n
	}
	if gaspFiles.Kind(fd) == kernel.RandomFile {
		gaspGenerator.left = 0 // the next read seeds it anew; what is written is not believed
	}
	return gaspResult(gaspFiles.Write(fd, gaspUserBytes(p, n)))
}

// gaspReadOrWait reads for t, which waits if there is nothing and its file says so.
func gaspReadOrWait(t *gaspThread) {
	fd := t.arg(0)
	t.setResult(gaspRead(fd, t.arg(1), t.arg(2)))
	if t.result() == gaspErrno(kernel.EAGAIN) && gaspFiles.Blocks(fd) {
		gaspWait(t, gaspFileWait(gaspForReading), 0, 0)
	}
}

func gaspWriteOrWait(t *gaspThread) {
	fd := t.arg(0)
	if gaspFiles.Kind(fd) == kernel.ConsoleFile { // slow, and nothing of the kernel's
		gaspUnlockKernel()
		goosWrite(gaspPointer(t.arg(1)), uintptr(t.arg(2)))
		gaspLockKernel()
		t.setResult(t.arg(2))
		return
	}
	t.setResult(gaspWrite(fd, t.arg(1), t.arg(2)))
	switch t.result() {
	case gaspErrno(kernel.EAGAIN):
		if gaspFiles.Blocks(fd) {
			gaspWait(t, gaspFileWait(gaspForWriting), 0, 0)
		}
	case gaspErrno(kernel.EPIPE):
		t.pending |= 1 << _SIGPIPE
	}
}

func gaspClose(fd uint64) uint64 {
	errno, freed := gaspFiles.Close(fd)
	gaspReleasePipe(freed)
	return gaspErrno(errno)
}

func gaspReleasePipe(room uintptr) {
	if room != 0 {
		gaspRAM.Release(room, kernel.PipeSize)
	}
}

// gaspPipe writes the descriptors of a new pipe to fds, two ints.
func gaspPipe(fds, flags uint64) uint64 {
	room := gaspRAM.Reserve(0, kernel.PipeSize, gaspPage)
	if room == 0 {
		return gaspErrno(kernel.ENFILE)
	}
	r, w, errno := gaspFiles.Pipe(room, flags)
	if errno != 0 {
		gaspReleasePipe(room)
		return gaspErrno(errno)
	}
	*(*[2]int32)(gaspPointer(fds)) = [2]int32{int32(r), int32(w)}
	return 0
}

// gaspEpollEvents is where t wants epoll_pwait's events.
func gaspEpollEvents(t *gaspThread) []kernel.Event {
	const most = 1024
	return unsafe.Slice((*kernel.Event)(gaspPointer(t.arg(1))), int(min(t.arg(2), most)))
}

func gaspEpollWait(t *gaspThread) {
	ms := int64(int32(t.arg(3)))
	t.setResult(gaspResult(gaspFiles.EpollReady(t.arg(0), gaspEpollEvents(t))))
	if t.result() != 0 || ms == 0 {
		return
	}
	deadline := int64(0)
	if ms > 0 {
		deadline = gaspNow() + ms*1e6
	}
	gaspWait(t, gaspFileWait(gaspForEvents), deadline, 0)
}

// gaspFramesCame makes /dev/frames readable if the board says so.
func gaspFramesCame() bool {
	woken := goosWoken()
	if woken {
		gaspFiles.Signal()
		gaspFilesChanged()
	}
	return woken
}

// gaspFilesChanged performs, once something has changed, the calls of those who
// wait for files; who can go on does.
func gaspFilesChanged() {
	for gaspFiles.Changed() { // a read makes room for a write
		threads := gaspUsed()
		for i := range threads {
			t := &threads[i]
			result := gaspErrno(kernel.EAGAIN)
			switch gaspSched.Waits(t.id) {
			case gaspFileWait(gaspForReading):
				result = gaspRead(t.arg(0), t.arg(1), t.arg(2))
			case gaspFileWait(gaspForWriting):
				result = gaspWrite(t.arg(0), t.arg(1), t.arg(2))
			case gaspFileWait(gaspForEvents):
				if result = gaspResult(gaspFiles.EpollReady(t.arg(0), gaspEpollEvents(t))); result == 0 {
					continue
				}
			}
			if result != gaspErrno(kernel.EAGAIN) {
				gaspWake(t, result)
			}
		}
	}
}
