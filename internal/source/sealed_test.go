package source

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"gasp/internal/keys"
	"gasp/internal/sealedmodel"
	"gasp/netlog/wire"
)

// rejected checks what was refused, by cause.
func rejected(t *testing.T, name string, table *Table, want map[Cause]uint64) {
	t.Helper()
	for cause, n := range table.Stats().Rejected {
		if n != want[Cause(cause)] {
			t.Errorf("%s: %d refused as %v, want %d", name, n, Cause(cause), want[Cause(cause)])
		}
	}
}

// records is what of the journal's lines is records.
func (j *journal) records() []string {
	return slices.DeleteFunc(slices.Clone(j.lines), func(s string) bool { return strings.HasPrefix(s, "--") })
}

func (j *journal) notes() []string {
	return slices.DeleteFunc(slices.Clone(j.lines), func(s string) bool { return !strings.HasPrefix(s, "--") })
}

func TestDeviceIsNamedByItsKey(t *testing.T) {
	w := newWorld(t, 1, Options{})
	w.device.Log(6, w.now, "hello")
	w.until(time.Second)
	moved := w.from
	w.from = sender // its address changes
	w.device.Log(6, w.now, "from elsewhere")
	w.until(time.Second)
	expect(t, "shown", w.journal.lines, "0 hello", "1 from elsewhere")
	s := w.table.devices.sessions.Front().Value.(*session)
	if got := s.machine.from; got.Device != "device" || got.Addr != sender || got.Host() != "device" {
		t.Errorf("it is called %+v", got)
	}
	rejected(t, "moving", w.table, map[Cause]uint64{Unproved: 1}) // the first datagram of the boot
	if w.table.devices.addresses[moved.Addr()] != nil || w.table.devices.addresses[sender.Addr()] == nil {
		t.Error("the address that the device left is still its own, or the new one is not")
	}
}

func TestUnsealedFromADevicesAddress(t *testing.T) {
	w := newWorld(t, 1, Options{})
	unsealed := func() { w.arrive(w.now, sealedSender, []byte("in its name\n")) }
	unsealed() // nothing is known yet
	w.device.Log(6, w.now, "hello")
	w.until(time.Second)
	unsealed()
	w.arrive(w.now, sender, []byte("another machine\n"))
	expect(t, "shown", w.journal.records(), "in its name", "0 hello", "another machine")
	rejected(t, "unsealed", w.table, map[Cause]uint64{Unsealed: 1, Unproved: 1})
	only := NewTable(new(journal), Options{SealedOnly: true})
	only.Datagram(&Datagram{At: start, From: sender, Data: []byte("x\n"), Size: 2})
	rejected(t, "only sealed ones", only, map[Cause]uint64{Unsealed: 1})
}

// TestRecordingIsNotBelieved: a recording of a boot is genuine, and nothing of it is taken, by the same
// receiver or by one that never heard the boot.
func TestRecordingIsNotBelieved(t *testing.T) {
	w := newWorld(t, 1, Options{})
	for i := range 50 {
		w.device.Log(6, w.now, fmt.Sprint("record ", i))
		w.pass(5 * time.Millisecond)
	}
	w.until(time.Second)
	recording := slices.Clone(w.heard)
	shown := len(w.journal.records())
	refused := w.table.Stats().Rejected[Replayed]
	for _, b := range recording {
		w.arrive(w.now, sender, b)
	}
	if n := len(w.journal.records()); n != shown || w.table.Stats().Rejected[Replayed]-refused != uint64(len(recording)) {
		t.Errorf("%d records shown of a recording, refused %v", n-shown, w.table.Stats().Rejected)
	}

	other := newWorld(t, 2, Options{})
	for range 2 {
		for _, b := range recording {
			other.arrive(other.now, sender, b)
			other.now = other.now.Add(10 * time.Millisecond)
		}
	}
	n := uint64(len(recording))
	rejected(t, "another receiver", other.table, map[Cause]uint64{Unproved: n, Replayed: n})
	if len(other.journal.records()) > 0 || other.table.Stats().Answers > n {
		t.Errorf("shown was %q, %d answers", other.journal.records(), other.table.Stats().Answers)
	}
	// And the device that lives, in another boot, is believed in the middle of it.
	k := testKey(t, "device")
	other.boot(&k, 'z')
	other.device.Log(6, other.now, "alive")
	for range 100 {
		other.arrive(other.now, sender, recording[other.random.IntN(len(recording))])
		other.pass(10 * time.Millisecond)
	}
	expect(t, "shown", other.journal.records(), "0 alive")
}

