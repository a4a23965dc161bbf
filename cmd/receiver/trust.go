package main

import (
	"errors"
	"flag"
	"fmt"
	"net/netip"

	"gasp/internal/keys"
	"gasp/internal/source"
)

// leastMemory is enough for some hundred senders.
const leastMemory = 16 << 20

// trustOptions say who is believed, and what all senders together may cost.
type trustOptions struct {
	keys       string
	oneWay     bool
	sealedOnly bool
	memory     byteSize
}

func (o *trustOptions) flags(f *flag.FlagSet) {
	o.memory = source.DefaultMemory
	f.StringVar(&o.keys, "keys", "", "`file` with the keys of devices (see receiver keygen -h); SIGHUP reads it again")
	f.BoolVar(&o.oneWay, "one-way", false, "believe sealed senders that no answer of this receiver reaches: they cannot prove that they are no recording")
	f.BoolVar(&o.sealedOnly, "sealed-only", false, "refuse everything that is not sealed")
	f.Var(&o.memory, "memory", "let all senders together take this `size`; the idlest make way")
}

func (o *trustOptions) check() error {
	switch {
	case o.memory < leastMemory:
		return fmt.Errorf("-memory %s is too small, 16MiB is the least", o.memory.String())
	case o.sealedOnly && o.keys == "":
		return errors.New("-sealed-only refuses everything without -keys")
	case o.oneWay && o.keys == "":
		return errors.New("-one-way is about sealed senders, name their -keys")
	}
	return nil
}

// loadKeys reads the keys, and says it if others can read them too.
func (o *trustOptions) loadKeys(say func(string)) ([]keys.Key, error) {
	if o.keys == "" {
		return nil, nil
	}
	list, warning, err := keys.Load(o.keys)
	if err != nil {
		return nil, err
	}
	if warning != "" {
		say(warning)
	}
	return list, nil
}

// reloadKeys reads the keys again; the old ones stay if that fails.
func (r *receiver) reloadKeys() {
	list, err := r.options.loadKeys(r.show.Say)
	if err != nil {
		r.show.Say(fmt.Sprintf("the keys stay as they were: %v", err))
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.table.SetKeys(list, r.last)
}

// answer sends what the table answers a device. It is called under the lock, and does not wait.
func (r *receiver) answer(via int, to netip.AddrPort, datagram []byte) {
	if r.sockets.Send(via, to, datagram) != nil {
		r.unsent++
	}
}
