// Package inuse tells which of a driver's two sets of rings are in use: those for ordinary work, or those that nothing
// uses before TakeOver.
package inuse

// Rings says which. Its values are words that are not there by accident: any other tells that the state was
// overwritten.
type Rings uint32

// What Rings can be: none, those for ordinary work, those for a takeover.
const (
	None     Rings = 0x9E0C51A7
	Normal   Rings = 0x4B7DF236
	Reserved Rings = 0xD1A3680B
)

// Index is 1 for the reserved rings, and 0 for the normal ones and whatever is neither.
func (r Rings) Index() int {
	if r == Reserved {
		return 1
	}
	return 0
}

// Ready tells whether there are rings in use.
func (r Rings) Ready() bool { return r == Normal || r == Reserved }

// Maybe tells whether these rings may be the ones in use: either, if the state was overwritten.
func (r Rings) Maybe(these Rings) bool { return r == these || r != None && !r.Ready() }
