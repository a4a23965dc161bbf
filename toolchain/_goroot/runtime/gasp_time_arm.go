package runtime

// gaspFillTimespec stores the time as the vDSO does. Nothing it calls may use more
// stack than a nosplit function may.
//
//go:nosplit
func gaspFillTimespec(ts *gaspTimespec) {
	now := uint64(gaspNow())
	ts[0], ts[1] = int(now/1e9), int(now%1e9)
}