// TestBootsThatWereOver: what was believed of a boot is not believed again, however many came after it.
func TestBootsThatWereOver(t *testing.T) {
	w := newWorld(t, 1, Options{})
	k := testKey(t, "device")
	var recording [][]byte
	for boot := range byte(2 * maxOver) {
		w.boot(&k, boot)
		w.device.Log(6, w.now, fmt.Sprint("boot ", boot))
		w.until(time.Second)
		if boot == 0 {
			recording = slices.Clone(w.heard)
		}
	}
	shown := len(w.journal.records())
	for range 3 {
		for _, b := range recording {
			w.arrive(w.now, sender, b)
			w.now = w.now.Add(10 * time.Millisecond)
		}
	}
	if n := len(w.journal.records()); n != shown || shown != 2*2*maxOver-1 { // each with a reboot before it but the first
		t.Errorf("%d lines shown, then %d", shown, n)
	}
}

// TestManyRecordings: more boots than may wait for their proof do not keep out the one that lives.
func TestManyRecordings(t *testing.T) {
	k := testKey(t, "device")
	var hellos [][]byte
	for boot := range byte(20) {
		newDevice(&k, boot, start, func(b []byte) { hellos = append(hellos, slices.Clone(b)) }).Tick(start)
	}
	w := newWorld(t, 1, Options{})
	w.device.Log(6, w.now, "alive")
	for range 200 {
		for _, b := range hellos {
			w.arrive(w.now, sender, b)
		}
		w.pass(5 * time.Millisecond)
	}
	expect(t, "shown", w.journal.records(), "0 alive")
	if v := w.table.devices.sessions.Front().Value.(*session).peer.device; len(v.strangers) > maxStrangers {
		t.Errorf("%d boots wait for their proof", len(v.strangers))
	}
}

func TestRebootOfADevice(t *testing.T) {
	w := newWorld(t, 1, Options{})
	for i := range 3 {
		w.device.Log(6, w.now, fmt.Sprint("first ", i))
	}
	w.until(time.Second)
	old := w.device
	// The last record of the boot is lost, but that there was one is known.
	w.loss = 1
	old.Log(6, w.now, "lost")
	w.pass(50 * time.Millisecond)
	w.loss = 0
	b := old.Sealer.Begin(nil)
	old.Seal(b, w.now, false)
	w.pass(10 * time.Millisecond)
	late := old.Sealer.Begin(nil)
	late = wire.AppendRecordItem(late, &wire.Record{Level: 6, Seq: 9, Text: []byte("of the boot before")})

	k := testKey(t, "device")
	w.boot(&k, 'b')
	w.device.Log(6, w.now, "second 0")
	w.until(time.Second)
	before := w.table.Stats().Rejected
	old.Seal(late, w.now, false)
	w.run(w.now.Add(time.Second))
	expect(t, "shown", w.journal.lines, "0 first 0", "1 first 1", "2 first 2",
		"-- 1 record missing (seq 3)", "reboot", "0 second 0", "-- 1 datagram refused: of a boot that is over, in the name of device")
	if got := w.table.Stats().Rejected[OtherBoot] - before[OtherBoot]; got != 1 {
		t.Errorf("%d datagrams refused as of another boot", got)
	}
}

