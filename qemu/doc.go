// Package qemu starts a QEMU virtual machine and watches it: every frame it puts on the wire, what it writes to its
// serial port, and how it ends. It needs neither root nor a network device of the host.
//
//	wire := &qemu.Wire{LogHost: netip.MustParseAddrPort("10.0.2.2:6666"), Hosts: []qemu.Host{{Addr: netip.MustParseAddr("10.0.2.2")}}}
//	run, err := qemu.Start(ctx, qemu.Machine{Type: "q35", NIC: "e1000", Image: "image.elf", Wire: wire})
//	if err != nil { ... }
//	defer run.Close()
//	exit, err := run.Wait()
//	for _, d := range wire.Datagrams() { ... }
//
// Options and the machine protocol (QMP) are those of QEMU 7.2's system emulation manual,
// https://www.qemu.org/docs/master/system/invocation.html and https://www.qemu.org/docs/master/interop/qemu-qmp-ref.html.
package qemu
