// Package command starts the programs that try something and judge it: flags, interruption, exit status.
package command

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

// Exit statuses; 0 says that all was well.
const (
	Failed = 1 // what was judged is not well, or could not be done
	Usage  = 2
)

// Main is the program of a name. parse reads the command line, and writes help and what is wrong with flags to out;
// flag.ErrHelp says that help was all that was wanted, an error that wraps ErrUsage that the user was not told yet. do
// does it, until the context ends when the program is interrupted, and says whether all is well.
func Main[O any](name string, parse func(args []string, out io.Writer) (O, error), do func(ctx context.Context, o *O, out io.Writer) (well bool, err error)) {
	o, err := parse(os.Args[1:], os.Stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return
	case errors.Is(err, ErrUsage):
		fmt.Fprintln(os.Stderr, name+":", err)
		fallthrough
	case err != nil:
		os.Exit(Usage)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	well, err := do(ctx, &o, os.Stdout)
	if err != nil {
		fmt.Fprintln(os.Stderr, name+":", err)
	}
	if err != nil || !well {
		os.Exit(Failed)
	}
}
