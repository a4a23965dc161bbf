//go:build tamago && (amd64 || arm64)

package stub

import "gasp/board/uefi"

// maxExits is how often the memory map may change under ExitBootServices.
const maxExits = 8

// boot starts the image, or says on the firmware's console why not and returns a status.
// image is the handle of it; delta is how far the loaded copy lies above the address that
// the image is linked for, modulo 1<<64. The entry point calls it on the firmware's stack,
// with interrupts on (2.3.4, 2.3.6).
func boot(image uintptr, t *systemTable, delta uintptr) (status uintptr) {
	h := &uefi.Given
	h.Magic = uefi.Magic
	call(t.boot.setWatchdogTimer, 0, 0, 0, 0, 0) // it would reset the machine after five minutes (7.5)

	loaded := (*loadedImage)(t.boot.protocol(image, &loadedImageProtocol))
	if loaded == nil {
		t.say("gasp: no loaded image protocol")
		return t.fail(loadError)
	}
	t.findCommandLine(loaded, h)
	t.findTables(h)
	t.findScreen(h)
	t.findTime(h)
	t.findReset(h)

	var p placement
	if !p.find(t, loaded, h, delta) {
		return t.fail(loadError)
	}
	t.say("gasp: leaving the firmware\r\n")

	// Whatever the firmware does between the two calls may change the map (7.4.6).
	for range maxExits {
		var key uintptr
		if key, status = t.findMemory(h); status != success {
			break
		}
		status = call(t.boot.exitBootServices, image, key, 0, 0, 0)
		if status != invalidParameter {
			break
		}
	}
	if status != success {
		return status // it may be too late for the console
	}
	p.enter(h)
	return loadError // not reached
}
