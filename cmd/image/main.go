//go:build tamago

// Command image is the demonstration: it logs at several levels, and crashes on
// command. The kernel command line says what it does:
//
//	gasp.run=SECONDS  log a line a second for that long
//	gasp.print=N      meanwhile, but not in the last second, N goroutines print lines
//	gasp.lines=N      then log N numbered lines of 100 bytes
//	gasp.recover=N    then recover from N nil dereferences
//	gasp.crash=CLASS  then die that way (without: main returns)
//	gasp.step=N       which one, for classes that have several ways
//	gasp.breaks=N     how many steps in a row stop it, 1 to 4
//	gasp.load=1       a goroutine logs without end meanwhile
//	gasp.delay=MS     wait that long before dying
//
// Built with the tag web it also has a network stack, and instead of all that it
// serves HTTP (internal/webtarget) until it is asked to crash:
//
//	gasp.web=PORT     where
//	gasp.rate=N       logs N numbered lines of 100 bytes a second meanwhile
package main

import (
	"fmt"
	"log/slog"
	"os"
	"runtime"
	"strconv"
	"time"

	_ "gasp/board/all"

	"gasp/board/machine"
	"gasp/netlog"
)

// maxNumber bounds the numbers on the command line.
const maxNumber = 100_000_000

// line is the command line.
var line = machine.CommandLine()

func init() {
	slog.SetDefault(slog.New(netlog.NewHandler(&slog.HandlerOptions{Level: slog.LevelDebug})))
	slog.Info("gasp demonstration image", "go", runtime.Version(), "cmdline", line)
	if class, _ := line.Get("gasp.crash"); class == inInit {
		crash(class)
	}
}

// serve is what an image built with the tag web does until somebody asks for a
// class to crash with. Others have none.
var serve func() (class string)

func main() {
	class, dies := line.Get("gasp.crash")
	if class == atOnce {
		crash(class)
	}
	if serve != nil {
		crash(serve())
	}
	if n, ok := number("gasp.run"); ok {
		d := time.Duration(n) * time.Second
		printing, _ := number("gasp.print")
		for range printing {
			go printFor(d - time.Second)
		}
		runFor(d)
	}
	if n, ok := number("gasp.lines"); ok {
		numberedLines(n)
	} else {
		demonstrate()
	}
	if n, ok := number("gasp.recover"); ok {
		recoverFaults(n)
	}
	if dies {
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
	if runtime.GOOS != "tamago" { // where a fault is the end
		slog.Info("recovered", "panic", fmt.Sprint(recoverNil()))
	}
}

// recoverNil shows that a fault that is recovered is no crash.
func recoverNil() (recovered any) {
	defer func() { recovered = recover() }()
	var p *[4]int
	p[index] = 1
	return nil
}

func recoverFaults(n int) {
	faults := 0
	for range n {
		if recoverNil() != nil {
			faults++
		}
	}
	slog.Info("recovered " + strconv.Itoa(faults) + " faults")
}

// index keeps the compiler from seeing what is wrong.
var index = 2

// numberedLines logs lines of 100 bytes with their newline: "line 00000001 of
// 00005000 ....".
func numberedLines(n int) {
	text := paddedLine("line 00000000 of 00000000 ")
	putNumber(text[len("line 00000000 of "):], n)
	for range n {
		countUp(text[len("line "):])
		netlog.Default().Write(text)
	}
}

// paddedLine fills text up with dots to 100 bytes, the last one a newline.
func paddedLine(text string) []byte {
	const width = 100
	b := []byte(text)
	for len(b) < width-1 {
		b = append(b, '.')
	}
	return append(b, '\n')
}

// putNumber writes n as eight digits.
func putNumber(b []byte, n int) {
	for i := 7; i >= 0; i-- {
		b[i] = byte('0' + n%10)
		n /= 10
	}
}

// countUp adds one to eight digits: what the line costs is to be the logger's work.
func countUp(b []byte) {
	for i := 7; i >= 0; i-- {
		if b[i]++; b[i] <= '9' {
			return
		}
		b[i] = '0'
	}
}

// printFor prints lines in pieces, as the runtime does.
func printFor(d time.Duration) {
	for end := time.Now().Add(d); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		println("printed", "line")
	}
}

func runFor(d time.Duration) {
	for end := time.Now().Add(d); time.Now().Before(end); time.Sleep(time.Second) {
		slog.Info("alive", "uptime", time.Since(start).Round(time.Millisecond))
	}
}

var start = time.Now()

// number reads key=N; a wrong one is said and ignored.
func number(key string) (int, bool) {
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
