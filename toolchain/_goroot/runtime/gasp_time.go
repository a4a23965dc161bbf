package runtime

// gaspClockOn means that the board's clock runs (Hwinit1 is over), gaspTimerOn
// that it can also interrupt.
var (
	gaspClockOn bool
	gaspTimerOn bool
	gaspTicks   int64 // stands in for the time before the clock runs
)

//go:nosplit
func gaspNow() int64 {
	if !gaspClockOn {
		gaspTicks++
		return gaspTicks
	}
	return goosNanotime()
}

// gaspStart1 runs in schedinit, on the first thread's system stack: memory can
// be allocated, no package is initialized.
func gaspStart1() {
	goosHwinit1()
	gaspGuardPage(gaspCrashG.stack.lo - gaspPage)
	gaspCPU0.guard()
	gaspGuardPage(alignDown(g0.stack.lo, gaspPage) - gaspPage)
	gaspClockOn = true
	gaspTimerOn = true
	ticks.init() // once more: the rate of the TSC is measured from here
	gaspStartCPUs()
	overrideWrite = gaspPrint
	gaspFilesDamage()
	vdsoClockgettimeSym = gaspClockGettimePC()
}

// gaspClockGettimePC returns the address of gaspClockGettime, which the runtime
// calls in place of the vDSO's clock_gettime: no kernel entry to read the time.
func gaspClockGettimePC() uintptr

// gaspTimespec and gaspTimeval are struct timespec and timeval, of two longs: seconds, and
// nanoseconds or microseconds.
type (
	gaspTimespec [2]int
	gaspTimeval  [2]int
)

func gaspTime(ns int64) gaspTimespec  { return gaspTimespec{int(ns / 1e9), int(ns % 1e9)} }
func gaspMicros(ns int64) gaspTimeval { return gaspTimeval{int(ns / 1e9), int(ns % 1e9 / 1e3)} }
