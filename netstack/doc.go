// Package netstack is the network stack of a machine without an operating system:
// gVisor's (gvisor.dev/gvisor/pkg/tcpip), on the network device that netlog logs
// through, and plugged into package net. A program imports it for its side effect,
// beside a board,
//
//	import _ "gasp/netstack"
//
// and net.Dial, net.Listen, net/http and what else is made of package net work. It
// takes its address from the kernel command line or by DHCP (docs/network.md).
//
// The logger owns the device: frames go out by its Send, and what comes in comes by
// its tap. netlog itself never goes through the stack.
package netstack
