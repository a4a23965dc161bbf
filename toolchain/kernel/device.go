package kernel

import "unsafe"

// The devices that there are (Linux Documentation/admin-guide/devices.txt).
const (
	deviceNull    = 1<<8 | 3
	deviceZero    = 1<<8 | 5
	deviceRandom  = 1<<8 | 8
	deviceURandom = 1<<8 | 9
	deviceConsole = 5<<8 | 1
	deviceFrames  = 10<<8 | 240 // of ours: misc devices, local use
)

// devicePaths holds the paths of the kernel's own nodes, a blank behind each.
const devicePaths = "tmp dev dev/null dev/zero dev/random dev/urandom dev/console dev/frames dev/stdin dev/stdout dev/stderr "

// deviceNodes says what those are: 0 is a directory. /tmp is there so that who
// wants to write to it is told why it cannot be.
var deviceNodes = [...]uint32{0, 0, deviceNull, deviceZero, deviceRandom, deviceURandom, deviceConsole, deviceFrames, deviceConsole, deviceConsole, deviceConsole}

func (b *builder) addDevices() {
	start := 0
	for _, rdev := range deviceNodes {
		end := start
		for devicePaths[end] != ' ' {
			end++
		}
		n := Node{name: uint32(start), length: uint32(end - start), mode: modeDir | 0o755, nlink: 2, rdev: rdev}
		if rdev != 0 {
			n.mode, n.nlink = modeChar|0o666, 1
		}
		b.add(n)
		start = end + 1
	}
}

// deviceArchive is what the kernel's own nodes have their names in.
func deviceArchive() []byte { return unsafe.Slice(unsafe.StringData(devicePaths), len(devicePaths)) }

func device(major, minor uint32) uint32 {
	if major > 0xff || minor > 0xff {
		return 0
	}
	return major<<8 | minor
}

// deviceKind is what a device is when it is open; 0 if there is no such device.
func deviceKind(rdev uint32) FileKind {
	switch rdev {
	case deviceNull:
		return NullFile
	case deviceZero:
		return ZeroFile
	case deviceRandom, deviceURandom:
		return RandomFile
	case deviceConsole:
		return ConsoleFile
	case deviceFrames:
		return EventFile
	}
	return 0
}
