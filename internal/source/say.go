package source

import (
	"fmt"

	"gasp/internal/printable"
)

var levels = [8]string{"emerg", "alert", "crit", "err", "warn", "notice", "info", "debug"}

// LevelName is the short name of a syslog severity, at most six letters.
func LevelName(level uint8) string { return levels[level&7] }

// RebootText is how a sink says that a sender began anew.
const RebootText = "-- rebooted: its numbers or its clock start again"

// MissingText is how a sink names missing records: "-- 3 records missing (seq 17-19)".
func MissingText(first, last uint64) string {
	return "-- " + Count(last-first+1, "record") + " missing (seq " + Span{first, last}.String() + ")"
}

// shownPayload is how many bytes of a bad datagram are shown.
const shownPayload = 60

// BadText is how a sink shows a datagram that was not understood.
func BadText(payload []byte, size int, err error) string {
	text := fmt.Sprintf("-- bad datagram of %s: %v", Count(size, "byte"), err)
	if len(payload) > 0 {
		dots := ""
		if size > shownPayload {
			dots = "..."
		}
		text += ": " + string(printable.Append(nil, payload[:min(len(payload), shownPayload)])) + dots
	}
	return text
}
