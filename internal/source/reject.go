package source

import (
	"net/netip"
	"time"
)

// rejections says which datagrams are refused: of a cause and an address the first at once, then how
// many there were, once a minute. Addresses can be invented, so beyond some the rest is said together.
type rejections struct {
	known map[rejection]*refused
	rest  [Causes]refused
	due   time.Time // when to look next for what is to be said
}

type rejection struct {
	cause  Cause
	from   netip.Addr
	claims string
}

// refused is what was refused since it was said last.
type refused struct {
	count uint64
	said  time.Time // the zero Time where nothing was said for a while
}

const (
	// rejectEvery is how often refusals of one cause and address are said.
	rejectEvery = time.Minute
	// maxRejections is how many causes and addresses are told apart.
	maxRejections = 256
	// rejectLook is how often they are looked at.
	rejectLook = time.Second
)

// reject refuses a datagram, in the name of a device if that is not nil; err is what is wrong with it
// where it can be shown.
func (t *Table) reject(d *Datagram, cause Cause, v *device, err error) {
	t.stats.Rejected[cause]++
	if cause.bad() {
		t.stats.Bad++
	}
	key := rejection{cause: cause, from: d.From.Addr()}
	if v != nil {
		key.claims = v.name
	}
	j := &t.rejections
	r := j.known[key]
	if r == nil {
		if len(j.known) < maxRejections {
			r = new(refused)
			if j.known == nil {
				j.known = make(map[rejection]*refused)
			}
			j.known[key] = r
		} else {
			r, key = &j.rest[cause], rejection{cause: cause}
		}
	}
	switch {
	case !r.said.IsZero():
		r.count++
	case cause.bad() && key.from.IsValid():
		r.said = d.At
		t.sink.Note(&Note{From: Origin{Addr: d.From}, At: d.At, Kind: Bad, Cause: cause, Payload: d.Data, Size: d.Size, Err: err})
	default:
		r.count++
		t.say(key, r, d.At)
	}
}

// say says what was refused.
func (t *Table) say(key rejection, r *refused, now time.Time) {
	n := Note{At: now, Kind: Rejected, Cause: key.cause, Claims: key.claims, Count: r.count}
	if key.from.IsValid() {
		n.From.Addr = netip.AddrPortFrom(key.from, 0)
	}
	r.count, r.said = 0, now
	t.sink.Note(&n)
}

// tick says what was refused for a minute; all of it if the time is over.
func (j *rejections) tick(t *Table, now time.Time, over bool) {
	if now.Before(j.due) && !over {
		return
	}
	j.due = now.Add(rejectLook)
	for key, r := range j.known {
		switch {
		case r.count > 0 && (over || now.Sub(r.said) >= rejectEvery):
			t.say(key, r, now)
		case now.Sub(r.said) >= rejectEvery:
			delete(j.known, key)
		}
	}
	for cause := range j.rest {
		r := &j.rest[cause]
		if r.count > 0 && (over || now.Sub(r.said) >= rejectEvery) {
			t.say(rejection{cause: Cause(cause)}, r, now)
		} else if now.Sub(r.said) >= rejectEvery {
			*r = refused{}
		}
	}
}

// waiting says whether there may be something to say.
func (j *rejections) waiting() bool {
	for i := range j.rest {
		if !j.rest[i].said.IsZero() {
			return true
		}
	}
	return len(j.known) > 0
}
