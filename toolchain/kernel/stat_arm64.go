package kernel

import "unsafe"

// stat is struct stat (include/uapi/asm-generic/stat.h).
type stat struct {
	dev, ino   uint64
	mode       uint32
	nlink      nlink
	uid, gid   uint32
	rdev, pad  uint64
	size       int64
	blksize, _ int32
	blocks     int64
	times      [3][2]statTime // atime, mtime, ctime: s and ns
	unused     [2]uint32
}

type (
	nlink    = uint32
	statTime = int64
)

var _ = [128]byte([unsafe.Sizeof(stat{})]byte{})
