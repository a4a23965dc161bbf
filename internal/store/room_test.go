package store

import (
	"errors"
	"net/netip"
	"os"
	"path/filepath"
	"testing"

	"gasp/internal/source"
)

// TestReportsOfSendersWithoutAKeyShareTheirRoom: forged crashes fill half of the room and are then not stored, those of
// settled senders fill the rest, and those of devices need none; what is removed is room again.
func TestReportsOfSendersWithoutAKeyShareTheirRoom(t *testing.T) {
	const room = 100 * diskBlock
	dir := t.TempDir()
	s, err := New(dir, room, func(text string) { t.Log(text) })
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	id := uint64(0)
	crash := func(from source.Origin) error {
		id++
		c := &source.Crash{ID: id, From: from, Began: at, Received: 1}
		s.index.CrashBegin(c)
		s.CrashBegin(c)
		s.CrashRecord(c, record(1, 0, "words"))
		s.index.CrashEnd(c)
		s.CrashEnd(c)
		return c.FolderErr
	}
	invented := func() source.Origin {
		return source.Origin{Addr: netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 9, byte(id >> 8), byte(id)}), 1)}
	}
	fill := func(settled bool) {
		t.Helper()
		for range room / diskBlock {
			from := invented()
			from.Settled = settled
			if err := crash(from); errors.Is(err, errRoom) {
				return
			} else if err != nil {
				t.Fatal(err)
			}
		}
		t.Error("there is no end of the room")
	}
	used := func() (n int64) {
		for _, folder := range allFolders(dir) {
			n += sizeOf(folder)
		}
		return n
	}
	const one = 4 * diskBlock // what one report goes over
	fill(false)
	if n := used(); n < room/2 || n > room/2+one {
		t.Errorf("those that are not settled take %d bytes, want about %d", n, room/2)
	}
	fill(true)
	if n := used(); n < room || n > room+one {
		t.Errorf("those without a key take %d bytes, want about %d", n, room)
	}
	if counted, there := s.index.room.used.Load(), used(); counted != there {
		t.Errorf("%d bytes are counted, %d are there", counted, there)
	}
	if err := crash(source.Origin{Addr: from.Addr, Device: "device", Settled: true}); err != nil {
		t.Errorf("the report of a device: %v", err)
	}
	// A receiver that is started again knows.
	again, err := New(dir, room, func(string) {})
	if err != nil {
		t.Fatal(err)
	}
	if !again.index.room.full(true) {
		t.Error("started again, it does not know that the room is used up")
	}
	again.Close()
	for _, host := range hostFolders(dir) {
		if host != "device" {
			os.RemoveAll(filepath.Join(dir, host))
		}
	}
	s.Reopen()
	if err := crash(invented()); err != nil {
		t.Errorf("when there is room again: %v", err)
	}
}

// TestReportThatGrowsBeyondTheRoom: what does not fit is counted, and the report is not called complete.
func TestReportThatGrowsBeyondTheRoom(t *testing.T) {
	const room = 100 * diskBlock
	s, err := New(t.TempDir(), room, func(string) {})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	c := &source.Crash{ID: 1, From: from, Began: at}
	s.index.CrashBegin(c)
	s.CrashBegin(c)
	line := record(0, 0, string(make([]byte, 1000)))
	line.Report = true
	for seq := range uint64(10 * room / 1000) {
		line.Seq = seq
		c.Received++
		s.CrashRecord(c, line)
	}
	c.Complete = true
	s.CrashEnd(c)
	m, err := ReadSummary(c.Folder)
	if err != nil || m.Complete || m.Records.Unwritten == 0 {
		t.Errorf("%+v, %v", m, err)
	}
	if n := sizeOf(c.Folder); n > 2*room {
		t.Errorf("it takes %d bytes", n)
	}
}
