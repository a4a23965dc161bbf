package source

import (
	"fmt"
	"strings"

	"gasp/netlog/wire"
)

// String is the span as "17" or "17-19".
func (s Span) String() string {
	if s.First == s.Last {
		return fmt.Sprint(s.First)
	}
	return fmt.Sprintf("%d-%d", s.First, s.Last)
}

// shownSpans is how many gaps a verdict names.
const shownSpans = 8

// Verdict says in words whether a closed report is complete, and if not what is missing:
// "complete: 43 records" or "INCOMPLETE: 2 of 43 records missing (seq 17-18)".
func (c *Crash) Verdict() string {
	if c.Complete {
		return "complete: " + Count(c.Received, "record")
	}
	var faults []string
	if !c.HasHeadline {
		faults = append(faults, "no headline")
	}
	if c.Failed {
		faults = append(faults, "the sender's report failed")
	}
	if !c.HasEnd {
		faults = append(faults, "no end after "+Count(c.Received, "record"))
	}
	if c.MissingRecords > 0 {
		missing := Count(c.MissingRecords, "record")
		if c.HasEnd {
			missing = fmt.Sprintf("%d of %s", c.MissingRecords, Count(c.End.Records, "record"))
		}
		faults = append(faults, missing+" missing"+c.missingNumbers())
	}
	if c.End.Lost > 0 {
		faults = append(faults, fmt.Sprintf("%d lost by the sender", c.End.Lost))
	}
	if c.Damaged > 0 {
		faults = append(faults, fmt.Sprintf("%d damaged", c.Damaged))
	}
	if len(faults) == 0 {
		faults = append(faults, fmt.Sprintf("%s where the end says %d", Count(c.Received, "record"), c.End.Records))
	}
	return "INCOMPLETE: " + strings.Join(faults, ", ")
}

func (c *Crash) missingNumbers() string {
	if len(c.Missing) == 0 {
		return ""
	}
	var names []string
	for _, s := range c.Missing[:min(len(c.Missing), shownSpans)] {
		names = append(names, s.String())
	}
	if len(c.Missing) > shownSpans {
		names = append(names, "...")
	}
	return " (seq " + strings.Join(names, ", ") + ")"
}

// kinds is how a report is called.
var kinds = [...]string{wire.Crash: "crash report", wire.Report: "report", wire.Kept: "kept crash report"}

// Kind is how a report is called: "crash report", "report" of a machine that goes on, "kept crash
// report" of one that outlived a reset.
func (c *Crash) Kind() string { return kinds[c.Form] }

// Reset says whether all there is to say is that the machine was reset without a report.
func (c *Crash) Reset() bool { return c.HasHeadline && string(c.Headline.Cause) == wire.ResetCause }

// ClosedText is how a sink says how a report ended, without where it is.
func ClosedText(c *Crash) string { return c.Kind() + " " + c.Outcome() }

// Outcome is the verdict, and what became of another report of the same crash.
func (c *Crash) Outcome() string {
	text := c.Verdict()
	if c.Reset() {
		text = "says: " + wire.ResetCause + "; " + text
	}
	switch {
	case c.Worse:
		text += ", the one received before tells more and stays"
	case c.Replaced != "":
		text += ", replaces what was received before"
	}
	return text
}

// KnownText is how a sink says that a report was dropped, because all of it is stored.
func KnownText(c *Crash) string {
	what := "crash "
	if c.Form == wire.Kept {
		what = "kept crash "
	}
	return what + c.Boot() + " came again and is stored already: " + c.Folder
}

// RepeatedText is how a sink says that a machine still sends the headline of its crash.
func RepeatedText(n uint64) string { return "-- still there: headline repeated " + Count(n, "time") }
