package metrics

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"golang.org/x/sys/unix"
)

// Path is where the metrics are, behind the server's address.
const Path = "/metrics"

// The bounds of the server: whoever can connect to it must not hold up or fill the receiver.
const (
	// patience is how long a request may take to come and its answer to go, and how long a connection is
	// kept for the next one.
	patience = 10 * time.Second
	idle     = time.Minute
	// maxHeader is how many bytes of header a request may have, and maxRequests how many are answered at a
	// time; a further one is told to come again.
	maxHeader   = 8 << 10
	maxRequests = 4
)

// Server answers requests for metrics.
type Server struct {
	http     http.Server
	listener net.Listener
}

// Serve answers at a TCP address, "host:port", until Close. Besides r's it shows those of the process and
// of Go.
func Serve(address string, r *Receiver) (*Server, error) {
	listener, err := net.Listen("tcp", address)
	switch {
	case errors.Is(err, unix.EADDRINUSE):
		return nil, fmt.Errorf("cannot show metrics on %s: the port is in use (see ss -tlpn)", address)
	case err != nil:
		return nil, fmt.Errorf("cannot show metrics on %s: %w", address, err)
	}
	registry := prometheus.NewRegistry()
	registry.MustRegister(r, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	mux := http.NewServeMux()
	mux.Handle("GET "+Path, promhttp.HandlerFor(registry, promhttp.HandlerOpts{MaxRequestsInFlight: maxRequests}))
	s := &Server{listener: listener, http: http.Server{
		Handler:           mux,
		ReadHeaderTimeout: patience,
		ReadTimeout:       patience,
		WriteTimeout:      patience,
		IdleTimeout:       idle,
		MaxHeaderBytes:    maxHeader,
	}}
	go s.http.Serve(listener)
	return s, nil
}

// Address is where it listens.
func (s *Server) Address() string { return s.listener.Addr().String() }

// Close ends it at once.
func (s *Server) Close() { s.http.Close() }
