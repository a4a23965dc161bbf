package main

import (
	"fmt"
	"time"

	"gasp/internal/listen"
	"gasp/internal/source"
)

// dropsPeriod is how often it is said what the kernel dropped.
const dropsPeriod = time.Minute

// drops remembers what was said of what the kernel dropped.
type drops struct{ said uint64 }

// text is what there is to say when the kernel has dropped total datagrams since the start, with a buffer of
// so many bytes: nothing if it has been said.
func (d *drops) text(total uint64, buffer int) string {
	n := total - d.said
	d.said = total
	if n == 0 {
		return ""
	}
	text := fmt.Sprintf("the kernel dropped %s in the last minute, a buffer of %d KiB was full", source.Count(n, "datagram"), buffer>>10)
	if buffer < listen.Buffer {
		text += fmt.Sprintf("; for a larger one: sysctl -w net.core.rmem_max=%d", listen.Buffer)
	}
	return text
}
