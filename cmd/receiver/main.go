// Receiver shows, checks and stores what machines log over the network: in the formats of Linux
// netconsole, with the crash reports of gasp. See docs/receiver.md.
package main

import (
	"fmt"
	"io"
	"os"
	"strings"
)

// The exit codes.
const (
	exitOK         = 0 // stopped by a signal; with -exit-after-crash: the report is complete
	exitError      = 1 // could not listen or store
	exitUsage      = 2
	exitIncomplete = 3 // with -exit-after-crash: the report is incomplete
	exitNothing    = 4 // with -exit-after-crash: no report came; with -timeout: no record came
)

// command is one that is named by the first argument.
type command struct {
	name, summary string
	run           func(args []string, stdout *os.File, stderr io.Writer) (code int)
}

// commands are all of them; without a name it is the first.
func commands() []command {
	return []command{
		{"receive", "listen, show and store; what is done without a name", receiveCommand},
		{"crashes", "list the crashes that are stored, equal ones together", crashesCommand},
		{"show", "print a crash report, with symbols", showCommand},
		{"tail", "print the end of a host's log, and what follows", tailCommand},
		{"replay", "read a capture as if it came now", replayCommand},
		{"symbols", "add, list and remove the images that reports are symbolized by", symbolsCommand},
		{"keygen", "make keys for devices", keygenCommand},
	}
}

func main() {
	args := os.Args[1:]
	all := commands()
	if len(args) == 0 || strings.HasPrefix(args[0], "-") {
		os.Exit(all[0].run(args, os.Stdout, os.Stderr))
	}
	for _, c := range all {
		if c.name == args[0] {
			os.Exit(c.run(args[1:], os.Stdout, os.Stderr))
		}
	}
	fmt.Fprintf(os.Stderr, "receiver: there is no command %q (see receiver -h)\n", args[0])
	os.Exit(exitUsage)
}

func receiveCommand(args []string, stdout *os.File, stderr io.Writer) int {
	o, code, ok := parseOptions(args, stderr)
	if !ok {
		return code
	}
	limitMemory()
	code, err := receive(o, stdout, stderr)
	if err != nil {
		fmt.Fprintln(stderr, "receiver:", err)
	}
	return code
}
