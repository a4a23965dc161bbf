package netlog

// The machine's logger is a package variable because it is needed where nothing
// can hand one over: by the runtime's print and by exceptions, before the first
// init function and before memory can be allocated. Its zero value works and
// has no initializer, so it lies in the image's zeroed memory.
var machine Logger

// Default returns the machine's logger.
func Default() *Logger { return &machine }
