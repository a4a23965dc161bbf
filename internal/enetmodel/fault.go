package enetmodel

// Faults are what a device can do wrong.
type Faults struct {
	// FrameTime is how many nanoseconds it takes to read a frame. With 0 it is read when TDAR
	// is written, as on an emulator.
	FrameTime int64
	// FIFOTime is how many more it takes until it has left.
	FIFOTime int64
	// NeverCompletes keeps every descriptor.
	NeverCompletes bool
	// StopAfter, unless 0, keeps those after that many more frames less one.
	StopAfter int
	// NoWriteBack sends, and never clears R.
	NoWriteBack bool
	// TransmitErrors sends nothing and tells of late collisions.
	TransmitErrors bool
	// GarbageWriteBack writes random words over a descriptor that is done.
	GarbageWriteBack bool
	// SleepyTDAR, unless 0, ignores that many writes of TDAR: ERR006358.
	SleepyTDAR int
	// BusError ends with EIR.EBERR and ECR.ETHEREN cleared at the next descriptor.
	BusError bool
	// LinkDown has the PHY lose its link, and what is sent.
	LinkDown bool
	// AllOnes answers nothing: a module without its clock.
	AllOnes bool
	// RandomReads gives random values for registers.
	RandomReads bool
	// ResetReads is for how many reads of ECR a reset takes; negative is for ever.
	ResetReads int
	// Posted lets writes arrive with the next read, or as time passes.
	Posted bool
	// NoPHY has no PHY that answers.
	NoPHY bool
	// MDIONever ends no management frame.
	MDIONever bool
	// PHYResetTime is how long the PHY's reset takes, negative is for ever.
	PHYResetTime int64
}
