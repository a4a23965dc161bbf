// Package report reads the text of a crash report as data: the lines that the kernel writes
// (toolchain/_goroot/runtime/gasp_report.go, gasp_goroutines.go, gasp_frames.go, gasp_stop.go), and
// those that the receiver puts where records are missing. The text comes from the network: whatever it
// is, reading it ends, keeps a bounded amount, and what is not understood stays a line.
package report

// The bounds of what is kept. What is over is counted in Dropped.
const (
	maxStacks = 512     // the machine shows 256 different ones, and a few more
	maxFrames = 256     // of a stack: 50 inner and 50 outer functions, with those inlined
	maxTotal  = 1 << 15 // frames
	maxLines  = 4096    // that are not understood, and of everything else
	maxIDs    = 64      // of goroutines that are alike
	maxText   = 1024    // of a line, in bytes
)

// Report is a report's text as data.
type Report struct {
	// Stacks are in their order: the one it happened on, the goroutine it happened for, all others.
	Stacks []Stack `json:"stacks,omitempty"`
	// CPUs is where the other processors were.
	CPUs []CPU `json:"cpus,omitempty"`
	// Lines are all others, as they are.
	Lines []string `json:"lines,omitempty"`
	// Dropped counts the lines that were too many to be kept.
	Dropped int `json:"lines_dropped,omitempty"`
}

// Stack is a goroutine with its stack, or a stack that is no goroutine's.
type Stack struct {
	// Name is what a stack that is no goroutine's is called, "kernel stack", else "".
	Name string `json:"name,omitempty"`
	// Goroutine is its number, and State what it does or waits for: "running", "chan receive".
	Goroutine uint64 `json:"goroutine,omitempty"`
	State     string `json:"state,omitempty"`
	// Minutes is how long it has waited. Locked says that it is locked to a thread.
	Minutes uint64 `json:"wait_minutes,omitempty"`
	Locked  bool   `json:"locked_to_thread,omitempty"`
	// Frames are the innermost first.
	Frames []Frame `json:"frames,omitempty"`
	// Created is what started the goroutine, and Creator the goroutine that did.
	Created *Frame `json:"created_by,omitempty"`
	Creator uint64 `json:"created_in_goroutine,omitempty"`
	// More is how many goroutines have the same stack, and MoreIDs the numbers of some of them.
	More    uint64   `json:"more_like_it,omitempty"`
	MoreIDs []uint64 `json:"more_goroutines,omitempty"`
	// Stops says why the frames end before the stack does, and StopsAt where.
	Stops   string  `json:"stops,omitempty"`
	StopsAt Address `json:"stops_at,omitempty"`
	// Words are addresses on the rest of the stack that may be return addresses.
	Words []Address `json:"words,omitempty"`
}

// Frame is a function on a stack, or a place in its frames where some are not shown.
type Frame struct {
	// Function is the name as the runtime prints it, without arguments.
	Function string `json:"function,omitempty"`
	File     string `json:"file,omitempty"`
	Line     int    `json:"line,omitempty"`
	// Offset is how far behind the function's start the place is, in bytes, null for a function that is
	// inlined into the next, or that is at its start.
	Offset *uint64 `json:"offset,omitempty"`
	// PC is the address, where the report or the image's symbols tell it.
	PC Address `json:"pc,omitempty"`
	// Inlined says that symbols know it as inlined into the next, and Added that it is known from them
	// only.
	Inlined bool `json:"inlined,omitempty"`
	Added   bool `json:"from_symbols,omitempty"`
	// Source is the text of the line, if it could be read.
	Source string `json:"source,omitempty"`
	// Elided is how many frames were left out here, and Missing how many records.
	Elided  uint64 `json:"elided,omitempty"`
	Missing uint64 `json:"missing_records,omitempty"`
	// NoCode says that PC is not in the program.
	NoCode bool `json:"no_code,omitempty"`
}

// CPU is where another processor was.
type CPU struct {
	Number uint64 `json:"cpu"`
	// State is "idle", "does not stop", "no goroutine" or "goroutine", which Goroutine has the number of.
	State     string `json:"state"`
	Goroutine uint64 `json:"goroutine,omitempty"`
	// At is the place, if it was told.
	At *Frame `json:"at,omitempty"`
}
