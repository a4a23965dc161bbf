package kernel

import "unsafe"

// stat is struct stat (arch/x86/include/uapi/asm/stat.h).
type stat struct {
	dev, ino            uint64
	nlink               nlink
	mode, uid, gid, pad uint32
	rdev                uint64
	size, blksize       int64
	blocks              int64
	times               [3][2]statTime // atime, mtime, ctime: s and ns
	unused              [3]int64
}

type (
	nlink    = uint64
	statTime = int64
)

var _ = [144]byte([unsafe.Sizeof(stat{})]byte{})
