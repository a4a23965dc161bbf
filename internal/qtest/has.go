package qtest

import "os/exec"

// Has tells whether the installed QEMU models a device: igb is there from 8.0 on.
func Has(device string) bool {
	return exec.Command("qemu-system-x86_64", "-M", "none", "-display", "none", "-device", device+",help").Run() == nil
}
