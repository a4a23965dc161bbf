package source

import (
	"encoding/binary"
	"math/rand/v2"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"gasp/internal/keys"
	"gasp/netlog/wire"
)

// A script of FuzzSources is operations, each a byte, the length of what belongs to it (two bytes), and
// that. The operations are
const (
	opDatagram = iota // a datagram of the sender without a key, as it is
	opOther           // the same, of another address
	opDevice          // the same, of the address of the device
	opSealed          // a genuine datagram: flags, Next, Oldest (two bytes each), then its items
	opCrash           // the same under a number of the crash path
	opForged          // the same, with a bit flipped: two bytes say which
	opAgain           // a datagram that was sealed before: one byte says which
	opBoot            // the device starts again
	opTime            // time passes: one byte, in 25 ms
	opKeys            // the keys are changed, and changed back
	opFlush
	ops
)

func script(list ...any) (b []byte) {
	for i := 0; i < len(list); i += 2 {
		body := []byte(list[i+1].(string))
		b = append(b, byte(list[i].(int)))
		b = append(binary.BigEndian.AppendUint16(b, uint16(len(body))), body...)
	}
	return b
}

// sealedBody is that of opSealed.
func sealedBody(flags byte, next, oldest uint16, items []byte) string {
	b := binary.BigEndian.AppendUint16([]byte{flags}, next)
	return string(append(binary.BigEndian.AppendUint16(b, oldest), items...))
}

func sealedRecord(level uint8, seq uint64, text string) []byte {
	return wire.AppendRecordItem(nil, &wire.Record{Level: level, Seq: seq, Time: 1000 * seq, Text: []byte(text)})
}

func scripts() map[string][]byte {
	headline := string(wire.AppendHeadline(nil, &wire.Headline{Boot: bootA, Cause: []byte("panic: oh"), HasPC: true, PC: 1, HasLast: true, Last: 1, Unsent: 1}, wire.HeadlineMax))
	end := string(wire.AppendEnd(nil, &wire.End{Boot: bootA, Records: 3}))
	span := func(kind wire.ItemKind, first, last uint64) []byte {
		return wire.AppendSpanItem(nil, kind, first, last)
	}
	hello := sealedBody(1, 0, 0, nil)
	return map[string][]byte{
		"sealed-order": script(opSealed, hello, opSealed, sealedBody(0, 3, 0, sealedRecord(6, 2, "two")), opSealed, sealedBody(0, 3, 0, append(sealedRecord(6, 0, "zero"), span(wire.ItemHeldBack, 1, 1)...)), opTime, "\x20"),
		"sealed-gone":  script(opSealed, hello, opSealed, sealedBody(0, 9, 4, sealedRecord(6, 8, "eight")), opSealed, sealedBody(0, 9, 6, span(wire.ItemGone, 0, 7)), opTime, "\xff"),
		"sealed-crash": script(opSealed, hello, opSealed, sealedBody(0, 1, 0, sealedRecord(6, 0, "zero")), opCrash, sealedBody(2, 3, 0, sealedRecord(0, 2, headline)),
			opCrash, sealedBody(6, 5, 0, append(sealedRecord(0, 3, "gasp| line"), sealedRecord(0, 4, end)...)), opSealed, sealedBody(0, 5, 0, sealedRecord(6, 1, "one")), opFlush, ""),
		"sealed-last-words": script(opSealed, hello, opSealed, sealedBody(0, 0, 0, nil), opCrash, sealedBody(2, 0, 0, wire.AppendLastWordsItem(nil, []byte("gasp: crash 0123456789abcdef: "+wire.FailedCause)))),
		"sealed-hostile": script(opSealed, hello, opSealed, sealedBody(0, 65535, 65535, span(wire.ItemHeldBack, 0, 1<<62)), opSealed, sealedBody(0, 0, 0, span(wire.ItemGone, 5, 1<<62)),
			opSealed, sealedBody(0, 0, 0, []byte{1, 0, 20, 0}), opForged, "\x00\x50"+hello, opAgain, "\x00", opBoot, "", opSealed, hello, opAgain, "\x01", opKeys, "", opTime, "\xff"),
		"unsealed": script(opDatagram, extended(6, 1, "a"), opDatagram, "6,3,4,-,ncfrag=0/9;abc", opDatagram, "6,3,4,-,ncfrag=2/9;xyz", opDatagram, "6,3,4,-,ncfrag=2/10;xyz", opTime, "\x20",
			opOther, "[    1.000000] gasp: crash 0123456789abcdef: x\n", opOther, "<13>1 - host app - - [a b=\"c\"] text", opOther, "<13>Oct 11 22:14:15 host su: text", opDevice, withID(9, 1), opDevice, withID(12, 2), opFlush, ""),
	}
}

