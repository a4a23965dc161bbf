//go:build tamago

package x86

import (
	"errors"
	"unsafe"

	"gasp/board/bootparam"
	"gasp/board/x86/fwcfg"
	"gasp/netlog"
	"gasp/netlog/wire"
	"gasp/toolchain/kernel"
)

// The device key comes from the command line, from QEMU's firmware configuration device, or from the image, in
// this order. It is nowhere else: not in what the program sees of the command line, and gone from here once the
// logger has made its own keys of it.

// bakedKey is what mkimage -key writes the digits of a key over. No digit is like its first letter.
var bakedKey = "gasp device key: mkimage -key writes sixty-four digits over this"

const noKey = 'g'

const (
	keyFile     = "opt/gasp/key"
	maxKeyFile  = 4096
	sealRefused = ": nothing is sent"
)

// deviceKey is the key, if there is one. The error says what is wrong, without what was given.
func deviceKey(line bootparam.Line) (key wire.Key, found bool, err error) {
	if digits, ok := line.Get(bootparam.KeyParameter); ok {
		key, err = wire.ParseKey(digits)
		return key, true, from("the command line's "+bootparam.KeyParameter, err)
	}
	var text [maxKeyFile]byte
	if hasHypervisor() {
		n, err := fwcfg.Read(firmwarePorts{}, keyFile, text[:])
		if err == nil {
			key, err = bootparam.ParseKeyFile(string(text[:n]))
		}
		if err == nil || err != fwcfg.ErrNoDevice && err != fwcfg.ErrNoFile {
			return key, true, from("fw_cfg file "+keyFile, err)
		}
	}
	if bakedKey[0] != noKey {
		key, err = wire.ParseKey(bakedKey)
		return key, true, from("the image's key", err)
	}
	return key, false, nil
}

func from(source string, err error) error {
	if err == nil {
		return nil
	}
	return errors.New(source + ": " + err.Error() + sealRefused)
}

// seal adds to the options what a key takes, or says why nothing can be sealed.
func seal(o *netlog.Options, key *wire.Key) error {
	if !entropy(o.BootID[:]) {
		return errors.New("sealing takes random numbers, and there is neither RDRAND nor a virtio entropy device" + sealRefused)
	}
	o.Key = key
	o.Boot = digits(o.BootID[:bootDigits/2])
	return nil
}

// forgetKey overwrites the key's digits in the copy of the command line that cpuinit has made.
func forgetKey(given string) {
	for w, rest, ok := (kernel.Words{Line: given}).Next(); ok; w, rest, ok = rest.Next() {
		if w.Argument || w.Key != bootparam.KeyParameter {
			continue
		}
		value := unsafe.StringData(w.Value)
		if at := uintptr(unsafe.Pointer(value)); at >= cmdlineCopy && at < cmdlineCopy+maxCmdline {
			for i := range unsafe.Slice(value, len(w.Value)) {
				unsafe.Slice(value, len(w.Value))[i] = '-'
			}
		}
	}
}

// firmwarePorts are the I/O ports of QEMU's firmware configuration device.
type firmwarePorts struct{}

const (
	firmwareSelector = 0x510
	firmwareData     = 0x511
)

func (firmwarePorts) Select(key uint16) { out16(firmwareSelector, key) }
func (firmwarePorts) Next() byte        { return in8(firmwareData) }

// hasHypervisor tells whether this is a virtual machine (cpu_amd64.s). The ports of the device are nobody's, or
// somebody else's, on others.
func hasHypervisor() bool
