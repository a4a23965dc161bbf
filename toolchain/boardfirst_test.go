package toolchain

import "testing"

func TestBoardOf(t *testing.T) {
	const listed = `errors internal/reflectlite unsafe
gasp/board/x86 errors example.com/v1.2/a.b gasp/netlog
gasp/netlog errors
another/board/x86 another/early
gasp/board/pc gasp/board/x86 errors gasp/netlog
another errors gasp/board/pc another/early
`
	const want = " errors example.com/v1.2/a%2eb gasp/board/pc gasp/board/x86 gasp/netlog "
	if got := boardOf(listed); got != want {
		t.Errorf("the board's packages are %q, want %q", got, want)
	}
}
