//go:build tamago

// Command finds logs what a program finds on the machine: a line "name=value" for
// each, for the tests. Its arguments say what of: files PATH..., crypto, zone, pipe,
// signal, errors, process.
package main

import (
	"fmt"
	"os"

	_ "gasp/board/all"
)

// say logs one line.
func say(name string, values ...any) {
	text := name + "="
	for i, v := range values {
		if i > 0 {
			text += " "
		}
		text += fmt.Sprint(v)
	}
	fmt.Println(text)
}

var looks = map[string]func(args []string){
	"args": args, "files": files, "crypto": random, "zone": zone, "pipe": pipe,
	"signal": signals, "errors": errorsOf, "process": process, "walk": walk,
}

func main() {
	if len(os.Args) < 2 || looks[os.Args[1]] == nil {
		say("unknown", os.Args)
		os.Exit(2)
	}
	looks[os.Args[1]](os.Args[2:])
	say("done", os.Args[1])
}
