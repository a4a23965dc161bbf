package qemu

import (
	"debug/elf"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"gasp/netlog/wire"
)

var mx6ul = Combination{Type: "mcimx6ul-evk", NIC: "imx.enet"}

// register reads one of the machine's, of 16 or 32 bits.
func register(t *testing.T, r *Run, address uint32, bits int) uint32 {
	t.Helper()
	said, err := r.Human(fmt.Sprintf("xp /1%sx %#x", map[int]string{16: "h", 32: "w"}[bits], address))
	if err != nil {
		t.Fatal(err)
	}
	_, digits, _ := strings.Cut(said, ": 0x")
	v, err := strconv.ParseUint(strings.TrimSpace(digits), 16, bits)
	if err != nil {
		t.Fatalf("register %#x: %q", address, said)
	}
	return uint32(v)
}

// Registers of i.MX6UL (i.MX 6ULL Applications Processor Reference Manual, Rev. 1): UART1, 55.15, and others.
const (
	ucr1, ucr2, ufcr, ubir, ubmr = 0x02020080, 0x02020084, 0x02020090, 0x020200a4, 0x020200a8
	// QEMU 7.2 reads UBIR as 0, and has what is written to it in UBRC.
	ubrc    = 0x020200ac
	cscdr1  = 0x020c4024 // CCM
	scr     = 0x020d8000 // SRC
	wmcr1   = 0x020bc008 // WDOG1, 2 and 3
	wmcr2   = 0x020c0008
	wmcr3   = 0x021e4008
	gicd    = 0x00a01000
	gicc    = 0x00a02000
	onChip  = 0x00910000 // RAM of the chip itself, where nobody else is
	uBootBM = 0x15b      // U-Boot's UBMR, of 80 MHz
)

// checkRegisters compares registers of 32 bits.
func checkRegisters(t *testing.T, r *Run, want map[uint32]uint32) {
	t.Helper()
	for address, v := range want {
		if got := register(t, r, address, 32); got != v {
			t.Errorf("register %#x is %#x, want %#x", address, got, v)
		}
	}
}

// TestMX6ULFromTheROM: nobody has set anything up, as after the boot ROM, and there are no random numbers. The UART then makes 115200 Hz of the
// crystal's 24 MHz, no watchdog is left to reset the board after 16 s, and resets are cold. A machine with a key sends nothing, says why on the serial line, and
// logs there as ever.
func TestMX6ULFromTheROM(t *testing.T) {
	t.Parallel()
	w := &Wire{}
	r := boot(t, mx6ul, w, knownStation("+")+" gasp.run=60 gasp.key="+keyDigits(sealedKey))
	waitFor(t, "lines on the serial line", func() bool { return strings.Count(r.Serial(), "msg=alive") > 2 })
	checkRegisters(t, r, map[uint32]uint32{
		ucr1: 1, ucr2: 1<<14 | 1<<5 | 1<<2 | 1<<1 | 1, ufcr: 2<<10 | 5<<7 | 1, ubrc: 48 - 1, ubmr: 625 - 1,
	})
	if sel := register(t, r, cscdr1, 32) & (1<<6 | 0x3f); sel != 1<<6 {
		t.Errorf("the UARTs' clock is %#x of CSCDR1, want the crystal's, undivided", sel)
	}
	const warm = 1
	if register(t, r, scr, 32)&warm != 0 {
		t.Error("a reset will be a warm one")
	}
	for _, address := range []uint32{wmcr1, wmcr2, wmcr3} {
		if v := register(t, r, address, 16); v&1 != 0 {
			t.Errorf("the watchdog with WMCR at %#x still counts down", address)
		}
	}
	if n := len(w.Frames()); n > 0 {
		t.Errorf("%d frames were sent", n)
	}
	const want = "sealing takes random numbers, and there is neither random number generator nor a virtio entropy device: nothing is sent"
	serial := r.Serial()
	if !strings.Contains(serial, want) {
		t.Errorf("the serial line does not say %q", want)
	}
	if strings.Contains(serial, keyDigits(sealedKey)[:16]) {
		t.Error("the key is on the serial line")
	}
}

