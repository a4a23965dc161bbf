package bootparam_test

import (
	"testing"

	"gasp/board/bootparam"
)

func TestMemoryLimit(t *testing.T) {
	for line, want := range map[string]uint64{
		"mem=256M":                  256 << 20,
		"a=b mem=1g panic=-1":       1 << 30,
		"mem=64K mem=131072":        131072,
		"mem=4096M":                 4096 << 20,
		`"mem=8M"`:                  8 << 20,
		"mem=99999999999999999999G": 0,
	} {
		if n, ok := bootparam.MemoryLimit(line); n != want || ok != (want != 0) {
			t.Errorf("%s: %d, %v; want %d", line, n, ok, want)
		}
	}
	for _, line := range []string{"", "mem", "mem=", "mem=M", "mem=12X", "mem=1MM", "mem=-1", "memory=1G", "-- mem=64M", "mem=0x10"} {
		if n, ok := bootparam.MemoryLimit(line); ok {
			t.Errorf("%q: %d", line, n)
		}
	}
}
