package devicetree

import (
	"encoding/binary"
	"strings"
)

// A builder writes a tree as a boot loader does (DT chapter 5).
type builder struct {
	structs, strings []byte
	reserved         []uint64
}

func (b *builder) cell(v ...uint32) {
	for _, v := range v {
		b.structs = binary.BigEndian.AppendUint32(b.structs, v)
	}
}

func (b *builder) pad(data []byte) {
	b.structs = append(b.structs, data...)
	for len(b.structs)%4 != 0 {
		b.structs = append(b.structs, 0)
	}
}

// node writes a node, with what is in it by body.
func (b *builder) node(name string, body func()) {
	b.cell(beginNode)
	b.pad(append([]byte(name), 0))
	body()
	b.cell(endNode)
}

func (b *builder) bytes(name string, value []byte) {
	b.cell(property, uint32(len(value)), uint32(len(b.strings)))
	b.strings = append(append(b.strings, name...), 0)
	b.pad(value)
}

func (b *builder) text(name string, list ...string) {
	b.bytes(name, []byte(strings.Join(list, "\x00")+"\x00"))
}

func (b *builder) cells(name string, v ...uint32) {
	var value []byte
	for _, v := range v {
		value = binary.BigEndian.AppendUint32(value, v)
	}
	b.bytes(name, value)
}

func (b *builder) tree() []byte {
	b.cell(9)
	var out []byte
	reserved := HeaderSize
	structs := reserved + 8*len(b.reserved) + 16
	strings := structs + len(b.structs)
	for _, v := range []int{magic, strings + len(b.strings), structs, strings, reserved, 17, 16, 0, len(b.strings), len(b.structs)} {
		out = binary.BigEndian.AppendUint32(out, uint32(v))
	}
	for _, v := range append(b.reserved, 0, 0) {
		out = binary.BigEndian.AppendUint64(out, v)
	}
	return append(append(out, b.structs...), b.strings...)
}

// machine is a machine like QEMU's virt, with a bus behind a bus besides.
func machine() []byte {
	var b builder
	b.reserved = []uint64{0x4800_0000, 0x1_0000}
	b.node("", func() {
		b.cells("interrupt-parent", 1)
		b.cells("#address-cells", 2)
		b.cells("#size-cells", 2)
		b.text("compatible", "linux,dummy-virt")
		b.node("memory@40000000", func() {
			b.text("device_type", "memory")
			b.cells("reg", 0, 0x4000_0000, 0, 0x2000_0000, 1, 0, 2, 0)
		})
		b.node("memory@8000000000", func() {
			b.text("device_type", "memory")
			b.cells("reg", 0x80, 0, 0, 0x1000)
		})
		b.node("reserved-memory", func() {
			b.cells("#address-cells", 2)
			b.cells("#size-cells", 2)
			b.bytes("ranges", nil)
			b.node("firmware@50000000", func() { b.cells("reg", 0, 0x5000_0000, 0, 0x20_0000) })
			b.node("secure@58000000", func() {
				b.cells("reg", 0, 0x5800_0000, 0, 0x1000, 0, 0x5900_0000, 0, 0x2000)
				b.bytes("no-map", nil)
			})
			b.node("pool", func() { b.cells("size", 0, 0x1000) })
		})
		b.node("pl011@9000000", func() {
			b.text("compatible", "arm,pl011", "arm,primecell")
			b.cells("reg", 0, 0x900_0000, 0, 0x1000)
			b.cells("interrupts", 0, 1, 4)
		})
		b.node("virtio_mmio@a000000", func() {
			b.text("compatible", "virtio,mmio")
			b.text("status", "disabled")
			b.cells("reg", 0, 0xa00_0000, 0, 0x200)
		})
		b.node("virtio_mmio@a000200", func() {
			b.text("compatible", "virtio,mmio")
			b.cells("reg", 0, 0xa00_0200, 0, 0x200)
			b.cells("interrupts-extended", 1, 0, 0x11, 1, 1, 1, 3, 8)
		})
		b.node("soc", func() {
			b.cells("#address-cells", 1)
			b.cells("#size-cells", 1)
			b.cells("ranges", 0, 8, 0, 0x100_0000)
			b.node("bus", func() {
				b.cells("#address-cells", 1)
				b.cells("#size-cells", 1)
				b.cells("ranges", 0x1000, 0x2000, 0x1000, 0x8000_0000, 0x10_0000, 0x100)
				b.node("uart@1800", func() { b.cells("reg", 0x1800, 0x100, 0x1f80, 0x100, 0x8000_0000, 4) })
			})
			b.node("island", func() {
				b.node("uart@0", func() { b.cells("reg", 0, 0, 4) })
			})
		})
		b.node("intc@8000000", func() {
			b.text("compatible", "arm,gic-v3")
			b.cells("phandle", 1)
			b.cells("#address-cells", 2)
			b.cells("#interrupt-cells", 3)
		})
		b.node("pcie@10000000", func() {
			b.text("compatible", "pci-host-ecam-generic")
			b.cells("#address-cells", 3)
			b.cells("#size-cells", 2)
			b.cells("bus-range", 0, 15)
			b.cells("reg", 0x40, 0x1000_0000, 0, 0x1000_0000)
			b.cells("ranges",
				0x0100_0000, 0, 0, 0, 0x3eff_0000, 0, 0x1_0000,
				0x0200_0000, 0, 0x1000_0000, 0, 0x1000_0000, 0, 0x2eff_0000,
				0x4300_0000, 0x80, 0, 0x80, 0, 0x80, 0)
			b.cells("interrupt-map-mask", 0x1800, 0, 0, 7)
			b.cells("interrupt-map",
				0, 0, 0, 1, 1, 0, 0, 0, 3, 4,
				0, 0, 0, 2, 1, 0, 0, 0, 4, 4,
				0x800, 0, 0, 1, 1, 0, 0, 0, 4, 4)
		})
		b.node("gpio-keys", func() {
			b.text("compatible", "gpio-keys")
			b.node("poweroff", func() {
				b.cells("gpios", 5, 3, 0)
				b.cells("linux,code", 0x74)
				b.cells("gpio", 1, 3)
			})
		})
		b.node("pl061@9030000", func() {
			b.text("compatible", "arm,pl061")
			b.cells("#gpio-cells", 2)
			b.cells("phandle", 5)
		})
		b.node("cpus", func() {
			b.cells("#address-cells", 1)
			b.cells("#size-cells", 0)
			b.node("cpu@101", func() { b.cells("reg", 0x101) })
		})
		b.node("aliases", func() { b.text("serial0", "/pl011@9000000") })
		b.node("chosen", func() {
			b.cell(nop)
			b.text("bootargs", "netconsole=@10.0.2.15/,6666@10.0.2.2/")
			b.text("stdout-path", "serial0:115200n8")
			b.cells("linux,initrd-start", 0x4800_0000)
		})
	})
	return b.tree()
}
