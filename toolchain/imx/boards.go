package imx

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// ErrBoard is a board whose memory nobody has described.
var ErrBoard = errors.New("no such board")

// boards says what makes the memory of each work, and its serial line's pads. The values are those of TamaGo v1.26.0,
// board/usbarmory/mk2 and board/nxp/mx6ullevk (imximage*.cfg), where the names of the registers are from.
var boards = []struct {
	name   string
	writes []write
}{
	{"mx6ullevk", slices.Concat(clocks, pads, mx6ullevk)},
	{"usbarmory-mk2", slices.Concat(clocks, pads, usbarmory, usbarmory512)},
	{"usbarmory-mk2-1g", slices.Concat(clocks, pads, usbarmory, usbarmory1G)},
}

// Boards are the names that FromELF knows.
func Boards() []string {
	var names []string
	for _, b := range boards {
		names = append(names, b.name)
	}
	return names
}

// registersOf finds a board's writes.
func registersOf(board string) ([]write, error) {
	for _, b := range boards {
		if b.name == board {
			return b.writes, nil
		}
	}
	return nil, fmt.Errorf("%w: %q (there are %s)", ErrBoard, board, strings.Join(Boards(), ", "))
}

// Check returns an error that lists the boards if that is none.
func Check(board string) error {
	_, err := registersOf(board)
	return err
}
