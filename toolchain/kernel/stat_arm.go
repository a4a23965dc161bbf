package kernel

import "unsafe"

// stat is struct stat64 (arch/arm/include/uapi/asm/stat.h).
type stat struct {
	dev        uint64
	_, _       uint32
	mode       uint32
	nlink      nlink
	uid, gid   uint32
	rdev       uint64
	_, _       uint32
	size       int64
	blksize, _ int32
	blocks     int64
	times      [3][2]statTime // atime, mtime, ctime: s and ns
	ino        uint64
}

type (
	nlink    = uint32
	statTime = int32
)

var _ = [104]byte([unsafe.Sizeof(stat{})]byte{})
