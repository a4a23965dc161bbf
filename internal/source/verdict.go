package source

import (
	"fmt"
	"strings"
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
