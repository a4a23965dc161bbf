package netlog

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"gvisor.dev/gvisor/pkg/tcpip/header"
)

// stackFrame is frame number i of a network stack: of a protocol that the logger does not speak.
func stackFrame(i int) []byte {
	frame := make([]byte, 60)
	copy(frame, hostMAC[:])
	copy(frame[6:], ourMAC[:])
	frame[12], frame[13] = 0x88, 0xb5 // IEEE 802, for experiments
	frame[14], frame[15] = byte(i>>8), byte(i)
	return frame
}

func isStackFrame(frame []byte) bool { return frame[12] == 0x88 && frame[13] == 0xb5 }

// order tells what went out: s for a frame of the stack, r for one of the logger's.
func order(frames [][]byte) string {
	var b strings.Builder
	for _, f := range frames {
		if isStackFrame(f) {
			b.WriteByte('s')
		} else {
			b.WriteByte('r')
		}
	}
	return b.String()
}

func TestFramesOfAStackGoOutBetweenTheLoggers(t *testing.T) {
	l, d, _ := machineUp(t, 0, nil)
	l.Log(Info, "before")
	if n, err := l.Send(stackFrame(0), stackFrame(1)); n != 2 || err != nil {
		t.Fatalf("Send: %d, %v", n, err)
	}
	l.Log(Info, "behind")
	if got := order(d.frames); got != "rssr" {
		t.Errorf("the order is %s, want rssr", got)
	}
	if !bytes.Equal(d.frames[2], stackFrame(1)) {
		t.Errorf("the stack's frame is % x", d.frames[2])
	}
	if s := l.ShareStats(); s.Sent != 2 || s.Refused != 0 {
		t.Errorf("counts are %+v", s)
	}
}

// An interrupt that logs while a frame of the stack is with the driver finds the device taken; its records leave
// when Send lets go.
func TestInterruptLogsWhileTheStackSends(t *testing.T) {
	l, d, _ := machineUp(t, 0, nil)
	logged := 0
	d.onTransmit = func(frame []byte) {
		if isStackFrame(frame) {
			l.Log(Info, fmt.Sprint("from an interrupt ", logged))
			logged++
		}
	}
	if n, err := l.Send(stackFrame(0), stackFrame(1), stackFrame(2)); n != 3 || err != nil {
		t.Fatalf("Send: %d, %v", n, err)
	}
	if got := order(d.frames); got != "sssrrr" {
		t.Errorf("the order is %s, want sssrrr: nobody sends while another does, and nothing stays behind", got)
	}
	if got := d.texts(t); len(got) != 3 || got[2] != "from an interrupt 2" {
		t.Errorf("records are %q", got)
	}
}

// A stack that floods lets the logger have its turn after every 64 frames.
func TestFloodOfAStackDoesNotStarveTheLog(t *testing.T) {
	l, d, _ := machineUp(t, 0, nil)
	d.onTransmit = func(frame []byte) {
		if isStackFrame(frame) {
			l.Log(Info, "a record for each frame")
		}
	}
	frames := make([][]byte, 300)
	for i := range frames {
		frames[i] = stackFrame(i)
	}
	if n, err := l.Send(frames...); n != len(frames) || err != nil {
		t.Fatalf("Send: %d, %v", n, err)
	}
	got := order(d.frames)
	if longest := longestRun(got, 's'); longest > sendShare {
		t.Errorf("%d frames of the stack went out in a row, want %d at the most", longest, sendShare)
	}
	if n := strings.Count(got, "r"); n != len(frames) {
		t.Errorf("%d records went out, want %d", n, len(frames))
	}
}

func longestRun(s string, of byte) (longest int) {
	n := 0
	for i := range len(s) {
		if n++; s[i] != of {
			n = 0
		}
		longest = max(longest, n)
	}
	return longest
}

