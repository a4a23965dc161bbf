package qemu

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"gasp/netlog/wire"
)

// Sending is how a machine's records travel.
type Sending int

// The ways to send.
const (
	Basic    Sending = iota // netconsole's basic format
	Extended                // its extended format
	Alone                   // sealed, with a log host that never answers: each line in a datagram of its own
	Answered                // sealed, with one that does
)

// Sendings are all ways to send.
var Sendings = []Sending{Basic, Extended, Alone, Answered}

// String names it: "sealed" is what an ordinary run of a machine with a key is.
func (s Sending) String() string {
	return [...]string{"basic", "extended", "sealed, no answers", "sealed"}[s]
}

// sealed says that there is a key.
func (s Sending) sealed() bool { return s >= Alone }

// Parameter is the command line's part of it, with the log host's MAC: nothing waits for ARP.
func (s Sending) Parameter() string {
	switch {
	case s.sealed():
		return fmt.Sprintf("%s gasp.key=%x", knownStation(""), cellKey[:])
	case s == Extended:
		return knownStation("+")
	}
	return knownStation("")
}

// wire makes the cable of a machine that sends so.
func (s Sending) wire() *Wire {
	w := &Wire{LogHost: logHost, Hosts: []Host{{Addr: logHost.Addr()}}}
	if s == Answered {
		w.Deliver = (&SealedHost{Key: cellKey, Wire: w}).Receive
	}
	return w
}

const (
	countedLines  = 5000
	countedMemory = 256 // MiB
	// countedEnd has the machine reset at its end, and keeps the serial line, whose speed is another matter, out of it.
	countedEnd = " panic=-1 console=null"
)

// CountLine counts the instructions from one line of 100 bytes to the next, over the second half of 5,000 that the
// demonstration image logs in one go. They are read from the stamps of the frames, so that they mean little on virtio: when
// the ring is full, the machine waits in a loop for a host that takes frames off when it gets round to it. CountPaced does
// not depend on that.
func CountLine(ctx context.Context, image string, machine Combination, sending Sending) (instructions float64, err error) {
	datagrams, err := count(ctx, image, machine, sending, fmt.Sprintf("gasp.run=2 gasp.lines=%d", countedLines))
	if err != nil {
		return 0, err
	}
	said, err := sending.said(datagrams)
	if err != nil {
		return 0, err
	}
	var at []time.Duration
	for _, s := range said {
		if n, ok := numbered(s.text, countedLines); ok && n == len(at)+1 {
			at = append(at, s.at)
		}
	}
	if len(at) != countedLines {
		return 0, fmt.Errorf("qemu: %w: %d of %d lines arrived", errNotCounted, len(at), countedLines)
	}
	half := at[countedLines/2:]
	return float64(half[len(half)-1]-half[0]) / float64(len(half)-1), nil
}

// count runs the demonstration image with instructions counted, and gives the datagrams with their virtual times.
func count(ctx context.Context, image string, machine Combination, sending Sending, does string) ([]Datagram, error) {
	r, err := Start(ctx, Machine{Type: machine.Type, NIC: machine.NIC, Extra: machine.Extra, Wire: sending.wire(), Image: image, Icount: true,
		Cmdline: sending.Parameter() + countedEnd + " " + does, Memory: countedMemory, Deadline: countDeadline})
	if err != nil {
		return nil, err
	}
	defer r.Close()
	if _, err := r.Wait(); err != nil {
		return nil, err
	}
	return r.captured()
}

// spoken is a record's text with its frame's time.
type spoken struct {
	at   time.Duration
	text []byte
}

// said reads the records of datagrams, with the key if they are sealed. Texts of the two other formats have their prefix.
func (s Sending) said(datagrams []Datagram) (said []spoken, err error) {
	var opener *wire.Opener
	for _, d := range datagrams {
		if !s.sealed() {
			said = append(said, spoken{d.Time, d.Payload})
			continue
		}
		if h, err := wire.ParseSealedHeader(d.Payload); err == nil && opener == nil {
			opener = wire.NewOpener(&cellKey, &h.Boot)
		}
		if opener == nil {
			return nil, fmt.Errorf("qemu: %w: the first datagram is not sealed", errNotCounted)
		}
		_, items, err := opener.Open(nil, d.Payload)
		for len(items) > 0 && err == nil {
			var item wire.Item
			if item, items, err = wire.NextItem(items); err == nil && item.Kind == wire.ItemRecord {
				said = append(said, spoken{d.Time, item.Record.Text})
			}
		}
		if err != nil {
			return nil, errors.Join(errNotCounted, err)
		}
	}
	return said, nil
}

// numbered reads the number of cmd/image's "line 00001 of 10000 ...".
func numbered(text []byte, of int) (n int, ok bool) {
	i := bytes.Index(text, []byte("line "))
	if i < 0 {
		return 0, false
	}
	var total int
	_, err := fmt.Sscanf(string(text[i:]), "line %d of %d", &n, &total)
	return n, err == nil && total == of
}
