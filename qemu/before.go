package qemu

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// loadLine is one of those that cmd/image logs without end under gasp.load=1.
var loadLine = regexp.MustCompile(`^load (\d+) `)

// What a report says of records of before that did not make it.
var (
	lostInDevice = regexp.MustCompile(`(\d+) frames given to it before may be lost`)
	lostRecords  = regexp.MustCompile(`(\d+) records from before the crash are lost`)
)

// before judges what was logged before the crash, whether it was sent before the headline or behind it.
func (c *Crash) before(log *Log, r *Report, load bool) (reasons []string) {
	if c.Forgets {
		return nil
	}
	inDevice, anywhere := said(r.Lines, lostInDevice), said(r.Lines, lostRecords)
	for _, want := range []string{firstLine, lastWords} {
		if inDevice+anywhere == 0 && !c.DeadLink && !slices.ContainsFunc(log.Ordinary, func(o Record) bool { return strings.Contains(string(o.Text), want) }) {
			reasons = append(reasons, fmt.Sprintf("the line %q is missing", want))
		}
	}
	if r.Extended {
		reasons = append(reasons, c.numbers(log, r, inDevice, anywhere)...)
	}
	lost, first, seen := loadHoles(log.Ordinary)
	if load && seen == 0 {
		reasons = append(reasons, "no line of the load arrived")
	}
	if lost > inDevice+anywhere && !c.DeadLink {
		reasons = append(reasons, fmt.Sprintf("%d lines of the load are missing, the first is %d; the report admits %d lost", lost, first, inDevice+anywhere))
	}
	return reasons
}

// numbers judges the numbers below the report's. Of those that are missing, the report admits some that the device had
// when the sender stopped, and some anywhere.
func (c *Crash) numbers(log *Log, r *Report, inDevice, anywhere uint64) (reasons []string) {
	known, heldBack := r.numbersBefore(log.Ordinary)
	next := r.Headline.Last + 1 - r.Headline.Unsent // the first that the headline does not count as sent
	// What the device may have lost can be counted as unsent and come twice, as can the record at which the sender was
	// interrupted.
	behind := uint64(0)
	for _, o := range log.Ordinary[:r.earlier] {
		if o.Seq >= next {
			behind++
		}
	}
	if behind > inDevice+1 {
		reasons = append(reasons, fmt.Sprintf("the headline came behind %d records that it counts as unsent, from number %d on", behind, next))
	}
	given := next // the first that the device may have had
	for left := min(inDevice, maxMissing); given > 0 && left > 0; {
		if given--; !heldBack[given] {
			left--
		}
	}
	var missing []uint64
	for n := range r.Number {
		if !known[n] && !heldBack[n] && (n < given || n >= next) {
			missing = append(missing, n)
		}
		if len(missing) > maxMissing {
			break
		}
	}
	if uint64(len(missing)) > anywhere && !(c.DeadLink && oneRun(missing)) {
		reasons = append(reasons, fmt.Sprintf("%d records of before are missing, the first is number %d; the report admits %d lost and %d in the device", len(missing), missing[0], anywhere, inDevice))
	}
	return reasons
}

// said sums up the number that pattern finds in the lines.
func said(lines []string, pattern *regexp.Regexp) (sum uint64) {
	for _, line := range lines {
		if m := pattern.FindStringSubmatch(line); m != nil {
			n, _ := strconv.ParseUint(m[1], 10, 32)
			sum += n
		}
	}
	return sum
}

// numbersBefore gives the numbers below the report's: of the records that arrived, and of those that loglevel= held back, as
// the record behind them says.
func (r *Report) numbersBefore(records []Record) (known, heldBack map[uint64]bool) {
	known, heldBack = map[uint64]bool{}, map[uint64]bool{}
	hold := func(seq, skip uint64) {
		for n := seq - min(skip, seq, maxMissing); n < seq; n++ {
			heldBack[n] = true
		}
	}
	hold(r.Number, r.skip)
	for _, o := range records {
		if o.Seq < r.Number {
			known[o.Seq] = true
			hold(o.Seq, o.Skip)
		}
	}
	return known, heldBack
}

// maxMissing bounds what is counted: a record can claim any number.
const maxMissing = 100_000

func oneRun(numbers []uint64) bool {
	return numbers[len(numbers)-1]-numbers[0] == uint64(len(numbers)-1)
}

// loadHoles counts the numbers missing between the load's first and last line.
func loadHoles(records []Record) (lost, first uint64, seen int) {
	var numbers []uint64
	for _, r := range records {
		if m := loadLine.FindSubmatch(r.Text); m != nil {
			n, _ := strconv.ParseUint(string(m[1]), 10, 32)
			numbers = append(numbers, n)
		}
	}
	slices.Sort(numbers)
	for i := 1; i < len(numbers); i++ {
		if gap := numbers[i] - numbers[i-1]; gap > 1 {
			if lost == 0 {
				first = numbers[i-1] + 1
			}
			lost += gap - 1
		}
	}
	return lost, first, len(numbers)
}
