package qtest

import (
	"fmt"
	"strconv"
	"strings"
)

// command gives the low 32 bits of the value that QEMU answers, 0 if it answers
// none.
func (m *Machine) command(format string, args ...any) uint32 {
	m.t.Helper()
	command := fmt.Sprintf(format, args...)
	m.in.WriteString(command + "\n")
	m.in.Flush() // an error shows in what is read
	line, err := m.out.ReadString('\n')
	if err != nil {
		m.t.Fatalf("QEMU ended at %q: %v", command, err)
	}
	word := strings.Fields(line)
	if len(word) == 0 || word[0] != "OK" {
		m.t.Fatalf("QEMU answers %q to %q", line, command)
	}
	if len(word) == 1 {
		return 0
	}
	v, err := strconv.ParseUint(word[1], 0, 64)
	if err != nil {
		m.t.Fatalf("QEMU answers %q to %q", line, command)
	}
	return uint32(v)
}
