package loghost

import (
	"bytes"
	"sync"
)

// maxSaid is how many bytes are kept of what the receiver says.
const maxSaid = 1 << 20

// tail keeps the last of what is written to it. Any goroutine may use it.
type tail struct {
	mu sync.Mutex
	b  []byte
}

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.b = append(t.b, p...)
	if n := len(t.b); n > 2*maxSaid {
		t.b = append(t.b[:0], t.b[n-maxSaid:]...)
	}
	return len(p), nil
}

func (t *tail) bytes() []byte {
	t.mu.Lock()
	defer t.mu.Unlock()
	return bytes.Clone(t.b)
}
