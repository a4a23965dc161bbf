package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"gasp/internal/webtarget"
	"gasp/netlog/wire"
	"gasp/qemu"
)

// standin is a program of this host that serves and logs as the image does. It can do some things wrong.
type standin struct {
	t      *testing.T
	server *httptest.Server
	conn   net.Conn
	ended  chan struct{}
	enough chan time.Time // closed when all that is tried has happened

	mu      sync.Mutex
	asked   int  // requests
	stated  bool // it was asked for its state
	odds    int  // odd answers
	since   int  // numbered lines when the last of them was given
	closed  bool
	number  uint64
	line    int
	dead    bool
	mistake func(*standin, *wire.Record) // looks at each record before it is sent
	odd     func(*http.Request) bool     // what is answered oddly
}

// newStandin makes one that logs to the receiver, and serves.
func newStandin(t *testing.T, receiver netip.AddrPort) *standin {
	t.Helper()
	conn, err := net.Dial("udp", receiver.String())
	if err != nil {
		t.Fatal(err)
	}
	s := &standin{t: t, conn: conn, ended: make(chan struct{}), enough: make(chan time.Time)}
	handler := webtarget.Handler(webtarget.Machine{Log: s.log, Crash: s.crash,
		State: s.state})
	s.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s.odd != nil && s.odd(r) {
			s.count(true)
			s.answerOddly(w, r)
			return
		}
		handler.ServeHTTP(w, r)
		s.count(false)
	}))
	t.Cleanup(func() { s.Quit(); conn.Close() })
	return s
}

// begin says that it serves, and logs numbered lines until it dies.
func (s *standin) begin() {
	s.log("serving on port 80")
	go func() {
		for {
			time.Sleep(time.Millisecond)
			s.mu.Lock()
			if s.dead {
				s.mu.Unlock()
				return
			}
			s.line++
			s.send(6, fmt.Sprintf("load %08d ......", s.line))
			s.look()
			s.mu.Unlock()
		}
	}()
}

// answerOddly answers / with a wrong byte, and breaks off what else is asked for.
func (s *standin) answerOddly(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != "/" {
		panic(http.ErrAbortHandler)
	}
	io.WriteString(w, strings.Replace(webtarget.Greeting, "well", "wall", 1))
}

func (s *standin) state() webtarget.State {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stated = true
	return webtarget.State{Lines: uint64(s.line)}
}

func (s *standin) count(odd bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked++
	if odd {
		s.odds++
		s.since = s.line
	}
}

// look says whether all has happened: many lines and requests, or no client is left that an answer has not disappointed.
func (s *standin) look() {
	const lines, requests, clients, notice = 150, 200, 6, 500
	if !s.closed && s.line >= lines && (s.asked >= requests && s.stated || s.odds >= clients && s.line > s.since+notice) {
		s.closed = true
		close(s.enough)
	}
}

func (s *standin) log(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.dead {
		panic(http.ErrAbortHandler) // nothing more is answered either
	}
	s.send(6, text)
}

// send sends a record; a mistake can change it, or leave it out with the level 255.
func (s *standin) send(level uint8, text string) {
	r := wire.Record{Level: level, Seq: s.number, Time: uint64(time.Now().UnixMicro()), Text: []byte(text)}
	s.number++
	if s.mistake != nil {
		if s.mistake(s, &r); r.Level == 255 {
			return
		}
	}
	s.conn.Write(wire.AppendExtended(nil, &r))
}

// crash sends a report and is gone.
func (s *standin) crash(class string, step int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.dead {
		return
	}
	boot := [16]byte([]byte("0123456789abcdef"))
	h := wire.Headline{Boot: boot, Cause: []byte("panic: something is badly wrong"), Func: "main.panicError+0x1", Build: "00", HasPC: true, HasLast: true, Last: s.number - 1}
	s.send(0, string(wire.AppendHeadline(nil, &h, wire.HeadlineMax)))
	for _, line := range []string{"goroutine 1 [running]:", "main.panicError(...)", "\tmain.go:1 +0x4"} {
		s.send(0, wire.ReportPrefix+line)
	}
	s.send(0, string(wire.AppendEnd(nil, &wire.End{Boot: boot, Records: 5})))
	s.dead = true
	go s.server.CloseClientConnections()
	close(s.ended)
}

func (s *standin) Wait() (qemu.Exit, error) { <-s.ended; return qemu.Exit{Reason: "guest-reset"}, nil }

func (s *standin) Forwarded() ([]netip.AddrPort, error) {
	a, err := netip.ParseAddrPort(strings.TrimPrefix(s.server.URL, "http://"))
	return slices.Repeat([]netip.AddrPort{a}, maxClients+1), err
}

func (s *standin) Quit() error {
	s.mu.Lock()
	if !s.dead {
		s.dead = true
		close(s.ended)
	}
	s.mu.Unlock()
	s.server.CloseClientConnections()
	s.server.Close()
	return nil
}
