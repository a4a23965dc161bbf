// Command demo shows what the project does: it starts the receiver, boots the image in QEMU and lets it crash. The
// receiver's output goes to the terminal; the exit status is 0 only if it received the whole report. `make run` builds
// what it needs and starts it.
package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"gasp/internal/loghost"
	"gasp/qemu"
)

const (
	timeout    = 2 * time.Minute  // for everything; plain emulation on a busy host needs a tenth of it
	stragglers = 15 * time.Second // how long the receiver and the machine may outlive each other
	// Where QEMU's user networking puts the guest and, in its eyes, the host.
	guest, host = "10.0.2.15", "10.0.2.2"
)

var errNoReport = errors.New("the machine ended, and the receiver has no report")

type options struct{ receiver, image, dir, board, machine, nic, crash string }

func main() {
	var o options
	flag.StringVar(&o.receiver, "receiver", "build/receiver", "the receiver's program")
	flag.StringVar(&o.image, "image", "", "the image to boot; without, it is built: build/image with the machine's ending")
	flag.StringVar(&o.dir, "dir", "build/run", "where the receiver puts its files")
	flag.StringVar(&o.board, "board", "pc", "the board: "+strings.Join(boards(), ", "))
	flag.StringVar(&o.machine, "machine", "", "the machine's `type` instead: "+strings.Join(types(), ", "))
	flag.StringVar(&o.nic, "nic", "", "the machine's network `card`, by QEMU's name; without, the one that there is always or most often")
	flag.StringVar(&o.crash, "crash", "nil", "how the image crashes")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := demo(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

// boards are the names of the table's.
func boards() (names []string) {
	for _, t := range qemu.MachineTypes {
		if t.Board != "" {
			names = append(names, t.Board)
		}
	}
	return names
}

func types() (names []string) {
	for _, t := range qemu.MachineTypes {
		names = append(names, t.Name)
	}
	return names
}

// complete puts in what follows from the board, and builds the image.
func (o *options) complete(ctx context.Context) error {
	t, err := qemu.TypeOf(o.machine)
	if o.machine == "" {
		t, err = qemu.BoardType(o.board)
	}
	if err != nil {
		return err
	}
	o.machine, o.nic = t.Name, cmp.Or(o.nic, t.NIC)
	if o.image == "" {
		o.image, err = t.Build(ctx, "build/image", "./cmd/image")
	}
	return err
}

func demo(ctx context.Context, o options) error {
	if err := o.complete(ctx); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	receiver, err := loghost.Start(ctx, loghost.Options{Program: o.receiver, Terminal: true,
		Args: []string{"-dir", o.dir, "-exit-after-crash", "-timeout", timeout.String()}})
	if err != nil {
		return err
	}
	defer receiver.Stop()

	fmt.Printf("booting %s on %s with %s\n", o.image, o.machine, o.nic)
	run, err := qemu.Start(ctx, qemu.Machine{
		Type: o.machine, NIC: o.nic, Image: o.image, Deadline: timeout,
		// panic=-1: reset when the report is out, which ends the machine.
		Cmdline: fmt.Sprintf("netconsole=+@%s/,%d@%s/ panic=-1 gasp.run=2 gasp.crash=%s", guest, receiver.Address.Port(), host, o.crash),
	})
	if err != nil {
		return err
	}
	defer run.Close()
	machineEnded := make(chan struct{})
	go func() {
		run.Wait()
		close(machineEnded)
	}()

	select {
	case <-receiver.Done():
		err = receiver.Err()
		select {
		case <-machineEnded:
		case <-time.After(stragglers): // it goes on, whatever panic= says
		}
	case <-machineEnded:
		select {
		case <-receiver.Done():
			err = receiver.Err()
		case <-time.After(stragglers):
			err = errNoReport
		}
	}
	if ctx.Err() != nil { // told to end, the receiver ends well
		err = context.Cause(ctx)
	}
	console := filepath.Join(o.dir, "serial.log")
	if err := os.WriteFile(console, []byte(run.Serial()+"\n"), 0o644); err != nil {
		return err
	}
	fmt.Printf("\nThe log and the report: %s\nThe serial console, for comparison: %s\n", o.dir, console)
	return err
}
