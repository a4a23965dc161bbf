package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"gasp/qemu"
)

const (
	transferSize     = 64 << 20 // bytes
	transferPatience = 5 * time.Minute
)

// errTransfer is wrapped by errors about a transfer that was not what was asked for.
var errTransfer = errors.New("the transfer failed")

// tcpMachines are those of which the kit has the driver.
var tcpMachines = []machine{e1000, virtio}

// measureTCP moves bytes over HTTP between this host and a guest behind QEMU's user networking, both ways, and both sides in
// turn.
func measureTCP(ctx context.Context, r *run) error {
	for _, m := range tcpMachines {
		down := Figure{Name: "tcp/" + m.name + "/send", About: "MB/s sent by HTTP, " + m.name, Wanted: &wanted{More: true}}
		up := Figure{Name: "tcp/" + m.name + "/receive", About: "MB/s received, " + m.name, Wanted: &wanted{More: true}}
		for i := range r.repeat {
			r.doing("%s, %d of %d", m.name, i+1, r.repeat)
			sent, received, err := r.transfers(ctx, m, r.startGasp, i == 0)
			if err != nil {
				return err
			}
			down.Gasp, up.Gasp = append(down.Gasp, sent), append(up.Gasp, received)
			if !r.peers.there() {
				continue
			}
			r.doing("%s, %d of %d, Linux", m.name, i+1, r.repeat)
			if sent, received, err = r.transfers(ctx, m, r.startLinux, false); err != nil {
				return err
			}
			down.Linux, up.Linux = append(down.Linux, sent), append(up.Linux, received)
		}
		r.add(down)
		r.add(up)
	}
	return nil
}

// starter starts a guest on a machine, with one end of the network.
type starter func(context.Context, qemu.Combination, string) (*guest, error)

// transfers starts a guest, and gives what it sends and receives in MB/s. With profiles it goes on to ask it where the time
// goes.
func (r *run) transfers(ctx context.Context, m machine, start starter, profiles bool) (sent, received float64, err error) {
	g, err := start(ctx, m.Combination, "user,hostfwd=tcp:127.0.0.1:0-:80")
	if err != nil {
		return 0, 0, err
	}
	defer g.Close()
	addresses, err := g.Forwarded()
	if err != nil {
		return 0, 0, err
	}
	c := client{addresses[0].String()}
	if _, err := c.receive(ctx, 1); err != nil { // the device may be deaf for a second
		return 0, 0, err
	}
	if sent, err = c.receive(ctx, transferSize); err != nil {
		return 0, 0, err
	}
	if received, err = c.send(ctx, transferSize); err != nil {
		return 0, 0, err
	}
	if profiles {
		return sent, received, r.profiles(ctx, m, c)
	}
	return sent, received, nil
}

// client is a connection's other end.
type client struct{ address string }

// receive has the guest send so many bytes, and gives the rate in MB/s.
func (c client) receive(ctx context.Context, n int64) (float64, error) {
	began := time.Now()
	got, err := c.do(ctx, http.MethodGet, fmt.Sprintf("/zeros?n=%d", n), nil, io.Discard)
	if err == nil && got != n {
		err = fmt.Errorf("%w: %d bytes of %d", errTransfer, got, n)
	}
	return rate(n, began), err
}

// send has the guest receive so many bytes, and gives the rate in MB/s.
func (c client) send(ctx context.Context, n int64) (float64, error) {
	began := time.Now()
	_, err := c.do(ctx, http.MethodPost, "/sink", io.LimitReader(zeros{}, n), io.Discard)
	return rate(n, began), err
}

func rate(n int64, began time.Time) float64 { return float64(n) / 1e6 / time.Since(began).Seconds() }

// do makes a request, and copies the answer.
func (c client) do(ctx context.Context, method, path string, body io.Reader, to io.Writer) (int64, error) {
	ctx, cancel := context.WithTimeout(ctx, transferPatience)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, method, "http://"+c.address+path, body)
	if err != nil {
		return 0, err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return 0, fmt.Errorf("%w: %s: %s", errTransfer, path, answer.Status)
	}
	return io.Copy(to, answer.Body)
}

// zeros has no end.
type zeros struct{}

func (zeros) Read(b []byte) (int, error) {
	clear(b)
	return len(b), nil
}
