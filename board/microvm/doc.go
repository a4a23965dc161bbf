// Package microvm brings up an x86-64 machine whose devices are virtio over MMIO,
// on import: QEMU's microvm. It starts netlog on the network device, as the
// kernel command line says, before main.main.
//
// In a program for the host, where it may be compiled for tests, it does nothing.
package microvm
