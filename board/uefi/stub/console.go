//go:build tamago && (amd64 || arm64)

package stub

// maxText is how many characters one piece of what is said may have.
const maxText = 120

// say writes pieces of ASCII to the firmware's console.
func (t *systemTable) say(text string) {
	if t.out == nil {
		return
	}
	var wide [maxText + 1]uint16
	n := 0
	for n < len(text) && n < maxText {
		wide[n] = uint16(text[n])
		n++
	}
	call(t.out.outputString, address(t.out), address(&wide[0]), 0, 0, 0)
}

// sayNumber writes a number in hexadecimal digits.
func (t *systemTable) sayNumber(v uint64) {
	if t.out == nil {
		return
	}
	const digits = "0123456789abcdef"
	var wide [2 + 16 + 1]uint16
	n := len(wide) - 1
	for ok := true; ok; ok = v != 0 {
		n--
		wide[n] = uint16(digits[v&15])
		v >>= 4
	}
	wide[n-1], wide[n-2] = 'x', '0'
	call(t.out.outputString, address(t.out), address(&wide[n-2]), 0, 0, 0)
}

// readable is how long what was said stays before the firmware goes on, in microseconds.
const readable = 10_000_000

// fail gives back to the firmware, with a status, what cannot be started; the reason has
// been said.
func (t *systemTable) fail(status uintptr) uintptr {
	t.say("\r\n")
	call(t.boot.stall, readable, 0, 0, 0, 0)
	return status
}