// While a stack waits, the logger lets go after 64 records.
func TestFloodOfRecordsDoesNotStarveTheStack(t *testing.T) {
	l, d, _ := machineUp(t, 0, nil)
	var stop, sent atomic.Uint32
	var flood sync.WaitGroup
	flood.Go(func() {
		for stop.Load() == 0 {
			l.Write([]byte("a flood of records\n"))
		}
	})
	for i := range 200 {
		if n, err := l.Send(stackFrame(i)); n != 1 || err != nil {
			t.Fatalf("frame %d: %d, %v", i, n, err)
		}
		sent.Add(1)
	}
	stop.Store(1)
	flood.Wait()
	next := 0
	for _, f := range d.frames {
		if isStackFrame(f) {
			if got := int(f[14])<<8 | int(f[15]); got != next {
				t.Fatalf("frame %d of the stack comes when %d is due", got, next)
			}
			next++
		}
	}
	if next != 200 {
		t.Errorf("%d frames of the stack went out, want 200", next)
	}

	l, d, _ = machineUp(t, 0, nil)
	for i := range 200 { // all with interrupts' logging: nobody sends
		l.store(Info, fmt.Append(nil, "record ", i), false)
	}
	l.network.sharing.waiting.Store(1)
	if got := l.network.turnOf(Records); got != logShare {
		t.Errorf("the logger's turn is %d records while a stack waits, want %d", got, logShare)
	}
	l.network.sharing.waiting.Store(0)
	l.Poll()
	if got := len(d.frames); got != 200 {
		t.Errorf("%d records went out, want 200", got)
	}
}

func TestReceivedFramesGoToTheStack(t *testing.T) {
	l, d := New(0), new(fakeDevice)
	var tapped [][]byte
	l.SetTap(func(frame []byte) { tapped = append(tapped, append([]byte(nil), frame...)) })
	if err := l.Attach(d); err != nil {
		t.Fatal(err)
	}
	other, request := stackFrame(1), arpPacket(header.ARPRequest, hostMAC, hostIP.AsSlice(), ourIP.AsSlice())
	d.incoming = [][]byte{other, request}
	if n := l.PollReceive(10); n != 2 || len(tapped) != 2 {
		t.Fatalf("before there is a target, %d of %d frames go to the stack, want 2 of 2", len(tapped), n)
	}
	if len(d.frames) != 0 {
		t.Error("a logger without an address answered")
	}

	to := target()
	to.HasMAC = false
	if err := l.Start(d, to, Options{}); err != nil {
		t.Fatal(err)
	}
	tapped, d.frames = nil, nil
	reply := arpReply(hostMAC, hostIP.AsSlice())
	d.incoming = [][]byte{other, request, reply}
	l.Poll()
	if len(tapped) != 2 || !bytes.Equal(tapped[0], other) || !bytes.Equal(tapped[1], reply) {
		t.Errorf("the stack got %d frames, want the foreign one and the ARP reply, not the request that the logger answers", len(tapped))
	}
	if l.network.neighbor.resolved.Load() == 0 {
		t.Error("the logger did not get the ARP reply")
	}
	l.SetTap(nil)
	d.incoming = [][]byte{other}
	if n := l.PollReceive(10); n != 1 || len(tapped) != 2 {
		t.Errorf("a tap that was taken away got frames")
	}
}

func TestAnswersToTheSealedSenderAreNotTheStacks(t *testing.T) {
	l, _, c := sealedUp(t, 0, 1, nil)
	tapped := 0
	l.SetTap(func(frame []byte) { tapped++ })
	for range 50 {
		l.Log(Info, "a record")
		c.pass(20 * time.Millisecond)
		l.Poll()
	}
	if l.network.answers.count.Load() == 0 {
		t.Fatal("no answer came")
	}
	if tapped != 0 {
		t.Errorf("the stack got %d of the log host's answers", tapped)
	}
}

