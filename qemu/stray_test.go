package qemu

import (
	"fmt"
	"regexp"
	"testing"

	"gasp/netlog/wire"
)

// takenOver is in a line that tells of a device that was reset or taken over.
var takenOver = regexp.MustCompile(`(?i)device.*(reset|taken over)`)

// TestStrayFaults: faults that the program recovers from are no crash. They send nothing, and the NIC goes on as it was.
func TestStrayFaults(t *testing.T) {
	onMachines(t, func(t *testing.T, c Combination, format string) {
		const faults, lines = 1000, 100
		w := &Wire{}
		r := boot(t, c, w, fmt.Sprintf("%s gasp.lines=%d gasp.recover=%d", knownStation(format), lines, faults))
		if exit, err := r.Wait(); err != nil || !exit.PoweredOff() {
			t.Errorf("the machine ended with %+v, %v, not by powering off", exit, err)
		}
		log := ReadLog(w.Datagrams())
		if len(log.Reports) != 1 || string(log.Reports[0].Headline.Cause) != "exit status 0" || len(log.Stray) > 0 {
			t.Errorf("there are other reports than that of the end: %+v %q", log.Reports, log.Stray)
		}
		reportOf(t, w.Datagrams(), wire.Crash)
		next := 1
		for _, o := range log.Ordinary {
			if number, ok := numbered(o.Text, lines); ok {
				if number != next {
					t.Fatalf("line %d arrived, expected was line %d", number, next)
				}
				next++
			}
			if takenOver.Match(o.Text) {
				t.Errorf("the device was taken over: %q", o.Text)
			}
		}
		if next-1 != lines {
			t.Errorf("%d of %d lines arrived", next-1, lines)
		}
		if want := fmt.Sprintf("recovered %d faults", faults); !contains(w.Datagrams(), want) {
			t.Errorf("no line says %q", want)
		}
		checkSequence(t, records(t, w.Datagrams()))
	})
}