func TestSilenceAndReturn(t *testing.T) {
	w := newWorld(t, 1, Options{})
	w.device.Log(6, w.now, "the last words")
	w.until(time.Second)
	w.pass(10 * time.Second)
	if n := w.journal.notes(); len(n) != 0 {
		t.Fatalf("a device that sends nothing but heartbeats: %q", n)
	}
	w.loss = 1
	w.device.Log(6, w.now, "lost for now")
	w.pass(heartbeats*sealedmodel.Beat + silenceGrace - 300*time.Millisecond)
	if n := w.journal.notes(); len(n) != 0 {
		t.Errorf("too early: %q", n)
	}
	w.pass(time.Second)
	n := w.journal.notes()
	if len(n) != 1 || !strings.HasPrefix(n[0], "-- silent since ") || !strings.HasSuffix(n[0], "its last line: the last words") {
		t.Errorf("silent: %q", n)
	}
	w.loss = 0
	w.pass(3 * time.Second)
	n = w.journal.notes()
	if len(n) != 2 || n[1] != "-- heard again" {
		t.Errorf("back: %q", n)
	}
	expect(t, "shown", w.journal.records(), "0 the last words", "1 lost for now")
	if s := w.table.Stats(); s.Missing != 0 {
		t.Errorf("%d missing", s.Missing)
	}
}

// TestSilenceInTheMiddle: what came behind a hole is shown when the device falls silent, and what was lost
// is asked for when it is back.
func TestSilenceInTheMiddle(t *testing.T) {
	w := newWorld(t, 1, Options{})
	w.device.Log(6, w.now, "zero")
	w.until(time.Second)
	w.loss = 1
	w.device.Log(6, w.now, "one")
	w.device.Tick(w.now)
	w.loss = 0
	w.device.Log(6, w.now, "two")
	w.device.Tick(w.now)
	w.run(w.now.Add(2 * time.Millisecond))
	w.loss = 1
	w.pass(10 * time.Second)
	w.loss = 0
	w.pass(3 * time.Second)
	lines := slices.DeleteFunc(slices.Clone(w.journal.lines), func(s string) bool { return strings.Contains(s, "silent since") })
	expect(t, "shown", lines, "0 zero", "-- 1 record missing (seq 1)", "2 two", "-- heard again", "1 one (late)")
	if s := w.table.Stats(); s.Missing != 0 || s.Late != 1 || s.Repaired != 1 || !w.device.Done() {
		t.Errorf("%+v, acked %d", s, w.device.Acked)
	}
}

func TestOverIsNotSilent(t *testing.T) {
	w := newWorld(t, 1, Options{})
	w.device.Log(6, w.now, "bye")
	w.device.Over = true
	w.until(time.Second)
	w.loss = 1
	w.pass(time.Minute)
	if n := w.journal.notes(); len(n) != 0 {
		t.Errorf("notes are %q", n)
	}
}

// TestGoneIsNamed: a device whose ring has wrapped says which numbers are gone.
func TestGoneIsNamed(t *testing.T) {
	w := newWorld(t, 1, Options{})
	w.device.Size = 10
	w.device.Log(6, w.now, "zero")
	w.until(time.Second)
	w.loss = 1
	for i := 1; i <= 30; i++ {
		w.device.Log(6, w.now, fmt.Sprint(i))
		w.device.Tick(w.now)
	}
	w.loss = 0
	w.until(5 * time.Second)
	want := []string{"0 zero", "-- 20 records missing (seq 1-20): the sender has overwritten what was not yet received"}
	for i := 21; i <= 30; i++ {
		want = append(want, fmt.Sprintf("%d %d", i, i))
	}
	expect(t, "shown", w.journal.lines, want...)
	if s := w.table.Stats(); s.Missing != 20 || s.Gone != 20 {
		t.Errorf("%+v", s)
	}
}

