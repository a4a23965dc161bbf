//go:build tamago

package machine

var unprotected bool

// Protected takes the result of giving pages their rights. At an error a page has more of them than
// it needs: a table too few. It is said once.
func Protected(err error) {
	if err != nil && !unprotected {
		unprotected = true
		Problem("memory protection is not complete")
	}
}
