// Command transfer moves bytes by TCP, the same program on two machines, so that they can be compared: with a board (the tag
// tamago) it is an image, without one the first process of a Linux guest, and its only one. It serves HTTP on port 80:
//
//	GET  /zeros?n=BYTES  so many zeros
//	POST /sink           takes whatever comes, and says how much it was
//	/debug/pprof/        net/http/pprof
//
// It says "guest: ready" on the serial line when it listens.
package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	_ "net/http/pprof"
	"os"
	"strconv"
)

const (
	blockSize = 64 << 10
	maxZeros  = 1 << 40
)

var zeros [blockSize]byte

func main() {
	http.HandleFunc("GET /zeros", sendZeros)
	http.HandleFunc("POST /sink", sink)
	l, err := listen()
	if err != nil {
		fmt.Println("guest:", err)
		os.Exit(1)
	}
	fmt.Println("guest: ready")
	fmt.Println("guest:", http.Serve(l, nil))
}

func listen() (net.Listener, error) {
	if err := prepare(); err != nil {
		return nil, err
	}
	return net.Listen("tcp", ":80")
}

func sendZeros(w http.ResponseWriter, r *http.Request) {
	n, err := strconv.ParseInt(r.FormValue("n"), 10, 64)
	if err != nil || n < 0 || n > maxZeros {
		http.Error(w, "/zeros?n=: want a number of bytes", http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Length", strconv.FormatInt(n, 10))
	for n > 0 {
		block := zeros[:min(n, blockSize)]
		if _, err := w.Write(block); err != nil {
			return
		}
		n -= int64(len(block))
	}
}

func sink(w http.ResponseWriter, r *http.Request) {
	n, err := io.CopyBuffer(struct{ io.Writer }{io.Discard}, struct{ io.Reader }{r.Body}, make([]byte, blockSize))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	fmt.Fprintln(w, n)
}
