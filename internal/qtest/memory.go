package qtest

import (
	"os"
	"syscall"

	"gasp/drivers/dma"
)

const memorySize = 16 << 20 // bytes

// DMA is size bytes of the machine's memory at a bus address. They are gone when
// the test has ended.
func (m *Machine) DMA(address, size int) dma.Memory {
	at := address - m.base
	return dma.Memory{Bytes: m.memory[at : at+size : at+size], Phys: uint64(address)}
}

// share makes a file that is the machine's memory and the test's.
func (m *Machine) share(path string) {
	m.t.Helper()
	f, err := os.Create(path)
	if err != nil {
		m.t.Fatal(err)
	}
	defer f.Close()
	if err := f.Truncate(memorySize); err != nil {
		m.t.Fatal(err)
	}
	m.memory, err = syscall.Mmap(int(f.Fd()), 0, memorySize, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_SHARED)
	if err != nil {
		m.t.Fatal(err)
	}
	m.t.Cleanup(func() { syscall.Munmap(m.memory) })
}
