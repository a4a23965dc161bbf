package qemu

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"
)

// monitorTimeout bounds the wait for the answer to one command.
const monitorTimeout = 20 * time.Second

var (
	// ErrMonitor is wrapped by the errors about a command that QEMU refused.
	ErrMonitor = errors.New("QEMU's monitor refused")
	// ErrMonitorGone is wrapped by the errors about a command that got no answer.
	ErrMonitorGone = errors.New("QEMU's monitor does not answer")
)

// message is any of QMP's: a greeting, the answer to a command, or an event (QMP specification, section 2).
type message struct {
	Greeting json.RawMessage `json:"QMP"`
	Return   json.RawMessage `json:"return"`
	Error    *struct {
		Description string `json:"desc"`
	} `json:"error"`
	Event string `json:"event"`
	Data  struct {
		Reason string `json:"reason"`
	} `json:"data"`
}

// monitor speaks QMP with a QEMU: one command at a time, events noted as they come.
type monitor struct {
	conn     net.Conn
	mu       sync.Mutex    // held from a command to its answer
	answers  chan message  // holds one: there is one command at a time
	gone     chan struct{} // closed when QEMU says no more
	shutdown string        // the reason of the last SHUTDOWN event; final once gone is closed
}

func newMonitor(conn net.Conn) *monitor {
	m := &monitor{conn: conn, answers: make(chan message, 1), gone: make(chan struct{})}
	go m.read()
	return m
}

// read sorts what QEMU says until it is gone.
func (m *monitor) read() {
	defer close(m.gone)
	defer close(m.answers)
	for d := json.NewDecoder(m.conn); ; {
		var msg message
		if d.Decode(&msg) != nil {
			return
		}
		switch {
		case msg.Event == "SHUTDOWN":
			m.shutdown = msg.Data.Reason
		case msg.Event == "":
			m.answers <- msg
		}
	}
}

// answer waits for the greeting or for what follows a command.
func (m *monitor) answer() (message, error) {
	select {
	case msg, ok := <-m.answers:
		if !ok {
			return msg, ErrMonitorGone
		}
		if msg.Error != nil {
			return msg, fmt.Errorf("%w: %s", ErrMonitor, msg.Error.Description)
		}
		return msg, nil
	case <-time.After(monitorTimeout):
		m.conn.Close() // a late answer must not be taken for the next command's
		return message{}, fmt.Errorf("%w within %v", ErrMonitorGone, monitorTimeout)
	}
}

func (m *monitor) command(name string, arguments, result any) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	b, err := json.Marshal(struct {
		Execute   string `json:"execute"`
		Arguments any    `json:"arguments,omitempty"`
	}{name, arguments})
	if err != nil {
		return fmt.Errorf("qemu: %s: %w", name, err)
	}
	m.conn.SetWriteDeadline(time.Now().Add(monitorTimeout))
	if _, err := m.conn.Write(b); err != nil {
		return fmt.Errorf("qemu: %s: %w: %w", name, ErrMonitorGone, err)
	}
	msg, err := m.answer()
	if err == nil && result != nil {
		err = json.Unmarshal(msg.Return, result)
	}
	if err != nil {
		return fmt.Errorf("qemu: %s: %w", name, err)
	}
	return nil
}

// begin greets QEMU and lets the machine's CPU start.
func (m *monitor) begin() error {
	if _, err := m.answer(); err != nil {
		return err
	}
	if err := m.command("qmp_capabilities", nil, nil); err != nil {
		return err
	}
	if err := m.command("cont", nil, nil); !errors.Is(err, ErrMonitorGone) {
		return err
	}
	return nil // a guest can end QEMU before the answer is out; how is for Wait to tell
}

// end is called when the process has ended, and returns why the machine did.
func (m *monitor) end() string {
	<-m.gone
	m.conn.Close()
	return m.shutdown
}
