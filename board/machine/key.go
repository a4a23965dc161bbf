//go:build tamago

package machine

import (
	"errors"
	"unsafe"

	"gasp/board/bootparam"
	"gasp/board/fwcfg"
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
	n, err := firmwareFile(keyFile, text[:])
	if err == nil {
		key, err = bootparam.ParseKeyFile(string(text[:n]))
	}
	if err == nil || err != fwcfg.ErrNoDevice && err != fwcfg.ErrNoFile {
		return key, true, from("fw_cfg file "+keyFile, err)
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
	if !unguessable(o.BootID[:]) {
		return errors.New("sealing takes random numbers, and there is neither " + CPUEntropyName + " nor a virtio entropy device" + sealRefused)
	}
	o.Key = key
	o.Boot = digits(o.BootID[:bootDigits/2])
	return nil
}

// forgetKey overwrites the key's digits in the loader's command line.
func forgetKey(given string) {
	if baked(given) {
		return
	}
	for w, rest, ok := (kernel.Words{Line: given}).Next(); ok; w, rest, ok = rest.Next() {
		if w.Argument || w.Key != bootparam.KeyParameter {
			continue
		}
		value := unsafe.Slice(unsafe.StringData(w.Value), len(w.Value))
		for i := range value {
			value[i] = '-'
		}
	}
}
