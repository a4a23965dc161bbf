package qtest

import (
	"bytes"
	"os/exec"
)

// Has tells whether the installed QEMU models a device: igb is there from 8.0 on.
func Has(device string) bool {
	out, err := exec.Command("qemu-system-x86_64", "-M", "none", "-display", "none", "-device", device+",help").Output()
	return err == nil && bytes.Contains(out, []byte(device+" options:"))
}
