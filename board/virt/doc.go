// Package virt brings up a 64-bit Arm machine that a device tree or ACPI's tables describe, on import: QEMU's virt. What it needs to know
// it reads there (package inventory): console, interrupt controller, processors, power, PCI, virtio. It looks for a network device that it has
// a driver for and starts netlog on it, as the kernel command line says, before main.main.
//
// In an image for another architecture, or a program for the host, it does nothing.
package virt
