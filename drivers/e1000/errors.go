package e1000

import "errors"

var (
	// ErrFrameSize means a frame of no bytes or of more than MaxFrame.
	ErrFrameSize = errors.New("e1000: frame size")
	// ErrRingFull means that the device completed no frame within a bounded time
	// and every descriptor of the ring is in use. The frame was not taken.
	ErrRingFull = errors.New("e1000: transmit ring full")
	// ErrStuck means that the device did not complete what it was given within a
	// bounded time.
	ErrStuck = errors.New("e1000: device completes no frame")
	// ErrBufferSize means that the received frame did not fit the caller's buffer
	// and is dropped.
	ErrBufferSize = errors.New("e1000: received frame larger than the buffer")
	// ErrReset means that the device did not come out of reset.
	ErrReset = errors.New("e1000: reset does not end")
	// ErrNotReady means that the last TakeOver failed and the device takes no frame.
	ErrNotReady = errors.New("e1000: not set up")
	// ErrAbsent means that the registers read as all ones: nothing answers there.
	ErrAbsent = errors.New("e1000: no device answers")
	// ErrAddress means that neither the receive address registers nor the EEPROM
	// hold a usable station address.
	ErrAddress = errors.New("e1000: no station address")
	// ErrFirmware means that the firmware that manages the machine never let go of the
	// PHY. The link is as the firmware has it.
	ErrFirmware = errors.New("e1000: firmware keeps the PHY: the link is left as it is")
	// ErrPHY means that the PHY does not answer. The link may come up all the same.
	ErrPHY = errors.New("e1000: PHY does not answer: the link is left as it is")
	// ErrUnknown means that the device id is none of IDs.
	ErrUnknown = errors.New("e1000: unknown device id")
	// ErrMemory means that the memory for rings and buffers is less than
	// MemorySize.
	ErrMemory = errors.New("e1000: memory for rings")
)
