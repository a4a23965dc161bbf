package qemu

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

func TestArguments(t *testing.T) {
	yes, no := func() bool { return true }, func() bool { return false }
	for _, c := range []struct {
		name    string
		machine Machine
		kvm     func() bool
		has     []string // one argument or several in a row, separated by spaces
		hasNot  []string
	}{
		{"plain emulation", Machine{Type: "q35"}, no, []string{"-machine q35", "-accel tcg", "-m 1024", "-no-reboot"}, []string{"-kernel", "-netdev", "-icount"}},
		{"KVM when it works", Machine{Type: "pc"}, yes, []string{"-accel kvm"}, nil},
		{"the asked accelerator", Machine{Type: "pc", Accel: "tcg"}, yes, []string{"-accel tcg"}, nil},
		{"no KVM when counting", Machine{Type: "q35", Icount: true, NIC: "e1000"}, yes,
			[]string{"-accel tcg", "-icount shift=0,sleep=off", "filter-dump,id=capture,netdev=net,queue=rx,file=/a,,b/frames.pcap"}, []string{"rr=record", "-no-shutdown"}},
		{"counting what is executed", Machine{Type: "q35", Icount: true, Executed: true}, no,
			[]string{"-icount shift=0,sleep=off,rr=record,rrfile=/a,,b/replay", "-no-shutdown"}, nil},
		{"another network", Machine{Type: "q35", NIC: "e1000", Netdev: "user,restrict=on"}, no, []string{"-netdev user,restrict=on,id=net"}, []string{"dgram"}},
		{"user networking", Machine{Type: "q35", NIC: "e1000"}, no, []string{"-netdev user,id=net", "e1000,netdev=net,mac=52:54:00:12:34:56,romfile="}, nil},
		{"a wire", Machine{Type: "q35", NIC: "e1000", Wire: &Wire{}}, no, []string{"dgram,id=net,local.type=fd,local.str=4"}, []string{"user,id=net"}},
		{"virtio-mmio has no ROM", Machine{Type: "microvm", NIC: "virtio-net-device"}, no, []string{"virtio-net-device,netdev=net,mac=52:54:00:12:34:56"}, nil},
		{"an image", Machine{Type: "pc", Image: "x.elf", Cmdline: "a=b c"}, no, []string{"-kernel x.elf", "-append\x00a=b c"}, nil},
		{"64-bit ARM", Machine{Type: "virt", Image: "x.bin", Cmdline: "a=b", Extra: []string{"-machine", "gic-version=3"}}, yes,
			[]string{"-machine virt", "-accel tcg", "-cpu cortex-a57", "-kernel x.bin", "-append a=b", "-machine gic-version=3"}, []string{"-bios"}},
		{"virtio-mmio of ARM", Machine{Type: "virt", NIC: "virtio-net-device"}, no, []string{"virtio-net-device,netdev=net,mac=52:54:00:12:34:56"}, nil},
		{"a card that is built in", Machine{Type: "mcimx6ul-evk", NIC: "imx.enet", Wire: &Wire{}}, no,
			[]string{"-netdev dgram,id=net,local.type=fd,local.str=4 -net nic,model=imx.enet,netdev=net,macaddr=52:54:00:12:34:56"}, []string{"-device", "-cpu"}},
		{"a command line in memory", Machine{Type: "mcimx6ul-evk", Image: "x.elf", Cmdline: "a=b"}, no,
			[]string{"-kernel x.elf", "loader,force-raw=on,addr=0x80000000,file=/a,,b/line"}, []string{"-append"}},
		{"a seed in memory", Machine{Type: "mcimx6ul-evk", Image: "x.elf", Seed: make([]byte, 32)}, no,
			[]string{"loader,force-raw=on,addr=0x80000fc0,file=/a,,b/seed"}, nil},
		{"the second card", Machine{Type: "mcimx6ul-evk", NIC: "imx.enet.1"}, no,
			[]string{"-net nic,model=imx.enet -net nic,model=imx.enet,netdev=net,macaddr=52:54:00:12:34:56"}, nil},
		{"UEFI from a folder", Machine{Type: "q35-uefi", Image: "x.efi", Cmdline: "a=b"}, no,
			[]string{"if=pflash,unit=1,format=raw,file=/a,,b/variables", "if=none,id=disk,format=raw,readonly=on,file=fat:/a,,b/disk"}, []string{"-kernel", "-append"}},
		{"UEFI from a disk", Machine{Type: "virt-uefi", Image: "x.img"}, no, []string{"if=none,id=disk,format=raw,readonly=on,file=x.img"}, []string{"-kernel"}},
		{"UEFI that QEMU gives the image", Machine{Type: "q35-uefi", Image: "x.efi", Cmdline: "a=b", Kernel: true}, no, []string{"-kernel x.efi", "-append a=b"}, []string{"virtio-blk-pci,drive=disk,bootindex=0"}},
		{"exit device and more", Machine{Type: "pc", ExitDevice: true, Reboot: true, Extra: []string{"-foo"}}, no,
			[]string{"isa-debug-exit,iobase=0xf4,iosize=4", "-foo"}, []string{"-no-reboot"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			args, err := c.machine.arguments("/a,b", c.kvm)
			if err != nil {
				t.Fatal(err)
			}
			for _, want := range c.has {
				sep := " "
				if strings.Contains(want, "\x00") {
					sep = "\x00"
				}
				if !strings.Contains(sep+strings.Join(args, sep)+sep, sep+want+sep) {
					t.Errorf("%q is missing in %q", want, args)
				}
			}
			for _, unwanted := range c.hasNot {
				if slices.Contains(args, unwanted) {
					t.Errorf("%q should not be in %q", unwanted, args)
				}
			}
		})
	}
}

func TestImpossibleMachines(t *testing.T) {
	for name, m := range map[string]Machine{
		"no type":                    {},
		"unknown type":               {Type: "amiga"},
		"wire without NIC":           {Type: "q35", Wire: &Wire{}},
		"MAC of four bytes":          {Type: "q35", NIC: "e1000", MAC: []byte{1, 2, 3, 4}},
		"negative memory":            {Type: "q35", Memory: -1},
		"executed, but not counted":  {Type: "q35", Executed: true},
		"a wire and another network": {Type: "q35", NIC: "e1000", Wire: &Wire{}, Netdev: "user"},
		"a card beside one built in": {Type: "mcimx6ul-evk", NIC: "e1000"},
		"an exit device on ARM":      {Type: "virt", ExitDevice: true},
		"a disk's command line":      {Type: "q35-uefi", Image: "x.img", Cmdline: "a=b"},
		"UEFI's loader without it":   {Type: "q35", Image: "x.efi", Kernel: true},
		"a disk by UEFI's loader":    {Type: "q35-uefi", Image: "x.img", Kernel: true},
		"a seed on a PC":             {Type: "q35", Image: "x.elf", Seed: make([]byte, 32)},
		"a short seed":               {Type: "mcimx6ul-evk", Image: "x.elf", Seed: make([]byte, 31)},
		"icount under KVM":           {Type: "q35", Icount: true, Accel: "kvm"},
	} {
		if _, err := m.arguments("/d", func() bool { return false }); !errors.Is(err, ErrMachine) {
			t.Errorf("%s: error is %v, not ErrMachine", name, err)
		}
	}
}