// TestReceiverStartsAgain: what was shown is not shown again, and what was missing is asked for.
func TestDeviceWithSeveralLogHosts(t *testing.T) {
	w := newWorld(t, 1, Options{})
	others := [][wire.BootSize]byte{{1}, {2}}
	w.device.Others = others
	w.device.Log(6, w.now, "hello")
	w.until(time.Second)
	w.device.Log(6, w.now, "again")
	w.until(time.Second)
	expect(t, "shown", w.journal.lines, "0 hello", "1 again")
	rejected(t, "several", w.table, map[Cause]uint64{Unproved: 1})
	// One that is proved to others only is none for this one.
	b := wire.AppendRecordItem(w.device.Sealer.Begin(nil), &wire.Record{Seq: 2, Text: []byte("recorded")})
	b = append(wire.AppendProofItem(b, &others[1]), make([]byte, 16)...)
	b = w.device.Sealer.Seal(b[:len(b)-16], 1<<20, &wire.Status{Next: 3, Proof: others[0]})
	w.arrive(w.now, sealedSender, b)
	expect(t, "shown", w.journal.lines, "0 hello", "1 again")
	rejected(t, "of others", w.table, map[Cause]uint64{Unproved: 2})
}

func TestReceiverStartsAgain(t *testing.T) {
	w := newWorld(t, 1, Options{})
	for i := range 5 {
		w.device.Log(6, w.now, fmt.Sprint("before ", i))
	}
	w.until(time.Second)
	w.loss = 1
	w.device.Log(6, w.now, "on the way")
	w.device.Tick(w.now)
	w.loss = 0
	w.device.Log(6, w.now, "behind it")
	w.device.Tick(w.now)
	w.run(w.now.Add(2 * time.Millisecond))
	w.table.Flush(w.now)
	sessions := w.table.Sessions()
	if len(sessions) != 1 || sessions[0].Device != "device" || sessions[0].Upto != 7 || len(sessions[0].Missing) != 1 {
		t.Fatalf("sessions are %+v", sessions)
	}
	again := newWorld(t, 2, Options{Resume: sessions})
	again.device, again.now = w.device, w.now
	out := again.device
	out.Out = func(b []byte) { again.arrive(again.now, sealedSender, slices.Clone(b)) }
	out.Log(6, again.now, "after")
	again.until(10 * time.Second)
	expect(t, "shown by the second receiver", again.journal.records(), "5 on the way (late)", "7 after")
	if !out.Done() {
		t.Errorf("acked %d", out.Acked)
	}
	// A device that is not heard stays known.
	third := newWorld(t, 3, Options{Resume: again.table.Sessions()})
	if s := third.table.Sessions(); len(s) != 1 || s[0].Upto != 8 {
		t.Errorf("sessions are %+v", s)
	}
	// Another boot of it is a reboot.
	k := testKey(t, "device")
	third.boot(&k, 'c')
	third.device.Log(6, third.now, "new")
	third.until(time.Second)
	if !slices.Contains(third.journal.lines, "reboot") {
		t.Errorf("shown was %q", third.journal.lines)
	}
}

func TestKeysChange(t *testing.T) {
	a, b := testKey(t, "device"), testKey(t, "other")
	w := newWorld(t, 1, Options{Keys: []keys.Key{a, b}})
	w.device.Log(6, w.now, "hello")
	w.until(time.Second)
	w.table.SetKeys([]keys.Key{a, b}, w.now)
	w.device.Log(6, w.now, "still")
	w.until(time.Second)
	w.table.SetKeys([]keys.Key{b}, w.now)
	w.device.Log(6, w.now, "no more")
	before := len(w.heard)
	w.pass(time.Second)
	refused := w.table.Stats().Rejected[UnknownKey]
	if refused == 0 || refused > uint64(len(w.heard)-before) {
		t.Errorf("%d datagrams of an unknown key, %d sent", refused, len(w.heard)-before)
	}
	expect(t, "shown", w.journal.records(), "0 hello", "1 still")
	if !slices.Contains(w.journal.notes(), "-- its key was changed or removed: nothing more of it is believed") {
		t.Errorf("notes are %q", w.journal.notes())
	}
	if w.table.devices.sessions.Len() != 0 || len(w.table.devices.addresses) != 0 {
		t.Error("something of the device is left")
	}
	checkMemory(t, w.table)
	// The key comes back under another name.
	a.Name = "renamed"
	w.table.SetKeys([]keys.Key{a, b}, w.now)
	w.pass(2 * time.Second)
	if s := w.table.Sessions(); len(s) != 1 || s[0].Device != "renamed" {
		t.Errorf("sessions are %+v", s)
	}
}

