package loghost

import (
	"bufio"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// PeakMemory is the most that the process had in memory so far, in bytes (proc_pid_status(5), VmHWM): when it was asked for
// last, once the process has ended. One goroutine asks.
func (r *Receiver) PeakMemory() int64 {
	if r.ended() { // the number may be another process's now
		return r.peak
	}
	f, err := os.Open(fmt.Sprintf("/proc/%d/status", r.cmd.Process.Pid))
	if err != nil {
		return r.peak
	}
	defer f.Close()
	for s := bufio.NewScanner(f); s.Scan(); {
		if value, found := strings.CutPrefix(s.Text(), "VmHWM:"); found {
			kib, _ := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(value), " kB"), 10, 64)
			r.peak = max(r.peak, kib<<10)
		}
	}
	return r.peak
}

// ProcessorTime is what the process used, 0 until it has ended.
func (r *Receiver) ProcessorTime() time.Duration {
	if !r.ended() {
		return 0
	}
	return r.cmd.ProcessState.UserTime() + r.cmd.ProcessState.SystemTime()
}
