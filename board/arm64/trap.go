//go:build tamago

package arm64

import (
	_ "unsafe" // go:linkname

	"gasp/board/machine"
)

// With TamaGo's toolchain there is no kernel below the runtime: exceptions are handled here.

// maxTraps is how many are handled: one is reported, one inside that report ends it, and so does
// one inside its end.
const maxTraps = 3

// trapFrame is what an exception interrupted (trap_arm64.s).
type trapFrame struct {
	registers                   [31]uint64
	sp, pc, pstate              uint64
	syndrome, address, category uint64 // the latter: a vector, or 0: the class in the syndrome
}

var (
	traps        uint32
	trapped      trapFrame
	faultHandler = fault
)

// trap_arm64.s
func loadVectors()

// fault reports the last exception, on the system stack of the runtime.
func fault() {
	const class = 26 // of ESR_EL1
	f := &trapped
	d := machine.Death{Kind: machine.ByFault, Faulted: true, PC: f.pc, SP: f.sp, Vector: f.category, Errcode: f.syndrome, Addr: f.address}
	if d.Vector == 0 {
		d.Vector = f.syndrome >> class & 0x3f
	}
	d.Regs = [machine.Registers]uint64{f.sp, f.pstate, f.registers[30], f.registers[29]}
	const platform = 18 // Go leaves it alone
	n := copy(d.Regs[4:], f.registers[:platform])
	copy(d.Regs[4+n:], f.registers[platform+1:29])
	machine.Trapped(&d)
}

// throw is the runtime's.
//
//go:linkname throw runtime.throw
func throw(s string)

// entropy is package machine's.
//
//go:noescape
//go:linkname entropy runtime/goos.Entropy
func entropy(b []byte) bool

//go:linkname initRNG runtime/goos.InitRNG
func initRNG() {}

// randomData is where TamaGo's runtime has random numbers from. It asks for those of hash tables before the
// machine is known.
//
//go:linkname randomData runtime/goos.GetRandomData
func randomData(b []byte) {
	const most = 32 // bytes that there are at once
	for len(b) > 0 {
		n := min(len(b), most)
		if !entropy(b[:n]) {
			if clock.scale != 0 {
				throw("there are no random numbers")
			}
			b[0] = byte(readCounter())
		}
		b = b[n:]
	}
}

// interrupt is the board's.
//
//go:linkname interrupt runtime/goos.Interrupt
func interrupt(cpu, vector uint64) (kick bool)
