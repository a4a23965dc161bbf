package main

import (
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	"gasp/internal/keys"
)

const keygenUsage = `usage: receiver keygen [-o FILE] NAME...

Makes a key for each device named, and prints lines for the file that
receiver -keys reads: <id> <name> <key>. The key goes to the device too
(gasp.key= on its kernel command line, or baked into the image).

`

// keygenCommand is receiver keygen.
func keygenCommand(args []string, stdout *os.File, stderr io.Writer) (code int) {
	f := flag.NewFlagSet("receiver keygen", flag.ContinueOnError)
	f.SetOutput(stderr)
	f.Usage = func() {
		fmt.Fprint(stderr, keygenUsage)
		f.PrintDefaults()
	}
	file := f.String("o", "", "append to `FILE` (mode 0600) and print nothing; a name that is there is refused")
	if err := f.Parse(args); errors.Is(err, flag.ErrHelp) {
		return exitOK
	} else if err != nil {
		return exitUsage
	}
	if f.NArg() == 0 {
		f.Usage()
		return exitUsage
	}
	var list []keys.Key
	var text []byte
	for _, name := range f.Args() {
		k, err := keys.Generate(rand.Reader, name)
		if err != nil {
			fmt.Fprintln(stderr, "receiver keygen:", err)
			return exitUsage
		}
		list = append(list, k)
		text = k.AppendLine(text)
	}
	var err error
	if *file != "" {
		err = keys.Append(*file, list)
	} else if _, err = keys.Parse(text); err == nil {
		_, err = stdout.Write(text)
	}
	if err != nil {
		fmt.Fprintln(stderr, "receiver keygen:", err)
		return exitError
	}
	return exitOK
}
