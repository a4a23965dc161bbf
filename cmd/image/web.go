//go:build tamago && web

package main

import (
	"log/slog"
	"net"
	"net/http"
	"runtime"
	"strconv"
	"sync/atomic"
	"time"

	"gasp/internal/webtarget"
	"gasp/netlog"
	"gasp/netstack"
)

func init() {
	serve = serveWeb
	classes = append(classes,
		class{"web-stack", "stopped inside the network stack's link", func() { stopInside(linkFunctions...) }},
		class{"web-handler", "panic that a handler's goroutine does not recover", func() { inHandler.Store(true); select {} }})
}

// linkFunctions are those in which the stack and the logger meet.
var linkFunctions = []string{"gasp/netstack.(*link).WritePackets", "gasp/netstack.(*Stack).take", "gasp/netstack.(*ring).tap", "gasp/netstack.(*ring).next"}

// inHandler has the next answer's goroutine panic.
var inHandler atomic.Bool

// lines is how many numbered lines were logged.
var lines atomic.Uint64

// serveWeb serves, and logs numbered lines, until it is asked to crash.
func serveWeb() (class string) {
	port, _ := number("gasp.web")
	listener, err := net.Listen("tcp", ":"+strconv.Itoa(port))
	if err != nil {
		slog.Error("cannot serve", "err", err)
		return ""
	}
	wanted := make(chan string, 1)
	handler := webtarget.Handler(webtarget.Machine{
		Log: func(text string) { netlog.Default().Log(netlog.Info, text) },
		Crash: func(class string, n int) {
			step = n
			select {
			case wanted <- class:
			default: // it dies already
			}
		},
		State: state,
	})
	go http.Serve(listener, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if inHandler.Load() {
			dieBesideServer()
		}
		handler.ServeHTTP(w, r)
	}))
	if rate, _ := number("gasp.rate"); rate > 0 {
		go logPaced(rate)
	}
	netlog.Default().Log(netlog.Info, "serving on port "+strconv.Itoa(port))
	return <-wanted
}

// dieBesideServer panics where net/http does not recover it, with the handler's
// goroutine waiting for it.
func dieBesideServer() {
	go panic("in a handler")
	select {}
}

// logPaced logs numbered lines of 100 bytes, so many a second. What it could not log
// in time it leaves out, but for a tenth of a second's.
func logPaced(rate int) {
	text := paddedLine("load 00000000 ")
	last, due, i := time.Now(), 0.0, 0
	for {
		time.Sleep(time.Millisecond)
		now := time.Now()
		due = min(due+now.Sub(last).Seconds()*float64(rate), float64(rate)/10)
		last = now
		for ; due >= 1; due-- {
			i++
			putNumber(text[len("load "):], i)
			netlog.Default().Write(text)
			lines.Store(uint64(i))
		}
	}
}

func state() webtarget.State {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	s, n := netlog.Default().Stats(), netstack.Default().Stats()
	return webtarget.State{HeapSys: m.HeapSys, Goroutines: runtime.NumGoroutine(), Lines: lines.Load(), Dropped: s.Dropped, Refused: n.NotSent,
		Overrun: n.NoRoom, Retransmits: n.Retransmit}
}
