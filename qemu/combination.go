package qemu

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Combination is a machine and a NIC that go together.
type Combination struct {
	Type, NIC string   // as in Machine
	Extra     []string // as in Machine
	Always    bool     // part of every test run; GASP_FULL=1 runs them all
}

// String names the combination, without commas: "q35 virtio-net-pci disable-modern=on".
func (c Combination) String() string {
	return strings.ReplaceAll(strings.Join(append([]string{c.Type, c.NIC}, c.Extra...), " "), ",", " ")
}

// CPUs is how many processors the machine has.
func (c Combination) CPUs() int {
	if i := slices.Index(c.Extra, "-smp"); i >= 0 && i+1 < len(c.Extra) {
		n, _ := strconv.Atoi(c.Extra[i+1])
		return n
	}
	return 1
}

// Suffix is that of the images it boots.
func (c Combination) Suffix() string {
	t, err := TypeOf(c.Type)
	if err != nil {
		return ""
	}
	return t.Suffix
}

// firmwareTime is for UEFI to come to the image: five seconds on a host with time to spare.
const firmwareTime = 90 * time.Second

// newSeed is entropy for a machine that has none else, nil for others.
func (c Combination) newSeed() []byte {
	if t, err := TypeOf(c.Type); err == nil {
		return t.NewSeed()
	}
	return nil
}

// firmware is how much later than on other machines the image starts, at most.
func (c Combination) firmware() time.Duration {
	if t, err := TypeOf(c.Type); err == nil && t.Firmware != nil {
		return firmwareTime
	}
	return 0
}

// words are what the command line says of the card: the second one of the i.MX6UL is not taken unasked, for in QEMU the
// first has a link as well.
func (c Combination) words() []string {
	if strings.HasSuffix(c.NIC, secondCard) {
		return []string{"gasp.enet=2"}
	}
	return nil
}

// Arch is the architecture of its images, by Go's name.
func (c Combination) Arch() string {
	t, err := TypeOf(c.Type)
	if err != nil {
		return ""
	}
	return t.Arch
}

// Combinations are all that the drivers and boards are made for.
var Combinations = []Combination{
	{Type: "q35", NIC: "e1000", Always: true},
	{Type: "q35", NIC: "e1000", Extra: []string{"-smp", "4"}, Always: true},
	{Type: "q35", NIC: "e1000-82545em"},
	{Type: "q35", NIC: "e1000-82544gc", Always: true},
	{Type: "q35", NIC: "e1000e", Always: true},
	{Type: "q35", NIC: "virtio-net-pci"},
	{Type: "q35", NIC: "virtio-net-pci-transitional"},
	{Type: "q35", NIC: "virtio-net-pci-non-transitional", Always: true},
	{Type: "q35", NIC: "virtio-net-pci,disable-modern=on"},
	{Type: "pc", NIC: "e1000"},
	{Type: "pc", NIC: "e1000-82545em", Always: true},
	{Type: "pc", NIC: "e1000-82544gc"},
	{Type: "pc", NIC: "e1000e"},
	{Type: "pc", NIC: "virtio-net-pci"},
	{Type: "pc", NIC: "virtio-net-pci-transitional", Always: true},
	{Type: "pc", NIC: "virtio-net-pci-non-transitional"},
	{Type: "pc", NIC: "virtio-net-pci,disable-modern=on"},
	{Type: "microvm", NIC: "virtio-net-device", Always: true},
	{Type: "microvm", NIC: "virtio-net-device", Extra: []string{"-smp", "2"}, Always: true},
	{Type: "microvm", NIC: "virtio-net-device", Extra: []string{"-global", "virtio-mmio.force-legacy=false"}, Always: true},
	{Type: "q35-uefi", NIC: "e1000e"},
	{Type: "q35-uefi", NIC: "virtio-net-pci"},
	{Type: "virt-uefi", NIC: "virtio-net-pci"},
	{Type: "virt", NIC: "virtio-net-pci", Always: true},
	{Type: "virt", NIC: "virtio-net-device"},
	{Type: "virt", NIC: "e1000e", Extra: []string{"-machine", "gic-version=3"}},
	{Type: "virt", NIC: "e1000", Extra: []string{"-cpu", "max"}},
	{Type: "virt", NIC: "virtio-net-pci", Extra: []string{"-machine", "gic-version=3", "-smp", "4"}},
	{Type: "virt-secure", NIC: "virtio-net-pci", Extra: []string{"-smp", "4"}},
	{Type: "virt-secure", NIC: "virtio-net-pci", Extra: []string{"-machine", "gic-version=2", "-smp", "2"}},
	{Type: "virt-el3", NIC: "virtio-net-pci", Extra: []string{"-smp", "4"}},
	{Type: "xlnx-versal-virt", NIC: "virtio-net-device"},
	{Type: "mcimx6ul-evk", NIC: "imx.enet", Always: true},
	{Type: "mcimx6ul-evk", NIC: "imx.enet.1"},
}

// ErrNoCombination is wrapped by the error about a name that no combination has.
var ErrNoCombination = errors.New("no machine with a NIC has that in its name")

// ChooseCombinations gives those whose name has one of the list's parts in it, which commas separate; a part that is a
// whole name means that combination only. An empty list means all.
func ChooseCombinations(list string) (chosen []Combination, err error) {
	if list == "" {
		return Combinations, nil
	}
	wanted := make([]bool, len(Combinations))
	for part := range strings.SplitSeq(list, ",") {
		part = strings.TrimSpace(part)
		whole := slices.IndexFunc(Combinations, func(c Combination) bool { return c.String() == part })
		found := false
		for i, c := range Combinations {
			if part != "" && (i == whole || whole < 0 && strings.Contains(c.String(), part)) {
				wanted[i], found = true, true
			}
		}
		if !found {
			return nil, fmt.Errorf("qemu: %w: %q", ErrNoCombination, part)
		}
	}
	for i, c := range Combinations {
		if wanted[i] {
			chosen = append(chosen, c)
		}
	}
	return chosen, nil
}

// ErrOtherImage is wrapped by the error about a machine that does not boot the image there is.
var ErrOtherImage = errors.New("the machine boots other images")

// AllBoot says whether the machines boot the image of a path, by its name.
func AllBoot(machines []Combination, image string) error {
	for _, c := range machines {
		if suffix := c.Suffix(); !strings.HasSuffix(image, "."+suffix) {
			return fmt.Errorf("qemu: %w than %s: %v needs one that ends with .%s", ErrOtherImage, image, c, suffix)
		}
	}
	return nil
}
