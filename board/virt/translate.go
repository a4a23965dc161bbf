//go:build tamago && arm64

package virt

import (
	"sync/atomic"
	"unsafe"

	"gasp/board/arm64"
	"gasp/board/gic"
	"gasp/board/inventory"
	"gasp/board/machine"
	"gasp/drivers/dma"
	"gasp/drivers/pci"
	"gasp/drivers/reg"
	"gasp/netlog"
)

// service is the translation service that is used: one, that of the first function that asks for a message.
var service struct {
	asked bool
	index int // in the inventory
	open  bool
	regs  reg.MMIO // not heap memory: interrupt handlers use it
}

const (
	trialWait = 500_000_000 // ns: an emulator may be late
	trialLook = 1_000_000   // ns: what is longer than a look counts as one
)

// trial is the interrupt that is waited for to see whether messages arrive at all; 0: none.
var trial struct {
	id      atomic.Uint32
	arrived atomic.Bool
}

// translated is the message of a function by a translation service, none if there is none, or it does not arrive when it is tried.
func translated(host *inventory.Host, f *pci.Function) (m message) {
	its, device, ok := host.Message(uint32(f.Bus)<<8 | uint32(f.Dev)<<3 | uint32(f.Fn))
	if !ok || machine.Bare || !openService(its) {
		return m
	}
	address, data, id, err := controller.Message(device)
	if err == nil && !arrives(id) {
		err = gic.ErrNoITS
	}
	if err != nil {
		netlog.Default().Log(netlog.Notice, err.Error()+": no messages of PCI functions")
		return m
	}
	return message{address, data, id}
}

// openService opens a service, if that is not another one than the one that is used.
func openService(its int) bool {
	s := &service
	if s.asked {
		return s.open && s.index == its
	}
	s.asked, s.index = true, its
	if !hasGIC {
		return false
	}
	w := registers(has.GIC.ITS[its])
	if w == nil {
		return false
	}
	s.regs = *w
	where := gic.Ranges{ITS: uint64(w.Base)}
	for _, r := range &redistributors {
		where.Redistributors = append(where.Redistributors, uint64(r.Base))
	}
	// It is nobody's but the controller's as long as the machine lives, which only a variable of this package says.
	room := make([]byte, gic.ITSMemory+serviceAlign)
	start := uint64(uintptr(unsafe.Pointer(&room[0])))
	skip := -start & (serviceAlign - 1)
	memory := dma.Memory{Bytes: room[skip:][:gic.ITSMemory], Phys: start + skip}
	if err := controller.OpenITS(0, &s.regs, where, memory, arm64.WriteBack); err != nil {
		netlog.Default().Log(netlog.Notice, err.Error()+": no messages of PCI functions")
		return false
	}
	s.open = true
	return true
}

// serviceAlign is the largest page of a service's tables.
const serviceAlign = 64 << 10

// arrives tells whether a message that the service makes by itself becomes an interrupt.
func arrives(id uint32) bool {
	trial.arrived.Store(false)
	trial.id.Store(id)
	defer trial.id.Store(0)
	controller.Enable(0, id, gic.IRQ, gic.Device, true)
	defer controller.Disable(0, id)
	if controller.Try(id) != nil {
		return false
	}
	waited, last := int64(0), machine.Now()
	for !trial.arrived.Load() && waited < trialWait {
		arm64.Relax()
		now := machine.Now()
		waited += min(now-last, trialLook)
		last = now
	}
	return trial.arrived.Load()
}
