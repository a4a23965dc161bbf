package imx

import "encoding/binary"

// Device configuration data: what the ROM writes to registers before it loads the image. Its
// numbers are big-endian.
const (
	tagDCD       = 0xd2
	commandWrite = 0xcc
	wordWide     = 4 // flags of the command: the value is written as it is, 32 bits

	maxDCD    = 1768 // bytes that the ROM takes
	dcdHeader = 4    // of the list, and of the command
	writeSize = 8
	maxWrites = (maxDCD - 2*dcdHeader) / writeSize
)

// A write sets a register.
type write struct{ register, value uint32 }

// dcd is a list of writes, maxWrites at the most, in order.
func dcd(writes []write) []byte {
	be := binary.BigEndian
	size := uint16(dcdHeader + writeSize*len(writes)) // of the command
	out := append(be.AppendUint16([]byte{tagDCD}, dcdHeader+size), version)
	out = append(be.AppendUint16(append(out, commandWrite), size), wordWide)
	for _, w := range writes {
		out = be.AppendUint32(be.AppendUint32(out, w.register), w.value)
	}
	return out
}
