//go:build tamago

package arm64

import "gasp/board/arm64/paging"

// MapConstant maps memory that is not the program's, such as firmware's tables, to be read.
func MapConstant(start, size uint64) { mapAs(start&^(pageSize-1), start+size, paging.Constant) }