// From the moment the machine dies on, the device is the report's.
func TestStackDoesNotGetTheDeviceOfADyingMachine(t *testing.T) {
	l, d, _ := readyToDie(t, nil)
	tapped := 0
	l.SetTap(func(frame []byte) { tapped++ })
	if _, err := l.Send(stackFrame(0)); err != nil {
		t.Fatal(err)
	}
	d.frames = nil
	var during error
	d.onTransmit = func(frame []byte) {
		if during == nil {
			_, during = l.Send(stackFrame(1))
		}
	}
	d.incoming = [][]byte{stackFrame(2), arpPacket(header.ARPRequest, hostMAC, hostIP.AsSlice(), ourIP.AsSlice())}
	l.Crash(fault())
	l.End()
	if !errors.Is(during, ErrDying) {
		t.Errorf("Send during the report: %v, want %v", during, ErrDying)
	}
	if n, err := l.Send(stackFrame(1)); n != 0 || !errors.Is(err, ErrDying) {
		t.Errorf("Send behind the report: %d, %v", n, err)
	}
	if n := l.PollReceive(10); n != 0 {
		t.Errorf("PollReceive took %d frames of a dead machine", n)
	}
	l.Poll()
	if tapped != 0 {
		t.Errorf("the stack of a dead machine got %d frames", tapped)
	}
	if got := order(d.frames); strings.Contains(got, "s") {
		t.Errorf("frames of the stack are in the report: %s", got)
	}
	readReport(t, d)
}

// A crash that comes while the stack holds the device, in the driver, has it at once.
func TestCrashWhileTheStackSends(t *testing.T) {
	l, d, _ := readyToDie(t, nil)
	d.onTransmit = func(frame []byte) {
		if isStackFrame(frame) {
			d.onTransmit = nil
			d.frames = nil
			l.Crash(fault())
			l.End()
			panic("the machine ends here")
		}
	}
	func() {
		defer func() { recover() }()
		l.Send(stackFrame(0))
	}()
	readReport(t, d)
	if got := order(d.frames); strings.Contains(got, "s") {
		t.Errorf("frames of the stack are in the report: %s", got)
	}
}

func TestSendRefuses(t *testing.T) {
	l, d := New(0), new(fakeDevice)
	if _, err := l.Send(stackFrame(0)); !errors.Is(err, ErrNotAttached) {
		t.Errorf("without a device: %v", err)
	}
	if l.PollReceive(1) != 0 {
		t.Error("frames without a device")
	}
	if err := l.Attach(nil); !errors.Is(err, ErrNoDevice) {
		t.Errorf("no device attached: %v", err)
	}
	d.down = true
	if err := l.Attach(d); err != nil {
		t.Fatal(err)
	}
	if err := l.Attach(new(fakeDevice)); !errors.Is(err, ErrStarted) {
		t.Errorf("another device: %v", err)
	}
	if _, err := l.Send(stackFrame(0)); !errors.Is(err, ErrLinkDown) {
		t.Errorf("without a link: %v", err)
	}
	d.down = false
	l.Poll()
	for _, size := range []int{0, 13, 1515} {
		if n, err := l.Send(stackFrame(0), make([]byte, size), stackFrame(1)); n != 1 || !errors.Is(err, ErrFrameSize) {
			t.Errorf("a frame of %d bytes: %d, %v", size, n, err)
		}
	}
	d.refuse = -1
	if n, err := l.Send(stackFrame(0)); n != 0 || !errors.Is(err, errRefused) {
		t.Errorf("a device that refuses: %d, %v", n, err)
	}
	if s := l.ShareStats(); s.Sent != 3 || s.Refused != 4 {
		t.Errorf("counts are %+v", s)
	}
}

// A device that refuses the stack's frames for too long is reset, as for the logger's.
func TestDeviceThatRefusesTheStackIsMended(t *testing.T) {
	l, d, c := machineUp(t, 0, nil)
	d.refuse = -1
	for range 3 {
		l.Send(stackFrame(0))
		c.pass(refusalLimit)
		l.Poll()
	}
	if d.takenOver == 0 {
		t.Error("nobody reset the device")
	}
}

func TestSharingAllocatesNothing(t *testing.T) {
	l, _ := silent(t, true)
	l.SetTap(func([]byte) {})
	frame := stackFrame(0)
	frames := [][]byte{frame, frame, frame}
	if n := testing.AllocsPerRun(100, func() {
		l.Send(frames...)
		l.PollReceive(10)
		l.deliver(frame)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
