package uefi

import "time"

// Values of Time (8.3.1).
const (
	unspecifiedZone = 0x7ff // EFI_UNSPECIFIED_TIMEZONE
	mostZone        = 1440  // minutes to either side

	// Years whose nanoseconds since 1970 an int64 holds.
	firstYear = 1970
	lastYear  = 2261
)

// A Time is EFI_TIME (8.3.1).
type Time struct {
	Year       uint16
	Month, Day uint8 // from 1 on
	Hour       uint8
	Minute     uint8
	Second     uint8
	_          uint8
	Nanosecond uint32
	Zone       int16 // minutes from local time to UTC, or unspecifiedZone
	Daylight   uint8 // whether Zone and the time have been changed for summer: nothing is left to do
	_          uint8
}

// Capabilities are EFI_TIME_CAPABILITIES (8.3.1).
type Capabilities struct {
	Resolution uint32 // steps of the clock a second
	Accuracy   uint32 // in millionths of a millionth
	SetsToZero uint8
	_          [3]uint8
}

// A Clock is what GetTime has answered, and when.
type Clock struct {
	Time         Time
	Capabilities Capabilities
	// Counter is what the processor's counter was right behind the answer: time stamp counter, or on arm64 the virtual counter
	// as a kernel at EL1 reads it. 0: there is no answer.
	Counter uint64
}

// TimeOfDay is the time that the firmware told, in ns since 1970, and what the processor's counter was then. Without a time
// zone it is taken for UTC. ok is false if there is none, or one that cannot be.
func (h *HandOver) TimeOfDay() (ns int64, counter uint64, ok bool) {
	t := &h.Clock.Time
	zone := int(t.Zone)
	switch {
	case !h.Valid() || h.Clock.Counter == 0,
		t.Year < firstYear || t.Year > lastYear || t.Month < 1 || t.Month > 12 || t.Day < 1,
		t.Hour > 23 || t.Minute > 59 || t.Second > 59 || t.Nanosecond >= uint32(time.Second):
		return 0, 0, false
	case zone == unspecifiedZone:
		zone = 0
	case zone < -mostZone || zone > mostZone:
		return 0, 0, false
	}
	local := time.Date(int(t.Year), time.Month(t.Month), int(t.Day), int(t.Hour), int(t.Minute), int(t.Second), int(t.Nanosecond), time.UTC)
	if local.Day() != int(t.Day) {
		return 0, 0, false // the month is shorter
	}
	ns = local.UnixNano() + int64(zone)*int64(time.Minute)
	return ns, h.Clock.Counter, ns > 0
}
