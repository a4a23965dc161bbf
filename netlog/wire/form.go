package wire

import "bytes"

// Form tells what a report is about.
type Form uint8

// The forms of a report.
const (
	// Crash is the last words of a machine.
	Crash Form = iota
	// Report is one that was asked for, of a machine that goes on.
	Report
	// Kept is a crash of the boot before, offered again from memory that outlived the reset.
	Kept
)

// Causes that a sender gives, and not what it died of.
const (
	// FailedCause is that of the last headline a machine sends when it cannot make a report.
	FailedCause = "died, and the report of it failed"
	// ResetCause is that of a Kept report when nothing was kept: something reset the machine.
	ResetCause = "the machine was reset without a report"
)

const (
	signature = "gasp: "
	endWords  = "end of "
)

var formWords = [...]string{Crash: signature + "crash ", Report: signature + "report ", Kept: signature + "kept crash "}

// begin is how a headline of this form begins, up to the boot id.
func (f Form) begin() string {
	if int(f) < len(formWords) {
		return formWords[f]
	}
	return formWords[Crash]
}

// words is begin without the signature, as it stands in an end record.
func (f Form) words() string { return f.begin()[len(signature):] }

// cutForm reads what a headline, or behind "end of " an end record, begins with, up to the boot id.
func cutForm(text []byte, end bool) (f Form, rest []byte, ok bool) {
	rest, ok = bytes.CutPrefix(text, []byte(signature))
	if ok && end {
		rest, ok = bytes.CutPrefix(rest, []byte(endWords))
	}
	if !ok {
		return 0, nil, false
	}
	for f := range Form(len(formWords)) {
		if rest, ok := bytes.CutPrefix(rest, []byte(f.words())); ok {
			return f, rest, true
		}
	}
	return 0, nil, false
}

// AppendKept appends the text of a crash report's record as it is offered again after a reset:
// headline and end record of form Crash become those of form Kept, others stay as they are. dst
// needs five bytes of room more than text has.
func AppendKept(dst, text []byte) []byte {
	for _, end := range [...]bool{false, true} {
		if f, rest, ok := cutForm(text, end); ok && f == Crash {
			dst = append(dst, signature...)
			if end {
				dst = append(dst, endWords...)
			}
			return append(append(dst, Kept.words()...), rest...)
		}
	}
	return append(dst, text...)
}
