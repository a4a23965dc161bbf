package netlog

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"gasp/netlog/wire"
)

// believing is a logger whose log host has answered once.
func believing(t *testing.T) (*Logger, *hostDevice, *fakeClock) {
	t.Helper()
	l, d, c := sealedUp(t, 0, 1, nil)
	for i := range 100 {
		l.Log(Info, line(i))
	}
	run(t, l, c, func() bool { return d.host.upto == l.ring.head.Load() && !l.awaits() })
	for range 40 { // no answer is under way any more
		c.pass(5 * time.Millisecond)
		l.Poll()
	}
	return l, d, c
}

// what an answer may change.
func stateOf(l *Logger) (wire.Answer, uint64, int) {
	a := &l.network.answers
	return a.newest, a.acked.Load(), a.run
}

// TestAnswersThatAreNotBelieved: forged, copied, late, of another boot or device, or not of the log host at all,
// they change nothing and get nothing.
func TestAnswersThatAreNotBelieved(t *testing.T) {
	l, d, c := believing(t)
	newest := l.network.answers.newest
	next := newest
	next.Number++
	next.Heard = l.network.sealed.number
	next.Wanted[0], next.Runs = wire.Run{First: 3, Last: 9}, 1
	genuine := d.host.opener.AppendAnswer(nil, &next)

	otherBoot, otherKey := deviceBoot, deviceKey
	otherBoot[3]++
	otherKey[3]++
	heard := next
	heard.Heard = l.network.sealed.number + 1
	older := next
	older.Session, older.Heard = [wire.BootSize]byte{1}, newest.Heard
	bad := map[string][]byte{
		"a copy":                    fromHost(d.host.opener.AppendAnswer(nil, &newest)),
		"of another boot":           fromHost(wire.NewOpener(&deviceKey, &otherBoot).AppendAnswer(nil, &next)),
		"of another device":         fromHost(wire.NewOpener(&otherKey, &deviceBoot).AppendAnswer(nil, &next)),
		"heard what was not sent":   fromHost(d.host.opener.AppendAnswer(nil, &heard)),
		"of a session before":       fromHost(d.host.opener.AppendAnswer(nil, &older)),
		"not sealed":                fromHost([]byte("6,1,2,-;hello\n")),
		"empty":                     fromHost(nil),
		"from another port":         fromHost(genuine),
		"to another port":           fromHost(genuine),
		"from another address":      fromHost(genuine),
		"to another address":        fromHost(genuine),
		"a fragment":                fromHost(genuine),
		"the first fragment":        fromHost(genuine),
		"TCP":                       fromHost(genuine),
		"IPv6":                      fromHost(genuine),
		"a header beyond the frame": fromHost(genuine),
		"a length beyond the frame": fromHost(genuine),
		"a UDP length beyond":       fromHost(genuine),
		"a UDP length of nothing":   fromHost(genuine),
		"another protocol":          fromHost(genuine),
	}
	bad["from another port"][35]++
	bad["to another port"][37]++
	bad["from another address"][29]++
	bad["to another address"][33]++
	bad["a fragment"][21] = 1
	bad["the first fragment"][20] = 0x20
	bad["TCP"][23] = 6
	bad["IPv6"][14] = 0x65
	bad["a header beyond the frame"][14] = 0x4f
	bad["a length beyond the frame"][16] = 0xff
	bad["a UDP length beyond"][38] = 0xff
	bad["a UDP length of nothing"][38], bad["a UDP length of nothing"][39] = 0, 7
	bad["another protocol"][12] = 0x86
	for n := range genuine {
		flipped := slices.Clone(genuine)
		flipped[n] ^= 1
		bad["byte flipped "+time.Duration(n).String()] = fromHost(flipped)
		bad["cut to "+time.Duration(n).String()] = fromHost(genuine[:n])
		bad["frame cut to "+time.Duration(n).String()] = fromHost(genuine)[:n+20]
	}
	r := rand.New(rand.NewPCG(1, 2))
	for range 10_000 {
		junk := fromHost(genuine)
		for range 1 + r.IntN(8) {
			junk[14+r.IntN(len(junk)-14)] = byte(r.Uint32())
		}
		if !slices.Equal(junk[14:], fromHost(genuine)[14:]) {
			bad["junk "+time.Duration(r.Int64()).String()] = junk[:plainHeaders+r.IntN(len(junk)-plainHeaders)]
		}
	}
	answer, acked, asked := stateOf(l)
	sent := d.sent
	for name, frame := range bad {
		l.handle(frame)
		if a, b, n := stateOf(l); a != answer || b != acked || n != asked {
			t.Fatalf("%s: it is believed", name)
		}
	}
	c.pass(time.Millisecond)
	l.Poll()
	if d.sent != sent {
		t.Errorf("they get %d frames", d.sent-sent)
	}
	l.handle(fromHost(genuine))
	if a, _, _ := stateOf(l); a != next {
		t.Errorf("the genuine one is not believed: %+v", a)
	}
	frame := append(fromHost(genuine), 0, 0, 0) // padded
	opened, _ := openFrame(frame)
	p, _ := openPacket(&opened)
	if payload, ok := l.network.fromLogHost(&p); !ok || len(payload) != len(genuine) {
		t.Error("a frame with padding is not read")
	}
}

