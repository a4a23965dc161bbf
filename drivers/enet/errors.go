package enet

import "errors"

var (
	// ErrFrameSize means a frame of no bytes or of more than MaxFrame.
	ErrFrameSize = errors.New("enet: frame size")
	// ErrRingFull means that the device completed no frame within a bounded time
	// and every descriptor of the ring is in use. The frame was not taken.
	ErrRingFull = errors.New("enet: transmit ring full")
	// ErrStuck means that the device did not complete what it was given within a
	// bounded time.
	ErrStuck = errors.New("enet: device completes no frame")
	// ErrBufferSize means that the received frame did not fit the caller's buffer
	// and is dropped.
	ErrBufferSize = errors.New("enet: received frame larger than the buffer")
	// ErrReset means that the device did not come out of reset.
	ErrReset = errors.New("enet: reset does not end")
	// ErrNotReady means that the last TakeOver failed and the device takes no frame.
	ErrNotReady = errors.New("enet: not set up")
	// ErrAbsent means that the registers read as all ones: nothing answers there.
	ErrAbsent = errors.New("enet: no device answers")
	// ErrAddress means that neither Config nor the registers hold a usable station
	// address.
	ErrAddress = errors.New("enet: no station address")
	// ErrMemory means that the memory for rings and buffers is less than
	// MemorySize or beyond what the device can address, 4 GiB.
	ErrMemory = errors.New("enet: memory for rings")
	// ErrClock means that Config has no clock, or one of which no bus clock of
	// 2.5 MHz or less can be made.
	ErrClock = errors.New("enet: module clock")
)
