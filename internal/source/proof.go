package source

import (
	"bytes"
	"container/list"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"io"
	"slices"
	"time"

	"gasp/netlog/wire"
)

// A recording of a boot is genuine, and yet must not be believed. So a boot has to show that it lives:
// the log host answers with a session, a number that it has told nobody before, and takes nothing but
// from datagrams that carry it.
//
// A session is made of a secret of this table, the device, the boot, and the device's generation, which
// grows whenever a boot that was believed is not believed any more. So what waits for a proof needs no state that an
// attacker could push out, and no session is ever valid again.

// proofs makes sessions.
type proofs struct {
	random io.Reader
	secret []byte
}

const (
	secretSize = 32
	// usualUnproved is how many datagrams of a boot may come without proof before that is worth saying:
	// the first ones, and those that are on the way when the receiver was started again.
	usualUnproved = 64
)

// session is that of a boot. Without randomness there is none: then nothing is believed.
func (p *proofs) session(v *device, boot *[wire.BootSize]byte) (session [wire.BootSize]byte, ok bool) {
	if p.secret == nil {
		secret := make([]byte, secretSize)
		if _, err := io.ReadFull(p.random, secret); err != nil {
			return session, false
		}
		p.secret = secret
	}
	id := v.Secret.ID()
	mac := hmac.New(sha256.New, p.secret)
	mac.Write(id[:])
	mac.Write(boot[:])
	mac.Write(binary.BigEndian.AppendUint64(nil, v.generation))
	copy(session[:], mac.Sum(nil))
	return session, session != [wire.BootSize]byte{}
}

// peer is what the log host knows of a boot as such.
type peer struct {
	device   *device
	boot     [wire.BootSize]byte
	session  [wire.BootSize]byte
	opener   *wire.Opener
	window   wire.Window // of its genuine datagrams
	answered time.Time
	unproved int           // datagrams that were not believed
	waits    *list.Element // among the strangers
}

// sealed takes a datagram that claims to be sealed.
func (t *Table) sealed(d *Datagram) {
	s := &t.devices
	h, err := wire.ParseSealedHeader(d.Data)
	if err != nil || h.Answer || d.Size != len(d.Data) {
		t.reject(d, Malformed, nil, nil)
		return
	}
	v := s.known[h.ID]
	if v == nil {
		t.reject(d, UnknownKey, nil, nil)
		return
	}
	p := v.peer(&h.Boot)
	stranger := p == nil
	if stranger {
		p = &peer{device: v, boot: h.Boot, opener: wire.NewOpener(&v.Secret, &h.Boot)}
	}
	status, items, err := p.opener.Open(s.plain, d.Data)
	switch {
	case err == wire.ErrForged:
		t.reject(d, Forged, v, nil)
		return
	case err != nil:
		t.reject(d, Malformed, v, nil)
		return
	case slices.ContainsFunc(v.over, func(boot []byte) bool { return bytes.Equal(boot, h.Boot[:]) }):
		t.reject(d, OtherBoot, v, nil)
		return
	case !p.window.Fresh(h.Number):
		t.reject(d, Replayed, v, nil)
		return
	case !wellFormed(&status, items):
		t.reject(d, Malformed, v, nil)
		return
	}
	if stranger && !s.welcome(p) {
		t.reject(d, Unproved, v, nil)
		return
	}
	newest := h.Number > p.window.Top()
	p.window.Take(h.Number)
	current := v.session != nil && v.session.peer == p
	// The frame with the last number was sealed before any answer was heard. Of the boot that is known
	// to live it can be believed: it is one, and comes once.
	proved := status.Proves(items, &p.session) || t.options.OneWay || current && h.Number == wire.LastNumber
	if !proved {
		if p.unproved++; p.unproved <= usualUnproved {
			t.stats.Rejected[Unproved]++
		} else {
			t.reject(d, Unproved, v, nil)
		}
		if newest {
			t.greet(p, d)
		}
		return
	}
	if !current {
		t.believe(p, d)
	}
	v.session.take(d, h.Number, newest, &status, items)
}

// peer is the boot of the device that has an id, nil if it is none that is known.
func (v *device) peer(boot *[wire.BootSize]byte) *peer {
	if v.session != nil && v.session.peer.boot == *boot {
		return v.session.peer
	}
	for _, p := range v.strangers {
		if p.boot == *boot {
			return p
		}
	}
	return nil
}

// welcome lets a boot wait for its proof.
func (s *devices) welcome(p *peer) (ok bool) {
	v := p.device
	if p.session, ok = s.proofs.session(v, &p.boot); !ok {
		return false
	}
	if len(v.strangers) >= maxStrangers {
		s.dismiss(v.strangers[0])
	}
	if s.strangers.Len() >= allStrangers {
		s.dismiss(s.strangers.Back().Value.(*peer))
	}
	v.strangers = append(v.strangers, p)
	p.waits = s.strangers.PushFront(p)
	return true
}

// believe makes a boot that has proved itself the current one of its device. The one before is over.
func (t *Table) believe(p *peer, d *Datagram) {
	s, v, now := &t.devices, p.device, d.At
	s.dismiss(p)
	last := v.last
	if old := v.session; old != nil {
		old.machine.flush(now)
		last = old.state()
		t.end(old)
	}
	v.last = nil
	n := t.begin(p, d)
	if last == nil {
		return
	}
	if last.Boot == p.boot {
		n.sequence.resume(last)
		return
	}
	v.finish(last.Boot)
	n.machine.reboot(now)
}

// finish remembers that a boot is over.
func (v *device) finish(boot [wire.BootSize]byte) {
	if len(v.over) == maxOver {
		v.over = slices.Delete(v.over, 0, 1)
	}
	v.over = append(v.over, boot[:])
}

// wellFormed says whether all of a datagram can be read, so that it is taken whole or not at all.
func wellFormed(status *wire.Status, items []byte) bool {
	if status.Next > greatestNumber || status.Oldest > greatestNumber {
		return false
	}
	for len(items) > 0 {
		item, rest, err := wire.NextItem(items)
		if err != nil || item.Last > greatestNumber || item.Kind == wire.ItemRecord && item.Record.Seq > greatestNumber {
			return false
		}
		items = rest
	}
	return true
}

// greatestNumber is the greatest number of a record that a device can have, so that sums do not wrap.
const greatestNumber = 1 << 62
