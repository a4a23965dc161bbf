package main

import (
	"fmt"
	"time"

	"gasp/internal/listen"
	"gasp/internal/source"
)

// remedy is what makes the kernel grant the buffer that is asked for.
var remedy = fmt.Sprintf("sysctl -w net.core.rmem_max=%d", listen.Buffer)

// bufferText is what there is to say of a buffer of so many bytes: nothing if it is what was asked for.
func bufferText(size int) string {
	if size >= listen.Buffer {
		return ""
	}
	return fmt.Sprintf("the kernel may drop datagrams of a burst, it gave a buffer of %d KiB for the %d KiB asked for; to allow that: %s",
		size>>10, listen.Buffer>>10, remedy)
}

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
		text += "; for a larger one: " + remedy
	}
	return text
}