// FuzzSources: whatever comes in, in whatever order, nothing panics, all memory is accounted for, and
// every record of the device that was sealed is shown or named as missing or held back, once.
func FuzzSources(f *testing.F) {
	for _, s := range scripts() {
		f.Add(s)
	}
	k := testKey(f, "device")
	f.Fuzz(func(t *testing.T, script []byte) {
		c := new(census)
		var device *wire.Sealer
		var answer wire.Answer
		var sent [][]byte
		now, number, crash := start, uint64(0), wire.FirstCrashNumber-1
		boot := byte(0)
		start := func() {
			boot++
			device = wire.NewSealer(&k.Secret, &[wire.BootSize]byte{boot})
			answer, number, crash = wire.Answer{}, 0, wire.FirstCrashNumber-1
		}
		start()
		table := NewTable(c, Options{Keys: []keys.Key{k}, Random: rand.NewChaCha8([32]byte{}), Memory: 4 << 20, Answer: func(_ int, _ netip.AddrPort, b []byte) {
			if a, err := device.OpenAnswer(append([]byte(nil), b...)); err == nil && a.Newer(&answer) {
				answer = a
			}
		}})
		hear := func(from netip.AddrPort, b []byte) {
			table.Datagram(&Datagram{At: now, From: from, Data: b, Size: len(b)})
		}
		for len(script) >= 3 {
			op, size := int(script[0])%ops, int(binary.BigEndian.Uint16(script[1:]))
			body := script[3:min(3+size, len(script))]
			script = script[3+len(body):]
			switch {
			case op == opDatagram:
				hear(sender, body)
			case op == opOther:
				hear(spoofed(1), body)
			case op == opDevice:
				hear(sealedSender, body)
			case (op == opSealed || op == opCrash) && len(body) >= 5, op == opForged && len(body) >= 7:
				flip := body
				if op == opForged {
					body = body[2:]
				}
				s := wire.Status{Want: body[0]&1 != 0, Dying: body[0]&2 != 0, Over: body[0]&4 != 0, Heartbeat: uint16(body[0] >> 3),
					Next: uint64(binary.BigEndian.Uint16(body[1:])), Oldest: uint64(binary.BigEndian.Uint16(body[3:])), Proof: answer.Session}
				n := &number
				if op == opCrash {
					n = &crash
				}
				*n++
				b := append(device.Begin(make([]byte, 0, 2*wire.MaxSealed)), body[5:min(len(body), 5+wire.MaxSealed)]...)
				b = device.Seal(b, *n, &s)
				if op == opForged {
					b[int(binary.BigEndian.Uint16(flip))%len(b)] ^= 1
				} else {
					sent = append(sent, b)
				}
				hear(sealedSender, b)
			case op == opAgain && len(body) > 0 && len(sent) > 0:
				hear(spoofed(2), sent[int(body[0])%len(sent)])
			case op == opBoot:
				start()
			case op == opTime && len(body) > 0:
				for range body[0] {
					now = now.Add(25 * time.Millisecond)
					table.Tick(now)
				}
			case op == opKeys:
				table.SetKeys(nil, now)
				table.SetKeys([]keys.Key{k}, now)
			case op == opFlush:
				table.Flush(now)
			}
		}
		checkMemory(t, table)
		// A device whose session ended is not asked any more, so that something may wait for ever is no fault
		// of the table's; but all that waits is bounded in time.
		for end := now.Add(10 * time.Minute); now.Before(end); now = now.Add(2 * time.Second) {
			table.Tick(now)
		}
		for e := table.devices.sessions.Front(); e != nil; e = e.Next() {
			if q := &e.Value.(*session).sequence; q.missing() || len(q.ahead) > 0 {
				t.Errorf("%d numbers wait after ten minutes", len(q.ahead))
			}
		}
		if len(table.waiting) > 0 {
			t.Error("something waits after ten minutes")
		}
		checkMemory(t, table)
	})
}

// TestFuzzCorpusIsThere: the named cases are files, so that go test -fuzz begins with them and each runs
// in every go test. GASP_CORPUS=1 writes them.
func TestFuzzCorpusIsThere(t *testing.T) {
	dir := filepath.Join("testdata", "fuzz", "FuzzSources")
	for name, s := range scripts() {
		want := "go test fuzz v1\n[]byte(" + strconv.Quote(string(s)) + ")\n"
		path := filepath.Join(dir, name)
		if os.Getenv("GASP_CORPUS") != "" {
			os.MkdirAll(dir, 0o755)
			os.WriteFile(path, []byte(want), 0o644)
		}
		if got, err := os.ReadFile(path); err != nil || string(got) != want {
			t.Errorf("%s: %v, or not what its script is", name, err)
		}
	}
}
