// Package all brings up whichever machine the program runs on, of all that there is a board
// for, on import. A board is empty in an image for another architecture.
package all

import (
	_ "gasp/board/microvm"
	_ "gasp/board/mx6ul"
	_ "gasp/board/pc"
	_ "gasp/board/virt"
)