func TestOneWay(t *testing.T) {
	w := newWorld(t, 1, Options{OneWay: true})
	w.device.OneWay = true
	w.device.Log(6, w.now, "zero")
	w.pass(100 * time.Millisecond)
	w.loss = 1
	w.device.Log(6, w.now, "one")
	w.device.Tick(w.now)
	w.loss = 0
	w.device.Log(6, w.now, "two")
	w.pass(time.Second)
	expect(t, "shown", w.journal.lines, "0 zero", "-- 1 record missing (seq 1)", "2 two")
	rejected(t, "one way", w.table, nil)
	if w.table.Stats().Answers != 0 || len(w.table.devices.addresses) != 0 {
		t.Error("it answers, or binds an address that nobody proved")
	}
}

// TestLastWords: the frame that was sealed at start is believed of the boot that lives, and of no other.
func TestLastWords(t *testing.T) {
	last := func(d *sealedmodel.Device) []byte {
		b := d.Sealer.Begin(make([]byte, 0, wire.MaxSealed))
		b = wire.AppendLastWordsItem(b, []byte("gasp: crash 0123456789abcdef: "+wire.FailedCause))
		return slices.Clone(d.Sealer.Seal(b, wire.LastNumber, &wire.Status{Dying: true}))
	}
	w := newWorld(t, 1, Options{})
	w.arrive(w.now, sealedSender, last(w.device))
	if len(w.journal.records()) != 0 {
		t.Errorf("of a boot that nobody knows: %q", w.journal.lines)
	}
	w = newWorld(t, 1, Options{})
	w.device.Log(6, w.now, "hello")
	w.until(time.Second)
	for range 2 {
		w.arrive(w.now, sealedSender, last(w.device))
	}
	w.loss = 1
	w.pass(time.Minute)
	expect(t, "reports", verdicts(w.journal), "crash report INCOMPLETE: the sender's report failed, no end after 0 records")
	rejected(t, "last words", w.table, map[Cause]uint64{Unproved: 1, Replayed: 1})
}

// TestHeadlineDoesNotWait: it is shown although all before it is missing, and the report is closed only
// when the rest has come or the device is silent.
func TestHeadlineDoesNotWait(t *testing.T) {
	w := newWorld(t, 1, Options{})
	w.device.Beat = 30 * time.Second
	w.device.Log(6, w.now, "zero")
	w.until(time.Second)
	w.loss = 1
	w.device.Log(6, w.now, "one")
	w.device.Tick(w.now)
	w.loss = 0
	w.device.Crash(w.now, bootA, 3)
	w.run(w.now.Add(2 * time.Millisecond))
	if n := len(w.journal.records()); n != 2 || !strings.HasPrefix(w.journal.records()[1], "2 gasp: crash ") {
		t.Fatalf("shown was %q", w.journal.records())
	}
	w.loss = 1
	w.pass(DefaultCrashTimeout + 5*time.Second)
	if len(w.journal.crashes) != 0 {
		t.Error("the report was closed while the device was repairing it")
	}
	w.loss = 0
	w.until(5 * time.Second)
	expect(t, "reports", verdicts(w.journal), "crash report complete: 5 records")
	if r := w.journal.crashes[0].From; r.Device != "device" || r.Addr != sealedSender {
		t.Errorf("it is of %+v", r)
	}
	if !slices.ContainsFunc(w.journal.raw, func(b string) bool { return wire.IsSealed([]byte(b)) }) {
		t.Error("the datagrams of the report were not handed on")
	}
}

