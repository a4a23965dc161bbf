package e1000model

// Faults are what a device can do wrong.
type Faults struct {
	// FrameTime is how many nanoseconds a frame takes. With 0 it is done when TDT
	// is written, as on an emulator.
	FrameTime int64
	// NeverCompletes keeps every descriptor.
	NeverCompletes bool
	// StopAfter, unless 0, keeps those after that many more frames.
	StopAfter int
	// NoWriteBack sends and moves TDH, and never sets DD.
	NoWriteBack bool
	// OutOfOrder sets DD in an order of its own within what it has fetched.
	OutOfOrder bool
	// TransmitErrors completes with excess and late collisions.
	TransmitErrors bool
	// GarbageWriteBack writes random words over a descriptor, with or without DD.
	GarbageWriteBack bool
	// LinkDown clears STATUS.LU and holds what is to be sent.
	LinkDown bool
	// AllOnes answers nothing: a device that fell off the bus.
	AllOnes bool
	// RandomReads gives random values for registers.
	RandomReads bool
	// ResetReads is for how many reads of CTRL a reset takes; negative is for ever.
	ResetReads int
	// Posted lets writes arrive with the next read, or as time passes.
	Posted bool
	// EEPROMNever never loads the EEPROM and never answers EERD.
	EEPROMNever bool
	// NoAddress has an EEPROM without an address.
	NoAddress bool
	// PinsTaken is an EEPROM whose pins software asked for and never gave back: the device does not read it.
	PinsTaken bool
	// MasterStays keeps STATUS.GIO_MASTER_ENABLE set.
	MasterStays bool
	// FirmwareKeepsPHY never grants the semaphore, whichever it is, and MDIC is never
	// ready.
	FirmwareKeepsPHY bool
	// FirmwareBusy is until when the firmware does the same, by the model's clock.
	FirmwareBusy int64
	// FirmwareBlocksReset is firmware that needs the PHY's link as it is.
	FirmwareBlocksReset bool
	// PHYErrors ends every transfer on MDIO with an error.
	PHYErrors bool
	// MDIOErrors is how many transfers end with an error before the others do not.
	MDIOErrors int
	// QueueNever keeps queues from getting on.
	QueueNever bool
	// Speed, unless 0, is the link's: STATUS.FD in bit 0, SPEED in bits 6 and 7, and bit 31.
	Speed uint32
	// LinkTime is how many nanoseconds the PHY negotiates until the link is up.
	LinkTime int64
}
