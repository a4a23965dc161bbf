//go:build tamago

package main

import (
	"log/slog"
	"time"

	"gasp/board/machine"
	"gasp/netlog"
)

// Death inside a driver, and of the device.
var driverClasses = []class{
	{"transmit", "stopped inside the driver's Transmit", func() { stopInDriver(transmitFunctions) }},
	{"receive", "stopped inside the driver's Receive", func() { stopInDriver(receiveFunctions) }},
	{"poll", "stopped inside the logger's Poll", func() { stopInside(pollFunctions...) }},
	{"lock", "stopped while the sender is held", func() {
		stopInside(either([]string{logger + "emitRecord", logger + "send", logger + "sendBatch"}, []string{logger + "sendSealed"})...)
	}},
	{"full", "the device's ring is full", fillRing},
	{"notx", "the device does not transmit", func() { breakNIC((*nic).stopTransmit) }},
	{"nobus", "the device has no bus", func() { breakNIC((*nic).stopBus) }},
	{"garbage", "the device's memory overwritten", func() { breakNIC(func(*nic) { garbage(machine.DeviceMemory()) }) }},
	{"reset", "the device is being reset", func() { breakNIC((*nic).reset) }},
	{"link", "the link goes down", linkDown},
}

// Functions of the drivers and of their rings, without their package.
var (
	transmitFunctions = []string{".(*Device).Commit", ".(*Device).Room", ".(*Device).Transmit",
		".(*Device).commit", ".(*Device).doorbell", ".(*Device).Doorbell", ".(*Device).advance", ".(*ring).give", ".(*ring).put",
		".(*Device).kick", ".(*Device).reap", ".queue.claim", ".queue.give", ".queue.post", ".queue.show", ".queue.describe", ".queue.publish"}
	receiveFunctions  = []string{".(*Device).Receive", ".(*Device).giveBack", ".queue.complete"}
	takeOverFunctions = []string{".(*Device).TakeOver",
		".(*Device).sends", ".(*Device).receives", ".(*Device).rest", ".(*Device).idle", ".(*Device).resume",
		".(*Device).programmed", ".transmitter.sound", ".transmitter.still", ".receiver.sound",
		".(*Device).keep", ".(*Device).drain", ".(*Device).Transmit"}

	pollFunctions = []string{logger + "Poll", logger + "watchLink", logger + "receive"}
)

const logger = "gasp/netlog.(*Logger)."

// ofDriver puts the package in front of the functions.
func ofDriver(functions []string) (names []string) {
	n, err := findNIC()
	if err != nil {
		slog.Error(err.Error())
		return nil
	}
	for _, f := range functions {
		names = append(names, n.driver+f)
	}
	return names
}

func stopInDriver(functions []string) { stopInside(ofDriver(functions)...) }

// breakNIC does something to the device and dies before anybody notices.
func breakNIC(how func(*nic)) {
	n, err := findNIC()
	if err != nil {
		slog.Error(err.Error())
		return
	}
	interruptsOff()
	how(&n)
	panic("the network device is broken")
}

// fillRing logs to a device that does not transmit until it takes no more.
func fillRing() {
	n, err := findNIC()
	if err != nil {
		slog.Error(err.Error())
		return
	}
	const most = 100_000
	awaitStation()
	n.stopTransmit()
	refused := netlog.Default().Stats().Errors
	for range most {
		slog.Info("this stays in the device's ring")
		if netlog.Default().Stats().Errors != refused {
			panic("the device's ring is full")
		}
	}
	slog.Error("the device takes everything")
}

// linkDown gives the host 3 s to take the link down.
func linkDown() {
	const most, pause = 3 * time.Second, time.Millisecond
	end := time.Now().Add(most)
	for netlog.Default().Stats().Link && time.Now().Before(end) {
		time.Sleep(pause)
	}
	panic("with the link down")
}
