// Command webserver is an HTTP server on the bare machine. Its log, and the report when it
// dies, leave by the same network card, past the network stack.
//
//	/             says hello
//	/log?n=100    logs so many lines
//	/crash        ends the machine with a panic that nobody recovers
//	/debug/pprof/ is net/http/pprof
package main

import (
	"fmt"
	"log/slog"
	"net"
	"net/http"
	_ "net/http/pprof"
	"strconv"

	_ "gasp/board/all"
	"gasp/netlog"
	_ "gasp/netstack"
)

// maxLines bounds what one request logs.
const maxLines = 1_000_000

func main() {
	slog.SetDefault(slog.New(netlog.NewHandler(nil)))
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintln(w, "hello from bare metal")
	})
	http.HandleFunc("/log", func(w http.ResponseWriter, r *http.Request) {
		n, err := strconv.Atoi(r.FormValue("n"))
		if err != nil || n < 0 || n > maxLines {
			http.Error(w, "/log?n=: want a number up to a million", http.StatusBadRequest)
			return
		}
		for i := range n {
			slog.Info("line", "of", r.RemoteAddr, "i", i)
		}
		fmt.Fprintln(w, n, "lines logged")
	})
	http.HandleFunc("/crash", func(w http.ResponseWriter, r *http.Request) {
		slog.Warn("about to die", "by", r.RemoteAddr)
		go func() { panic("asked to by " + r.RemoteAddr) }()
	})
	listener, err := net.Listen("tcp", ":80")
	if err != nil {
		slog.Error("no web server", "err", err)
		return
	}
	slog.Info("web server", "listens", listener.Addr())
	slog.Error("web server ended", "err", http.Serve(listener, nil))
}
