package netlog

import (
	"bytes"
	"strconv"

	"gasp/netlog/wire"
)

// keptCut is the last line of a report of the boot before that has no end.
const keptCut = "the reset cut the report off here"

// An offered is a record of a report of the boot before, as it is offered again.
type offered struct {
	text []byte
	cont bool
}

// offer makes a report out of what the boot before left: of its report, as far
// as there is one, or of the last sign of life.
func (k *kept) offer() (out []offered) {
	records := k.records
	if len(records) > 0 {
		if h, ok := wire.ParseHeadline(records[0].text); !ok || h.Form != wire.Crash {
			records = nil
		}
	}
	add := func(text []byte, cont bool) { out = append(out, offered{text, cont}) }
	end := wire.End{Form: wire.Kept, Boot: k.boot}
	if len(records) == 0 {
		h := wire.Headline{Form: wire.Kept, Boot: k.boot, Cause: []byte(wire.ResetCause), Uptime: k.uptime,
			Last: k.next - 1, HasLast: k.next > 0}
		add(wire.AppendHeadline(make([]byte, 0, wire.HeadlineMax), &h, wire.HeadlineMax), false)
		end.Records = 2
		add(wire.AppendEnd(nil, &end), false)
		return out
	}
	for i, r := range records {
		if e, ok := wire.ParseEnd(r.text); ok && e.Form == wire.Crash && bytes.Equal(e.Boot[:], k.boot[:]) {
			end.Records = max(e.Records, uint64(i)+1)
			end.Lost = end.Records - uint64(i) - 1
			add(wire.AppendEnd(nil, &end), false)
			return out
		}
		add(wire.AppendKept(nil, r.text), r.cont)
	}
	line := wire.ReportPrefix + keptCut
	if k.full > 0 {
		line += ", before that it had no room for so many records: " + strconv.FormatUint(k.full, 10)
	}
	add([]byte(line), false)
	// What was to come is unknown, but for the end record itself.
	end.Lost = k.full + 1
	end.Records = uint64(len(out)) + 1 + end.Lost
	add(wire.AppendEnd(nil, &end), false)
	return out
}