// Modes of the processor in which an image is started, with all interrupts masked (ARM ARM ARMv7-A, table B1-1).
const (
	supervisor = 0x1d3
	hyp        = 0x1da
)

// before is what runs before an image: it writes registers, leaves the secure world, unless it is to stay there, for a mode of the other one, as
// OP-TEE does, and goes on at the image's entry point.
func before(t *testing.T, stays bool, mode uint32, writes [][2]uint32) (arguments []string) {
	t.Helper()
	image, err := elf.Open(imageFor(t, mx6ul))
	if err != nil {
		t.Fatal(err)
	}
	defer image.Close()
	words := []uint32{
		0xe28f4048, //       add   r4, pc, #list-.-8
		0xe4945004, // next: ldr   r5, [r4], #4
		0xe3550000, //       cmp   r5, #0
		0x14946004, //       ldrne r6, [r4], #4
		0x15856000, //       strne r6, [r5]
		0x1afffffa, //       bne   next
		0xe4947004, //       ldr   r7, [r4], #4
		0xe4948004, //       ldr   r8, [r4], #4
		0xf1020016, //       cps   #0x16                   Monitor mode
		0xee115f51, //       mrc   p15, 0, r5, c1, c1, 2
		0xe3855b03, //       orr   r5, r5, #0xc00
		0xe3855701, //       orr   r5, r5, #0x40000
		0xee015f51, //       mcr   p15, 0, r5, c1, c1, 2   NSACR: cp10, cp11, NS_SMP
		0xe3005105, //       movw  r5, #0x105
		0xee015f11, //       mcr   p15, 0, r5, c1, c1, 0   SCR: NS, FIQ, HCE
		0xf57ff06f, //       isb
		0xe3a00000, //       mov   r0, #0
		0xe3a01000, //       mov   r1, #0
		0xe16ff007, //       msr   SPSR_fsxc, r7
		0xe1b0f008, //       movs  pc, r8
	}
	const instructions = 20
	if len(words) != instructions || words[0]&0xff != instructions*4-8 {
		t.Fatalf("the list is not behind %d instructions", len(words))
	}
	if stays {
		const leave, left, nop = 8, 16, 0xe1a00000
		for i := leave; i < left; i++ {
			words[i] = nop
		}
	}
	for _, w := range writes {
		words = append(words, w[0], w[1])
	}
	words = append(words, 0, mode, uint32(image.Entry)) // list:
	file := filepath.Join(t.TempDir(), "before")
	var code []byte
	for _, w := range words {
		code = binary.LittleEndian.AppendUint32(code, w)
	}
	if err := os.WriteFile(file, code, 0o600); err != nil {
		t.Fatal(err)
	}
	return []string{"-device", fmt.Sprintf("loader,force-raw=on,addr=%#x,cpu-num=0,file=%s", onChip, escape(file))}
}

// uart80MHz are the registers of a UART that works, with a clock of 80 MHz.
var uart80MHz = [][2]uint32{{ucr1, 0}, {ufcr, 2<<10 | 4<<7 | 1}, {ubir, 15}, {ubmr, uBootBM}, {ucr2, 0x4027}, {ucr1, 1}}

// TestMX6ULAfterADownload: the boot ROM's serial downloader has set UART1 up, and found the image on USB. Nobody else was there: the image
// knows it by the system counter, which stands, and sets up what a loader would have.
func TestMX6ULAfterADownload(t *testing.T) {
	t.Parallel()
	w := &Wire{}
	r := bootMachine(t, Machine{Type: mx6ul.Type, NIC: mx6ul.NIC, Wire: w, Deadline: bootDeadline, Memory: 512, Extra: before(t, true, supervisor, uart80MHz),
		Cmdline: knownStation("+") + " gasp.run=60"})
	waitUntil(t, r, w, "msg=alive")
	checkRegisters(t, r, map[uint32]uint32{ucr1: 1, ufcr: 2<<10 | 5<<7 | 1, ubrc: 48 - 1, ubmr: 625 - 1})
	if contains(w.Datagrams(), "non-secure world") {
		t.Error("the image was not left in the secure world")
	}
}

