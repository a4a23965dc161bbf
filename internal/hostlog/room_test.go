package hostlog

import (
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gasp/internal/source"
)

// TestLogsOfHostsWithoutAKeyShareTheirRoom: many hosts that log as much as they can stay within the room together, of
// one that says little everything is kept, and a device with a key is not concerned.
func TestLogsOfHostsWithoutAKeyShareTheirRoom(t *testing.T) {
	const hosts, room = 16, 8 << 20
	s, said := newLogs(t, Options{SharedSize: room, RotateSize: 64 << 20})
	host := func(n byte) source.Origin {
		return source.Origin{Addr: netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, 1, n}), 1), Settled: true}
	}
	quiet, device := host(200), source.Origin{Addr: host(201).Addr, Device: "device", Settled: true}
	say := func(from source.Origin, text string) {
		r := record(1, 6, text)
		r.From = from
		s.Record(r)
		s.Flush()
	}
	var random strings.Builder // which zstd can hardly make smaller
	for x := uint64(1); random.Len() < bufferSize/2; {
		x = x*6364136223846793005 + 1442695040888963407
		random.WriteByte(byte('!' + x>>33%90))
	}
	say(quiet, "little")
	lines := 4 * room / hosts / random.Len() // four times what there is room for
	for range lines {
		for n := range byte(hosts) {
			say(host(n), random.String())
		}
		say(device, random.String())
	}
	closed(s)
	var logs, olders int64
	for n := range byte(hosts) {
		files, err := os.ReadDir(filepath.Join(s.options.Dir, host(n).FileName()))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			info, err := file.Info()
			if err != nil {
				t.Fatal(err)
			}
			if file.Name() == current {
				logs += info.Size()
			} else {
				olders += info.Size()
			}
		}
	}
	if logs > room/2+hosts*bufferSize || olders > room/2 {
		t.Errorf("the logs have %d bytes and the older ones %d, want at most %d each", logs, olders, room/2)
	}
	if olders < room/4 {
		t.Errorf("the older ones have %d bytes only", olders)
	}
	if got := content(t, s.options.Dir, quiet.FileName(), ""); !strings.Contains(got, "little") {
		t.Errorf("the quiet host has the log %q", got)
	}
	if got := content(t, s.options.Dir, "device", current); strings.Count(got, "\n") != lines {
		t.Errorf("the device's log has %d of %d lines", strings.Count(got, "\n"), lines)
	}
	if len(said()) != 0 {
		t.Errorf("said %q", said())
	}
}
