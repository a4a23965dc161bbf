package bootparam

import "gasp/toolchain/kernel"

// MemoryLimit is what mem=<n>[KMG] on a command line leaves of RAM, in bytes (Linux
// Documentation/admin-guide/kernel-parameters.txt). ok is false if there is no such parameter, or
// none that is a size; the last one counts. It allocates nothing: it may be called before the
// runtime is set up.
func MemoryLimit(line string) (n uint64, ok bool) {
	for w, rest, more := (kernel.Words{Line: line}).Next(); more; w, rest, more = rest.Next() {
		if w.Key == "mem" && w.Assigns && !w.Argument {
			n, ok = parseSize(w.Value)
		}
	}
	return n, ok
}

// parseSize reads a decimal number with a suffix, or without.
func parseSize(s string) (n uint64, ok bool) {
	const most = 1 << 32 // with its suffix, below 2^62
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c >= '0' && c <= '9' && n < most:
			n = n*10 + uint64(c-'0')
			ok = true
			continue
		case !ok || i != len(s)-1 || n >= most:
			return 0, false
		}
		switch c {
		case 'K', 'k':
			return n << 10, true
		case 'M', 'm':
			return n << 20, true
		case 'G', 'g':
			return n << 30, true
		}
		return 0, false
	}
	return n, ok
}