// uBoot are the registers as U-Boot leaves the UART, and OP-TEE the interrupt controller: all interrupts are in group 1.
func uBoot() (writes [][2]uint32) {
	writes = append(slices.Clone(uart80MHz), [2]uint32{gicd, 0})
	for i := range uint32(5) {
		writes = append(writes, [2]uint32{gicd + 0x80 + 4*i, 0xffffffff})
	}
	return append(writes, [2]uint32{gicc + 4, 0xff}, [2]uint32{gicc, 0xb}, [2]uint32{gicd, 3})
}

// TestMX6ULBehindOPTEE: the image starts in the non-secure world behind a loader that has set the UART up. It says so, leaves the UART
// alone, sleeps and wakes, and dies with a whole report.
func TestMX6ULBehindOPTEE(t *testing.T) {
	t.Parallel()
	w := &Wire{}
	m := Machine{Type: mx6ul.Type, NIC: mx6ul.NIC, Wire: w, Deadline: bootDeadline, Memory: 512, Extra: before(t, false, supervisor, uBoot()),
		Cmdline: knownStation("+") + " gasp.run=2 gasp.crash=nil"}
	r := bootMachine(t, m)
	waitUntil(t, r, w, "end of crash")
	checkRegisters(t, r, map[uint32]uint32{ucr1: 1, ufcr: 2<<10 | 4<<7 | 1, ubrc: 15, ubmr: uBootBM})
	for _, want := range []string{"non-secure world (OP-TEE?)", "msg=alive"} {
		if !contains(w.Datagrams(), want) {
			t.Errorf("the log host is not told %q", want)
		}
		if !strings.Contains(r.Serial(), want) {
			t.Errorf("the serial line does not say %q", want)
		}
	}
	if report := reportOf(t, w.Datagrams(), wire.Crash); !hasTrace(report.Lines, "main.nilDereference(") {
		t.Errorf("the report is %+v", report)
	}
	checkSequence(t, records(t, w.Datagrams()))
}

// fromFIQ are the classes that an FIQ notices.
var fromFIQ = []string{"hang", "irq-hang", "crash-hang"}

// TestMX6ULCrashesBehindOPTEE dies in the other ways, in both modes that a loader can leave. One that nothing notices is ended by WDOG1.
func TestMX6ULCrashesBehindOPTEE(t *testing.T) {
	if os.Getenv("GASP_FULL") != "1" {
		t.Skip("takes many boots: GASP_FULL=1")
	}
	for name, mode := range map[string]uint32{"Supervisor": supervisor, "Hyp": hyp} {
		m := mx6ul
		m.Extra = before(t, false, mode, uBoot())
		for i := range Crashes {
			crash := &Crashes[i]
			if crash.On != nil && !crash.On(m) || slices.Contains(fromFIQ, crash.Class) {
				continue
			}
			t.Run(name+"/"+crash.Class, func(t *testing.T) {
				t.Parallel()
				machinesAtOnce <- struct{}{}
				defer func() { <-machinesAtOnce }()
				checkCell(t, NewCell(crash, m, 0, false, 0), imageFor(t, m))
			})
		}
		for _, class := range fromFIQ {
			t.Run(name+"/"+class, func(t *testing.T) {
				t.Parallel()
				machinesAtOnce <- struct{}{}
				defer func() { <-machinesAtOnce }()
				w := &Wire{}
				r := boot(t, m, w, knownStation("")+" panic=5 gasp.watchdog=1 gasp.crash="+class)
				exit, err := r.Wait()
				if err != nil || exit.Reason != "guest-reset" {
					t.Errorf("the machine ended with %+v, %v", exit, err)
				}
				if !contains(w.Datagrams(), "it ends in a reset by WDOG1, without a report") || contains(w.Datagrams(), "end of crash") {
					t.Error("the log host is told otherwise")
				}
			})
		}
	}
}

