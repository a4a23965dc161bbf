package qemu

import (
	"bytes"
	"fmt"

	"gasp/netlog/wire"
)

// Record is one that the log host received, put together from its fragments.
type Record struct {
	wire.Record
	Extended bool // in the extended format: the record has a number
}

// Report is what arrived of one report.
type Report struct {
	Headline wire.Headline
	Number   uint64   // of the headline, in the extended format
	Time     uint64   // and when it was made, in microseconds
	Extended bool     // the headline came in the extended format
	Lines    []string // between headline and end record, without wire.ReportPrefix
	End      wire.End
	Ended    bool // the end record arrived
	Frames   int  // datagrams of the report; a headline that came again counts each time
	Repeats  int  // how often the headline came again

	payload  []byte          // of the headline
	ending   []byte          // of the end record
	last     []byte          // the payload of the record before, in the basic format
	numbers  map[uint64]bool // of the records that arrived
	records  uint64
	skip     uint64 // of the headline
	earlier  int    // ordinary records that arrived before the headline
	again    bool   // since the headline came again, no end record did
	repeated bool   // the headline came again after the end
}

// Log is all that the log host received, taken apart.
type Log struct {
	Ordinary []Record // in the order of arrival
	Reports  []Report // in the order of their headlines
	Stray    []string // lines and end records of reports that have no headline before them
	Problems []string // datagrams that cannot be
}

// ReadLog takes apart what arrived, in its order.
func ReadLog(datagrams []Datagram) *Log {
	var log Log
	fragments := map[uint64]*fragmented{}
	for i, d := range datagrams {
		r, err := wire.Decode(d.Payload, make([]byte, 0, len(d.Payload)+1))
		if err != nil {
			log.Problems = append(log.Problems, fmt.Sprintf("datagram %d is no record: %v: %.80q", i, err, d.Payload))
			continue
		}
		frames := 1
		if r.FragTotal > 0 {
			f := fragments[r.Seq]
			if f == nil {
				f = new(fragmented)
				fragments[r.Seq] = f
			}
			if !f.add(&r) {
				continue
			}
			frames = f.frames
			delete(fragments, r.Seq)
		}
		log.add(Record{r.Record, r.Extended}, d.Payload, frames)
	}
	return &log
}

// fragmented is a record that comes in pieces.
type fragmented struct {
	body   []byte
	frames int
}

// add takes the next piece, and completes the record with the last one. QEMU's cable keeps the order.
func (f *fragmented) add(d *wire.Datagram) (whole bool) {
	if d.FragOffset != len(f.body) {
		return false
	}
	f.body = append(f.body, d.Body...)
	f.frames++
	if len(f.body) < d.FragTotal {
		return false
	}
	d.Text, d.Dict = wire.ParseBody(f.body, make([]byte, 0, len(f.body)+1))
	return true
}

func (log *Log) add(r Record, payload []byte, frames int) {
	if h, ok := wire.ParseHeadline(r.Text); ok {
		log.headline(r, h, payload)
		return
	}
	end, isEnd := wire.ParseEnd(r.Text)
	line, isLine := bytes.CutPrefix(r.Text, []byte(wire.ReportPrefix))
	if !isEnd && !isLine {
		log.Ordinary = append(log.Ordinary, r)
		return
	}
	if isEnd && log.endedWith(payload) {
		return
	}
	of := log.reportOf(r)
	if of == nil || isEnd && (end.Boot != of.Headline.Boot || end.Form != of.Headline.Form) {
		log.Stray = append(log.Stray, string(r.Text))
		return
	}
	of.Frames += frames
	if isEnd {
		of.End, of.Ended, of.again, of.ending = end, true, false, payload // sent again, it may say less
	}
	if of.count(r, payload) && isLine {
		of.Lines = append(of.Lines, string(line))
	}
}

// endedWith tells whether payload is the end record of a report once more: a fault came after it was sent.
func (log *Log) endedWith(payload []byte) bool {
	for i := range log.Reports {
		if bytes.Equal(log.Reports[i].ending, payload) {
			return true
		}
	}
	return false
}

// headline opens a report, if it is not one that came before: a machine sends its headline again when the report is
// over, and once more when it failed over the first.
func (log *Log) headline(r Record, h wire.Headline, payload []byte) {
	for i := range log.Reports {
		old := &log.Reports[i]
		same := h.Boot == old.Headline.Boot && h.Form == old.Headline.Form && bytes.Equal(h.Cause, old.Headline.Cause)
		if bytes.Equal(payload, old.payload) || same && !old.Ended && r.Seq == old.Number {
			old.Repeats++
			old.Frames++
			old.again, old.repeated = old.Ended, old.repeated || old.Ended
			return
		}
	}
	log.Reports = append(log.Reports, Report{Headline: h, Number: r.Seq, Time: r.Time, Extended: r.Extended, Frames: 1,
		payload: payload, numbers: map[uint64]bool{r.Seq: true}, records: 1, skip: r.Skip, earlier: len(log.Ordinary)})
}

// reportOf finds the report that a record belongs to. A machine can send a report's records again after its end. One that dies
// ends a report on demand, of which some may come behind the crash's headline.
func (log *Log) reportOf(r Record) *Report {
	for i := len(log.Reports) - 1; i >= 0; i-- {
		of := &log.Reports[i]
		if !of.mayHave(r) {
			continue
		}
		for j := range log.Reports[:i] {
			death := &log.Reports[j]
			if of.Headline.Form == wire.Report && death.Headline.Form == wire.Crash && death.Headline.Boot == of.Headline.Boot &&
				death.mayHave(r) && death.Time <= r.Time {
				return death
			}
		}
		return of
	}
	return nil
}

func (r *Report) mayHave(record Record) bool {
	if record.Extended {
		return r.Extended && r.Number < record.Seq
	}
	return !r.Ended || r.again
}

// count tells a record from its repetition: by its number, or in the basic format because the headline came again, or
// because the record before was the same, of the same microsecond: a fault came after it was sent.
func (r *Report) count(record Record, payload []byte) bool {
	if record.Extended {
		if r.numbers[record.Seq] {
			return false
		}
		r.numbers[record.Seq] = true
	} else if r.repeated || bytes.Equal(payload, r.last) {
		return false
	}
	r.last = payload
	r.records++
	return true
}

// Complete says what is missing of the report, "" if nothing is.
func (r *Report) Complete() string {
	switch {
	case !r.Ended:
		return fmt.Sprintf("no end record after %d records", r.records)
	case r.End.Lost > 0:
		return fmt.Sprintf("the end record says that %d of %d records are lost", r.End.Lost, r.End.Records)
	case r.End.Records != r.records:
		return fmt.Sprintf("%d records of the report arrived, the end record says %d", r.records, r.End.Records)
	}
	// Reports of a machine that goes on have ordinary records in between.
	for i := range r.records {
		if r.Extended && r.Headline.Form == wire.Crash && !r.numbers[r.Number+i] {
			return fmt.Sprintf("the report's record number %d is missing", r.Number+i)
		}
	}
	return ""
}
