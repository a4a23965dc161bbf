// Package pc brings up an x86-64 PC with a PCI bus, on import: QEMU's q35 and pc,
// and real machines. It looks for a network device that it has a driver for and
// starts netlog on it, as the kernel command line says, before main.main.
//
// In a program for the host, where it may be compiled for tests, it does nothing.
package pc