// TestLogHostThatLies: whatever it asks for, it gets no more than the bounds allow, and what it says it has
// does not go beyond what was sent.
func TestLogHostThatLies(t *testing.T) {
	for name, lie := range map[string]func(*wire.Answer){
		"everything":    func(a *wire.Answer) { a.Upto, a.Wanted[0], a.Runs = 0, wire.Run{Last: ^uint64(0)}, 1 },
		"never enough":  func(a *wire.Answer) { a.Upto, a.Wanted[0], a.Runs = 0, wire.Run{Last: Records}, 1 },
		"of the future": func(a *wire.Answer) { a.Wanted[0], a.Runs = wire.Run{First: 1 << 40, Last: 1 << 50}, 1 },
		"every other": func(a *wire.Answer) {
			a.Upto, a.Runs = 0, wire.MaxWanted
			for i := range a.Wanted {
				a.Wanted[i] = wire.Run{First: uint64(2*i + 1), Last: uint64(2*i + 1)}
			}
		},
		"it has all": func(a *wire.Answer) { a.Upto, a.Runs = ^uint64(0), 0 },
	} {
		l, d, c := believing(t)
		for i := range 2000 {
			l.Log(Info, line(100+i))
		}
		d.host.lie = lie
		from, sent, records := c.ns, d.sent, uint64(0)
		for c.ns-from < int64(10*time.Second) {
			c.pass(time.Millisecond)
			d.host.due = true // it answers as often as it may
			if c.ns-from > int64(5*time.Second) && records == 0 {
				records = l.ring.head.Load()
				l.Log(Info, "one more")
			}
			l.Poll()
		}
		seconds := int((c.ns-from)/int64(time.Second)) + 1
		if n := d.sent - sent; n > repairBurst+seconds*(repairRate+100) {
			t.Errorf("%s: %d frames in %d seconds", name, n, seconds)
		}
		if s := l.Stats(); s.Acked > s.Records {
			t.Errorf("%s: %+v", name, s)
		}
		if _, ok := d.host.records[records]; !ok {
			t.Errorf("%s: a new record does not arrive any more", name)
		}
	}
}

// What is asked for again at once is not sent again at once, and a burst is bounded.
func TestRepairsAreBounded(t *testing.T) {
	l, d, c := believing(t)
	ask := func() {
		a := l.network.answers.newest
		a.Number++
		a.Wanted[0], a.Runs = wire.Run{First: 0, Last: 50}, 1
		l.handle(fromHost(d.host.opener.AppendAnswer(nil, &a)))
		l.Poll()
	}
	c.pass(time.Second)
	sent := l.Stats().Repaired
	ask()
	if n := l.Stats().Repaired - sent; n != 51 {
		t.Fatalf("%d records are sent again, want 51", n)
	}
	for range 10 {
		ask()
	}
	if n := l.Stats().Repaired - sent; n != 51 {
		t.Errorf("%d records are sent again within the pause", n)
	}
	c.pass(25 * time.Millisecond)
	ask()
	if n := l.Stats().Repaired - sent; n != 102 {
		t.Errorf("%d records are sent again after the pause", n)
	}
	r := repairs{}
	n := 0
	for now := int64(0); now < int64(time.Second); now += int64(50 * time.Microsecond) {
		for r.allows(now) {
			r.spent += repairInterval
			n++
		}
	}
	if n < repairRate || n > repairRate+repairBurst {
		t.Errorf("%d datagrams in a second", n)
	}
}

// A probe asks for the answer that does not come, with growing pauses, and at once when a new session is heard.
func TestProbesGrow(t *testing.T) {
	l, d, c := believing(t)
	d.host.silent = true
	var at []int64
	d.host.seen = func(s seenDatagram) {
		if s.status.Want {
			at = append(at, s.at)
		}
	}
	l.Log(Info, "nobody says that he has it")
	at = append(at, c.ns)
	for end := c.ns + int64(10*time.Second); c.ns < end; c.pass(time.Millisecond) {
		l.Poll()
	}
	want := []int{50, 50, 100, 200, 400, 800, 1000, 1000, 1000}
	for i, w := range want {
		if pause := int((at[i+1] - at[i]) / int64(time.Millisecond)); pause < w-2 || pause > w+5 {
			t.Errorf("pause %d is %d ms, want %d", i, pause, w)
		}
	}
}
