package qtest

import (
	"bufio"
	"net"
	"path/filepath"
)

const (
	monitorSocket = "monitor"
	monitorPrompt = "(qemu) "
)

// SetLink takes the device's link down or up again, through QEMU's monitor.
func (m *Machine) SetLink(up bool) {
	m.t.Helper()
	state := "off"
	if up {
		state = "on"
	}
	conn, err := net.Dial("unix", filepath.Join(m.dir, monitorSocket))
	if err != nil {
		m.t.Fatal(err)
	}
	defer conn.Close()
	out := bufio.NewReader(conn)
	m.awaitPrompt(out)
	if _, err := conn.Write([]byte("set_link n " + state + "\n")); err != nil {
		m.t.Fatal(err)
	}
	m.awaitPrompt(out)
}

// awaitPrompt reads to the end of what the monitor says.
func (m *Machine) awaitPrompt(out *bufio.Reader) {
	m.t.Helper()
	for seen := 0; seen < len(monitorPrompt); {
		c, err := out.ReadByte()
		if err != nil {
			m.t.Fatalf("QEMU's monitor: %v", err)
		}
		switch c {
		case monitorPrompt[seen]:
			seen++
		case monitorPrompt[0]:
			seen = 1
		default:
			seen = 0
		}
	}
}
