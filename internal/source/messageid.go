package source

import (
	"bytes"
	"strconv"
)

// messageID is the number that Linux gives each message that it sends to a target, from 6.17 on if
// asked to: " msgid=<n>" at the end of the dictionary, 32 bits that wrap (Documentation/networking/
// netconsole.rst). The numbers of records count those too that the console's level keeps back;
// between two message ids nothing is missing but what was lost.
type messageID struct {
	number uint32
	known  bool
}

// messageID reads a record's. What the kernel adds comes last, behind what users and programs can set.
func (r *Record) messageID() (id messageID) {
	const key = "msgid="
	if len(r.Dict) == 0 {
		return id
	}
	line := bytes.TrimSuffix(r.Dict, []byte{'\n'})
	line = line[bytes.LastIndexByte(line, '\n')+1:]
	if digits, ok := bytes.CutPrefix(line, []byte(key)); ok && len(digits) <= len("4294967295") {
		n, err := strconv.ParseUint(string(digits), 10, 32)
		return messageID{uint32(n), err == nil}
	}
	return id
}

// follows says whether it is the next one behind before.
func (id messageID) follows(before messageID) bool {
	return id.known && before.known && id.number == before.number+1
}

// between is how many of the records between before and it were lost, of so many numbers: all, where
// the ids do not tell.
func (id messageID) between(before messageID, numbers uint64) uint64 {
	if lost := uint64(id.number - before.number - 1); id.known && before.known && lost > 0 && lost < numbers {
		return lost
	}
	return numbers
}
