// Receiver shows, checks and stores what machines log over the network: in the formats of Linux
// netconsole, with the crash reports of gasp. See docs/receiver.md.
package main

import (
	"fmt"
	"os"
)

// The exit codes.
const (
	exitOK         = 0 // stopped by a signal; with -exit-after-crash: the report is complete
	exitError      = 1 // could not listen or store
	exitUsage      = 2
	exitIncomplete = 3 // with -exit-after-crash: the report is incomplete
	exitNothing    = 4 // with -exit-after-crash: no report came; with -timeout: no record came
)

func main() {
	o, code, ok := parseOptions(os.Args[1:], os.Stderr)
	if !ok {
		os.Exit(code)
	}
	code, err := receive(o, os.Stdout)
	if err != nil {
		fmt.Fprintln(os.Stderr, "receiver:", err)
	}
	os.Exit(code)
}
