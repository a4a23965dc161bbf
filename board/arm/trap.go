//go:build tamago && arm

package arm

import "gasp/board/machine"

// With TamaGo's toolchain there is no kernel below the runtime: exceptions are handled here.

// maxTraps is how many are handled: one is reported, one inside that report ends it, and so does
// one inside its end.
const maxTraps = 3

// trapFrame is what an exception interrupted (trap_arm.s).
type trapFrame struct {
	registers        [15]uint32
	pc, cpsr, vector uint32
	status, address  uint32
}

var (
	traps        uint32
	trapped      trapFrame
	faultHandler = fault
)

// trap_arm.s
func loadVectors(frame *trapFrame)

func startTraps() { loadVectors(&trapped) }

// fault reports the last exception, on the system stack of the runtime.
func fault() {
	f := &trapped
	d := machine.Death{Kind: machine.ByFault, Faulted: true, PC: uint64(f.pc), SP: uint64(f.registers[13]), Vector: uint64(f.vector)}
	if f.vector == vectorData || f.vector == vectorPrefetch {
		d.Errcode, d.Addr = uint64(f.status), uint64(f.address)
	}
	for i, v := range f.registers {
		d.Regs[i] = uint64(v)
	}
	d.Regs[len(f.registers)] = uint64(f.cpsr)
	machine.Trapped(&d)
}
