package enet_test

// crash is what OnAccess panics with.
type crash struct{}

// crashAt runs f and stops it before its k-th register access; it tells whether
// f got that far.
func (b *bench) crashAt(k int, f func()) (crashed bool) {
	start := b.model.Accesses
	b.model.OnAccess = func(n int) {
		if n-start == k {
			panic(crash{})
		}
	}
	defer func() {
		b.model.OnAccess = nil
		if r := recover(); r != nil {
			if _, ok := r.(crash); !ok {
				panic(r)
			}
			crashed = true
		}
	}()
	f()
	return false
}
