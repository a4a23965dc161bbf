package qemu

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A clock that no real one shows: what the machine says can only come from there.
const oddClock = "2031-05-06T07:08:09"

// atOddClock has a machine's real-time clock begin there.
var atOddClock = []string{"-rtc", "base=" + oddClock}

// checkOddClock wants a machine to have its time of day from firmware: the one that its real-time clock begins with, and no more
// than its whole life, and what a clock of seconds is late, later.
func checkOddClock(t *testing.T, datagrams []Datagram, life time.Duration) {
	t.Helper()
	begin, err := time.Parse("2006-01-02T15:04:05", oddClock)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range records(t, datagrams) {
		if _, said, ok := strings.Cut(strings.TrimSpace(string(r.Text)), "time of day by firmware: "); ok {
			at, err := time.Parse(time.RFC3339, said)
			if late := at.Sub(begin); err != nil || late < 0 || late > life+maxClockLag {
				t.Errorf("the machine says %q, %v; its clock began with %s, %v ago", said, err, oddClock, life)
			}
			return
		}
	}
	t.Error("no record has the time of day")
}

// TestNoClockButFirmwares: a PC whose tables deny the real-time clock has the time of day from UEFI.
func TestNoClockButFirmwares(t *testing.T) {
	if os.Getenv("GASP_FULL") != "1" {
		t.Skip("takes a firmware's time: GASP_FULL=1")
	}
	w := &Wire{}
	m := Machine{Type: "q35-uefi", NIC: "e1000e", Wire: w, Image: imageForUEFI(t), Cmdline: knownStation("+") + " panic=-1 gasp.crash=nil", Deadline: uefiDeadline}
	m.Extra = append(denyClock(t), atOddClock...)
	r := bootMachine(t, m)
	if end, err := r.Wait(); err != nil {
		t.Fatal(end, err)
	}
	checkOddClock(t, w.Datagrams(), time.Since(r.Started))
}

// denyClock gives firmware other tables than QEMU's own, by the names that those have (QEMU docs/specs/fw_cfg,
// hw/acpi/bios-linker-loader.c): a fixed description table that says that there is no real-time clock (ACPI 6.5, table 5.11).
func denyClock(t *testing.T) []string {
	const (
		headerSize = 36
		fadtSize   = 244
		tablesName = "etc/acpi/tables"
		rsdpName   = "etc/acpi/rsdp"
		loaderName = "etc/table-loader"

		commandSize                   = 128
		allocate, addPointer, addSum  = 1, 2, 3
		anywhere, below1M             = 1, 2
		archKeyboard, archNoClock     = 1 << 1, 1 << 5
		rsdpTable, rsdpSum, rsdpBytes = 16, 8, 20
	)
	le := binary.LittleEndian
	header := func(b []byte, signature string, size uint32, revision byte) {
		copy(b, signature)
		le.PutUint32(b[4:], size)
		b[8] = revision
		copy(b[10:], "GASP  TEST    ")
	}
	tables := make([]byte, headerSize+4+fadtSize)
	fadt := tables[headerSize+4:]
	header(tables, "RSDT", headerSize+4, 1)
	le.PutUint32(tables[headerSize:], headerSize+4)
	header(fadt, "FACP", fadtSize, 3)
	le.PutUint16(fadt[109:], archKeyboard|archNoClock)
	rsdp := make([]byte, rsdpBytes)
	copy(rsdp, "RSD PTR \x00GASP  ")

	var loader []byte
	command := func(kind uint32, fill func(b []byte)) {
		b := make([]byte, commandSize)
		le.PutUint32(b, kind)
		fill(b[4:])
		loader = append(loader, b...)
	}
	const nameSize = 56
	place := func(name string, align uint32, zone byte) {
		command(allocate, func(b []byte) {
			copy(b, name)
			le.PutUint32(b[nameSize:], align)
			b[nameSize+4] = zone
		})
	}
	point := func(in string, offset uint32) {
		command(addPointer, func(b []byte) {
			copy(b, in)
			copy(b[nameSize:], tablesName)
			le.PutUint32(b[2*nameSize:], offset)
			b[2*nameSize+4] = 4
		})
	}
	sum := func(in string, at, start, n uint32) {
		command(addSum, func(b []byte) {
			copy(b, in)
			le.PutUint32(b[nameSize:], at)
			le.PutUint32(b[nameSize+4:], start)
			le.PutUint32(b[nameSize+8:], n)
		})
	}
	place(rsdpName, 16, below1M)
	place(tablesName, 64, anywhere)
	sum(tablesName, headerSize+4+9, headerSize+4, fadtSize)
	point(tablesName, headerSize)
	sum(tablesName, 9, 0, headerSize+4)
	point(rsdpName, rsdpTable)
	sum(rsdpName, rsdpSum, 0, rsdpBytes)

	dir := t.TempDir()
	arguments := []string{"-machine", "acpi=off"}
	for name, b := range map[string][]byte{tablesName: tables, rsdpName: rsdp, loaderName: loader} {
		file := filepath.Join(dir, filepath.Base(name))
		if err := os.WriteFile(file, b, 0o600); err != nil {
			t.Fatal(err)
		}
		arguments = append(arguments, "-fw_cfg", "name="+name+",file="+escape(file))
	}
	return arguments
}
