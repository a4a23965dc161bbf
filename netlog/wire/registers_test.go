package wire

import (
	"fmt"
	"strings"
	"testing"
)

// What a headline has no room for is told in lines, and together they have each register once.
func TestRegistersThatTheHeadlineHasNoRoomFor(t *testing.T) {
	var names []string
	var values []uint64
	for i := range MaxRegisters {
		names, values = append(names, fmt.Sprint("x", i)), append(values, uint64(i)<<32|0xabc)
	}
	for _, extended := range []bool{false, true} {
		for count := range MaxRegisters + 1 {
			for _, cause := range []string{"DABT data abort", strings.Repeat("long ", 150)} {
				var b Block
				b.Name(names)
				b.Format(extended)
				b.Set(values[:count])
				h := Headline{Boot: [16]byte([]byte("0123456789abcdef")), Cause: []byte(cause), Func: "main.function+0x12", Build: strings.Repeat("ab", 20), Block: &b}
				text := AppendHeadline(make([]byte, 0, HeadlineMax), &h, HeadlineMax)
				parsed, ok := ParseHeadline(text)
				shown := h.Shown
				if !ok || shown != len(parsed.Registers) {
					t.Fatalf("%d of %d registers are in the headline, %d are counted", len(parsed.Registers), count, shown)
				}
				all := parsed.Registers
				for i := shown; i < b.Count(); {
					var line []byte
					line, i = b.AppendLine(nil, i)
					for field := range strings.FieldsSeq(string(line)) {
						name, value, _ := strings.Cut(field, "=")
						v, _ := parseHex([]byte(value))
						all = append(all, Register{name, v})
					}
				}
				if len(all) != count {
					t.Fatalf("%d of %d registers: %v", len(all), count, all)
				}
				for i, r := range all {
					if r.Name != names[i] || r.Value != values[i] {
						t.Fatalf("register %d is %+v", i, r)
					}
				}
			}
		}
	}
}
