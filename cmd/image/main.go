//go:build tamago

// Command image is the demonstration: it logs at several levels, and crashes on
// command. The kernel command line says what it does:
//
//	gasp.run=SECONDS  log a line a second for that long
//	gasp.lines=N      then log N numbered lines of 100 bytes
//	gasp.crash=CLASS  then die that way (without: main returns)
package main

import (
	"fmt"
	"log/slog"
	"os"
	"runtime"
	"strconv"
	"time"

	_ "gasp/board/microvm"
	_ "gasp/board/pc"

	"gasp/board/bootparam"
	"gasp/netlog"
)

// maxNumber bounds the numbers on the command line.
const maxNumber = 100_000_000

func main() {
	line := bootparam.Line(os.Args[1:])
	slog.SetDefault(slog.New(netlog.NewHandler(&slog.HandlerOptions{Level: slog.LevelDebug})))
	slog.Info("gasp demonstration image", "go", runtime.Version(), "cmdline", line)

	if n, ok := number(line, "gasp.run"); ok {
		runFor(time.Duration(n) * time.Second)
	}
	if n, ok := number(line, "gasp.lines"); ok {
		numberedLines(n)
	} else {
		demonstrate()
	}
	if class, ok := line.Get("gasp.crash"); ok {
		crash(class)
	}
}

// demonstrate logs once by every way that leads to the log host.
func demonstrate() {
	slog.Debug("a debug line: below loglevel=7, it stays here")
	slog.Info("fan speed", "rpm", 1450, "ok", true)
	slog.Warn("temperature high", "celsius", 81.5)
	slog.Error("disk gone", "err", os.ErrNotExist)
	fmt.Println("standard output goes there too")
	fmt.Fprintln(os.Stderr, "and standard error")
	println("and the runtime's own print")
	recoverNil()
}

// recoverNil shows that a fault that is recovered is no crash.
func recoverNil() {
	defer func() { slog.Info("recovered", "panic", fmt.Sprint(recover())) }()
	var p *[4]int
	p[index] = 1
}

// index keeps the compiler from seeing what is wrong.
var index = 2

// numberedLines logs lines of 100 bytes with their newline: "line 00000001 of
// 00005000 ....".
func numberedLines(n int) {
	const width, first, last = 100, len("line "), len("line 00000000 of ")
	text := []byte("line 00000000 of 00000000 ")
	for len(text) < width-1 {
		text = append(text, '.')
	}
	text = append(text, '\n')
	putNumber(text[last:], n)
	for i := 1; i <= n; i++ {
		putNumber(text[first:], i)
		netlog.Default().Write(text)
	}
}

// putNumber writes n as eight digits.
func putNumber(b []byte, n int) {
	for i := 7; i >= 0; i-- {
		b[i] = byte('0' + n%10)
		n /= 10
	}
}

func runFor(d time.Duration) {
	for end := time.Now().Add(d); time.Now().Before(end); time.Sleep(time.Second) {
		slog.Info("alive", "uptime", time.Since(start).Round(time.Millisecond))
	}
}

var start = time.Now()

// number reads key=N; a wrong one is said and ignored.
func number(line bootparam.Line, key string) (int, bool) {
	v, ok := line.Get(key)
	if !ok {
		return 0, false
	}
	n, err := strconv.Atoi(v)
	if err != nil || n < 0 || n > maxNumber {
		slog.Error("not a number from 0 to "+strconv.Itoa(maxNumber), key, v)
		return 0, false
	}
	return n, true
}
