package main

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"gasp/internal/loghost"
)

// metricsAddress is where the receiver shows its metrics, in the namespace.
const metricsAddress = "127.0.0.1:9666"

// receiver is the receiver's process.
type receiver struct {
	*loghost.Receiver
	state string
}

// startReceiver starts it, lets the judge read what it writes, and waits until it listens.
func startReceiver(ctx context.Context, o *options, dir, keys string, j *judge) (*receiver, error) {
	state := filepath.Join(dir, "state")
	args := []string{"-dir", state, "-keys", keys, "-json", "-", "-quiet", "-color", "never", "-metrics", metricsAddress}
	r, err := loghost.Start(ctx, loghost.Options{Program: o.receiver, Args: append(args, strings.Fields(o.extra)...), Address: logHost, Read: j.read})
	return &receiver{r, state}, err
}

// metrics returns the receiver's own, by name without its prefix.
func (r *receiver) metrics() (map[string]float64, error) {
	client := http.Client{Timeout: 10 * time.Second}
	answer, err := client.Get("http://" + metricsAddress + "/metrics")
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	const most = 1 << 20
	all := make(map[string]float64)
	for s := bufio.NewScanner(io.LimitReader(answer.Body, most)); s.Scan(); {
		name, value, _ := strings.Cut(s.Text(), " ")
		name, ours := strings.CutPrefix(name, "gasp_receiver_")
		if n, err := strconv.ParseFloat(value, 64); ours && err == nil {
			all[name] = n
		}
	}
	return all, nil
}