// seed is what an emulator may leave instead.
var seed = []byte("thirty-two bytes, for a test all")

// TestMX6ULSealedCell: a cell of the crash matrix that seals has what that takes.
func TestMX6ULSealedCell(t *testing.T) {
	t.Parallel()
	crash := &Crashes[slices.IndexFunc(Crashes, func(c Crash) bool { return c.Class == "nil" })]
	c := NewCell(crash, mx6ul, 0, false, 0)
	c.Sealed, c.Loss = true, 20
	checkCell(t, c, imageFor(t, mx6ul))
}

// TestMX6ULSeals: with a seed the machine seals, over a path that loses.
func TestMX6ULSeals(t *testing.T) {
	t.Parallel()
	const lines = 1000
	w := &Wire{}
	h := &SealedHost{Key: sealedKey, Wire: w, Rate: 20, Seed: 1}
	w.Deliver = h.Receive
	r := bootMachine(t, Machine{Type: mx6ul.Type, NIC: mx6ul.NIC, Wire: w, Seed: seed, Deadline: bootDeadline,
		Cmdline: fmt.Sprintf("%s panic=2 gasp.key=%s gasp.lines=%d gasp.crash=nil", netconsole(""), keyDigits(sealedKey), lines)})
	if exit, err := r.Wait(); err != nil || exit.Reason != "guest-reset" {
		t.Errorf("the machine ended with %+v, %v", exit, err)
	}
	counts, log := h.Counts(), h.Log()
	if counts.Strange > 0 || counts.Gone > 0 || h.Missing() > 0 || counts.Lost == 0 {
		t.Errorf("%+v, %d records are missing", counts, h.Missing())
	}
	next := 1
	for _, r := range log.Ordinary {
		if n, ok := numbered(r.Text, lines); ok && n == next {
			next++
		}
	}
	if next-1 != lines || len(log.Reports) != 1 || log.Reports[0].Complete() != "" {
		t.Errorf("%d of %d lines arrived in order, and the reports %+v", next-1, lines, log.Reports)
	}
	hasNoKey(t, r, log)
}

// TestSeedAgain: QEMU leaves the same seed again when it resets an i.MX6UL, and another one in the device tree of virt. Each boot has another id all
// the same: with the same one, and the same key, two records would have the same nonce.
func TestSeedAgain(t *testing.T) {
	if os.Getenv("GASP_FULL") != "1" {
		t.Skip("takes many boots: GASP_FULL=1")
	}
	for _, m := range []Machine{{Type: mx6ul.Type, NIC: mx6ul.NIC, Seed: seed}, {Type: "virt", NIC: "virtio-net-pci"}} {
		t.Run(m.Type, func(t *testing.T) { bootIDs(t, m) })
	}
}

// bootIDs has a machine that seals crash and start again, and wants an id of its own of each boot.
func bootIDs(t *testing.T, m Machine) {
	t.Helper()
	const boots = 3
	w := &Wire{}
	m.Wire, m.Reboot, m.Deadline = w, true, bootDeadline
	m.Cmdline = knownStation("") + " panic=-1 gasp.crash=nil gasp.key=" + keyDigits(sealedKey)
	r := bootMachine(t, m)
	// A boot's numbers begin anew: none may be there twice.
	numbers := map[[wire.BootSize]byte]map[uint64]bool{}
	for next := 0; len(numbers) < boots; {
		select {
		case <-r.ended:
			t.Fatalf("the machine has ended, and %d boots have ids", len(numbers))
		case <-time.After(actLook):
		}
		datagrams := w.Datagrams()
		for _, d := range datagrams[next:] {
			head, err := wire.ParseSealedHeader(d.Payload)
			if err != nil {
				t.Fatal(err)
			}
			seen := numbers[head.Boot]
			if seen == nil {
				seen = map[uint64]bool{}
				numbers[head.Boot] = seen
			}
			if seen[head.Number] {
				t.Fatalf("boot %x has number %d twice", head.Boot, head.Number)
			}
			seen[head.Number] = true
		}
		next = len(datagrams)
	}
}
