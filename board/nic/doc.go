// Package nic finds the network device, and a source of entropy, on what a board hands in:
// the functions of a PCI bus, or register windows of virtio-mmio. The first network device that a
// driver takes is given to the logger.
//
// In a program for the host, where it may be compiled for tests, it does nothing.
package nic
