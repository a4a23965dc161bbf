package drivertest

import "math/rand"

// Device is what a driver gives.
type Device interface {
	Transmit(frame []byte) error
	Room(wait bool) ([]byte, error)
	Commit(at, n int, tell bool) error
	Doorbell()
	Flush() error
	Receive(buf []byte) (int, error)
	TakeOver() (lost int, err error)
	Link() bool
	MAC() [6]byte
	EnableInterrupt() (waiting bool)
	DisableInterrupt()
	Interrupted() bool
}

// Stats are what a driver counts.
type Stats struct {
	TxFrames, TxBytes uint64
	TxErrors          uint64
	TxRefused         uint64
	RxFrames, RxBytes uint64
	RxErrors          uint64
	RxLength          uint64
	TakeOvers         uint64
	Resets            uint64
}

// Model is what a model of a device has, methods and fields.
type Model struct {
	Controls
	Sent                        *[][]byte
	Discard                     *bool
	Complaints                  *[]string
	OnAccess                    *func(n int)
	Accesses, Writes            *int
	FrameTime                   *int64
	NeverCompletes, NoWriteBack *bool
	GarbageWriteBack            *bool
	LinkDown, AllOnes, Posted   *bool
	StopAfter, ResetReads       *int
}

// Controls are a model's methods.
type Controls interface {
	Now() int64
	Elapse(ns int64)
	Inject(frame []byte) bool
	Set(off, v uint32)
	Asserted() bool
	Unmasked() uint32
}

// Inside is what only the driver's own tests reach of it and of its model.
type Inside struct {
	// RoomSize and RoomBefore are the driver's.
	RoomSize, RoomBefore int
	// Stats are those of the driver.
	Stats func() Stats
	// Frames are those on the wire, without any that the driver sent by itself. With nil they are all.
	Frames func() [][]byte
	// Upset changes a register of an idle device so that TakeOver has to reset it.
	Upset func()
	// Astray has the device look elsewhere for what to transmit.
	Astray func()
	// Interrupting lets the device interrupt, as a board does after New.
	Interrupting func()
	// Garbage makes a received frame of words that are not the device's.
	Garbage func(*rand.Rand)
	// Bad are devices that TakeOver does not get on with, or that it gets on with all the same, and Silent those
	// that never answer, each in its own way. Mend makes any of them whole.
	Bad, Silent []Fault
	Mend        func()
	// Registers are those that carry frames, and what else they may be. Random ones are to be anything.
	Registers []Register
	Random    []uint32
	// Rings are the addresses of the transmit and the receive ring as the device knows them.
	Rings func() [2]uint32
	// Descriptors are the transmit rings', the ordinary one first. Memory is all that the device reads and writes.
	Descriptors [2][]byte
	Memory      [][]byte
	// Core is what does not change after New, and IsNumber tells whether a word there is no pointer.
	Core     []byte
	IsNumber func(at int) bool
	// Bookkeeping points to what does change.
	Bookkeeping []any
	// Corrupt has one of it or several be v.
	Corrupt func(v uint32) []func()
	// TransmitSteps are the stores by which Transmit gives a frame of 100 bytes, ReceiveSteps those by which
	// Receive takes one from the ring.
	TransmitSteps func(frame []byte) []Step
	ReceiveSteps  []Step
	// StopClock takes the driver's clock away.
	StopClock func()
}

// Fault makes a device a bad one.
type Fault struct {
	Name string
	Set  func()
	Want error // of TakeOver
	// Slowly is a device that gets on, if slowly: a Flush may wait for each frame.
	Slowly bool
}

// Register is a value that a register is not to have.
type Register struct {
	Name   string
	Off, V uint32
}

// Step is one store.
type Step struct {
	Name string
	Do   func()
}