func TestMalformed(t *testing.T) {
	w := newWorld(t, 1, Options{})
	w.device.Log(6, w.now, "hello")
	w.until(time.Second)
	before := w.table.Stats().Rejected
	d := w.device
	b := d.Sealer.Begin(nil)
	b = wire.AppendRecordItem(b, &wire.Record{Seq: 1, Text: []byte("not taken")})
	d.Seal(append(b, 1, 255, 255), w.now, false)
	b = d.Sealer.Begin(nil)
	d.Seal(wire.AppendRecordItem(b, &wire.Record{Seq: ^uint64(0)}), w.now, false)
	w.run(w.now.Add(time.Second))
	whole := bytes.Clone(w.heard[len(w.heard)-1])
	w.arrive(w.now, sender, whole[:50])
	whole[6] = 1
	w.arrive(w.now, sender, whole)
	if n := w.table.Stats().Rejected[Malformed] - before[Malformed]; n != 4 {
		t.Errorf("%d refused as malformed, want 4", n)
	}
	expect(t, "shown", w.journal.records(), "0 hello")
}

// TestRefusalsAreSaidOnceAMinute: an attacker cannot fill the log, with one address or with many.
func TestRefusalsAreSaidOnceAMinute(t *testing.T) {
	w := newWorld(t, 1, Options{})
	forged := slices.Clone(w.device.Sealer.Seal(w.device.Sealer.Begin(nil), 1, &wire.Status{}))
	forged[len(forged)-1]++
	const count = 1000
	for range count {
		w.arrive(w.now, sender, forged)
		w.now = w.now.Add(time.Millisecond)
		w.table.Tick(w.now)
	}
	if n := w.journal.notes(); len(n) != 1 {
		t.Errorf("in a second: %q", n)
	}
	w.table.Tick(w.now.Add(time.Minute))
	w.table.Tick(w.now.Add(time.Hour))
	expect(t, "in an hour", w.journal.notes(), "-- 1 datagram refused: not sealed by the key that they name, in the name of device",
		"-- 999 datagrams refused: not sealed by the key that they name, in the name of device")
	w = newWorld(t, 1, Options{})
	for i := range 100_000 {
		w.arrive(w.now, spoofed(i), forged)
	}
	w.table.Flush(w.now)
	if n := w.journal.notes(); len(n) != maxRejections+2 {
		t.Errorf("%d notes of many addresses", len(n))
	}
	rejected(t, "many addresses", w.table, map[Cause]uint64{Forged: 100_000})
}

// TestSessionsAreBounded: more devices than have room take turns, and lose nothing that is to be shown.
func TestSessionsAreBounded(t *testing.T) {
	const count = 300
	var list []keys.Key
	for i := range count {
		list = append(list, testKey(t, fmt.Sprint("d", i)))
	}
	j := new(journal)
	table := NewTable(j, Options{Keys: list, Memory: 4 << 20})
	var models []*sealedmodel.Device
	now := start
	for i := range list {
		models = append(models, newDevice(&list[i], 1, now, nil))
	}
	table.options.Answer = func(via int, _ netipAddrPort, b []byte) {
		if err := models[via].Hear(b, now); err != nil {
			t.Error(err)
		}
	}
	shown := map[string]int{}
	for round := range 4 {
		for i, d := range models {
			d.Out = func(b []byte) {
				table.Datagram(&Datagram{At: now, From: spoofed(i), Via: i, Data: b, Size: len(b)})
			}
			d.Log(6, now, fmt.Sprint("d", i, " ", round))
			for range 20 {
				now = now.Add(10 * time.Millisecond)
				d.Tick(now)
			}
		}
	}
	for _, line := range j.records() {
		shown[line]++
	}
	if n := table.devices.sessions.Len(); n >= count || n < 10 {
		t.Errorf("%d sessions have room", n)
	}
	if len(shown) != 4*count {
		t.Errorf("%d records of %d shown", len(shown), 4*count)
	}
	for line, n := range shown {
		if n != 1 {
			t.Fatalf("%q shown %d times", line, n)
		}
	}
	checkMemory(t, table)
}
