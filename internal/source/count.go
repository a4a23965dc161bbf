package source

import "fmt"

// Count is n things in words: "1 record", "2 records".
func Count[N int | uint64](n N, thing string) string {
	if n != 1 {
		thing += "s"
	}
	return fmt.Sprint(n, " ", thing)
}
