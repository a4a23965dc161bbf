// Package webtarget is an HTTP server that a network stack is tried with: its answers can be checked byte by byte. It is what an
// image serves under load, and what this host serves where the load itself is tested.
package webtarget

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/pprof"
	"strconv"
)

const (
	// MaxBody is the longest body in bytes, of an answer and of what is echoed.
	MaxBody = 1 << 20
	// MaxText is the longest text in bytes that is logged.
	MaxText = 200
)

// Machine is what the server is part of.
type Machine struct {
	// Log logs a record.
	Log func(text string)
	// Crash ends the machine in the way of a class, step of several. It may return before that has happened.
	Crash func(class string, step int)
	// State is what the machine knows of itself.
	State func() State
}

// State is what a machine knows of itself.
type State struct {
	HeapSys     uint64 // bytes of the heap that were taken from the system (runtime.MemStats)
	Goroutines  int
	Lines       uint64 // numbered lines that were logged
	Dropped     uint64 // records that were overwritten before they could be sent
	Refused     uint64 // frames that the device refused
	Overrun     uint64 // received frames that the stack was too slow for
	Retransmits uint64 // TCP segments that were sent again
}

// Handler answers
//
//	GET  /                    a line
//	GET  /bytes?seed=S&size=N N bytes of Body(S)
//	POST /echo                the request's body
//	POST /log                 logs the request's body as a record
//	POST /crash?class=C&step=N ends the machine
//	GET  /state               what the machine knows of itself
//	GET  /debug/pprof/        net/http/pprof's pages
func Handler(m Machine) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, Greeting) })
	mux.HandleFunc("GET /bytes", sendBytes)
	mux.HandleFunc("POST /echo", echo)
	mux.HandleFunc("POST /log", m.log)
	mux.HandleFunc("POST /crash", m.crash)
	mux.HandleFunc("GET /state", func(w http.ResponseWriter, _ *http.Request) { json.NewEncoder(w).Encode(m.State()) })
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	return mux
}

// Greeting is what / answers.
const Greeting = "this machine is well\n"

func sendBytes(w http.ResponseWriter, r *http.Request) {
	seed, err := strconv.ParseUint(r.FormValue("seed"), 10, 64)
	if err != nil {
		http.Error(w, fmt.Sprintf("seed: %v", err), http.StatusBadRequest)
		return
	}
	size, err := strconv.Atoi(r.FormValue("size"))
	if err != nil || size < 0 || size > MaxBody {
		http.Error(w, fmt.Sprintf("size: %q, want 0 to %d", r.FormValue("size"), MaxBody), http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Length", strconv.Itoa(size))
	io.CopyN(w, Body(seed), int64(size))
}

// echo reads all before it answers: HTTP/1.1 clients may do nothing else either.
func echo(w http.ResponseWriter, r *http.Request) {
	body, ok := read(w, r, MaxBody)
	if ok {
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		w.Write(body)
	}
}

func (m *Machine) log(w http.ResponseWriter, r *http.Request) {
	text, ok := read(w, r, MaxText)
	if ok {
		m.Log(string(text))
		w.WriteHeader(http.StatusNoContent)
	}
}

func (m *Machine) crash(w http.ResponseWriter, r *http.Request) {
	step, err := strconv.Atoi(r.FormValue("step"))
	if err != nil {
		http.Error(w, fmt.Sprintf("step: %v", err), http.StatusBadRequest)
		return
	}
	m.Crash(r.FormValue("class"), step)
}

// read reads the request's body, if it has most bytes at most.
func read(w http.ResponseWriter, r *http.Request, most int64) (body []byte, ok bool) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, most))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return nil, false
	}
	return body, true
}
