package loghost

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func receiver(t *testing.T) (program string) {
	t.Helper()
	program = filepath.Join(t.TempDir(), "receiver")
	if err := Build(t.Context(), program); err != nil {
		t.Fatal(err)
	}
	return program
}

// TestReceiverListens: what is sent when Start has returned arrives, and what the program said of it is kept.
func TestReceiverListens(t *testing.T) {
	program := receiver(t)
	for _, read := range []bool{false, true} {
		o := Options{Program: program, Args: []string{"-dir", t.TempDir(), "-color", "never"}}
		var output bytes.Buffer
		if read {
			o.Read = func(in io.Reader) { io.Copy(&output, in) }
			o.Args = append(o.Args, "-json", "-")
		}
		r, err := Start(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		conn, err := net.Dial("udp", r.Address.String())
		if err != nil {
			t.Fatal(err)
		}
		conn.Write([]byte("6,1,2,-;words\n"))
		conn.Close()
		if r.PeakMemory() == 0 || r.ProcessorTime() != 0 {
			t.Errorf("while it runs: %d bytes, %v", r.PeakMemory(), r.ProcessorTime())
		}
		if err := r.Stop(); err != nil {
			t.Error(err)
		}
		said, where := string(r.Said()), "said"
		if read {
			said, where = output.String(), "wrote"
		}
		if !strings.Contains(said, "words") {
			t.Errorf("it %s %q, and was sent words", where, said)
		}
		if r.Stop() != nil || r.PeakMemory() == 0 || r.ProcessorTime() == 0 {
			t.Errorf("afterwards: %v, %d bytes, %v", r.Err(), r.PeakMemory(), r.ProcessorTime())
		}
	}
}

func TestStartSaysWhatIsWrong(t *testing.T) {
	dir := t.TempDir()
	ends := filepath.Join(dir, "ends")
	if err := os.WriteFile(ends, []byte("#!/bin/sh\necho no reason >&2\nexit 3\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	_, err := Start(t.Context(), Options{Program: ends})
	if !errors.Is(err, ErrNotListening) || !strings.Contains(err.Error(), "exit status 3") || !strings.Contains(err.Error(), "no reason") {
		t.Errorf("a program that ends: %v", err)
	}
	if _, err := Start(t.Context(), Options{Program: filepath.Join(dir, "none")}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no program: %v", err)
	}
}

func TestTailKeepsTheLast(t *testing.T) {
	var said tail
	for range 5 {
		said.Write(bytes.Repeat([]byte{'x'}, maxSaid))
	}
	said.Write([]byte("end"))
	if b := said.bytes(); len(b) > 2*maxSaid || !bytes.HasSuffix(b, []byte("xend")) {
		t.Errorf("%d bytes are kept, the last are %q", len(b), b[max(0, len(b)-10):])
	}
}
