package main

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"gasp/internal/keys"
	"gasp/internal/loghost"
	"gasp/netlog/wire"
	"gasp/qemu"
)

const (
	// bootTime is what a machine on a busy host may take until it serves, and deathTime from the crash to its end.
	bootTime  = time.Minute
	deathTime = 2 * time.Minute
	// settle is how long the receiver may still wait for what is missing when the machine has ended.
	settle = 5 * time.Second

	memory     = 512 // MiB
	port       = 80
	guest      = "10.0.2.15"
	host       = "10.0.2.2"
	deviceName = "tried"
)

// result is what became of a run.
type result struct {
	answers
	reasons  []string // what is wrong; empty: nothing
	time     time.Duration
	records  int
	lines    int
	rate     float64 // numbered lines a second
	admitted uint64
}

func (r *result) fail(format string, a ...any) {
	r.reasons = append(r.reasons, fmt.Sprintf(format, a...))
}

// make makes the run. The error is for one that could not be made.
func (r *run) make(ctx context.Context, o *options) (result result, err error) {
	dir, err := os.MkdirTemp("", "gasp-web-")
	if err != nil {
		return result, err
	}
	defer func() {
		if o.keep != "" && len(result.reasons) > 0 {
			os.MkdirAll(o.keep, 0o755)
			os.CopyFS(filepath.Join(o.keep, strings.ReplaceAll(fmt.Sprintf("%v-%s-%d", r.machine, r.format, r.seed), " ", "-")), os.DirFS(dir))
		}
		os.RemoveAll(dir)
	}()
	s := newStory(r.format)
	receiver, err := r.receive(ctx, o.receiver, dir, s)
	if err != nil {
		return result, err
	}
	defer receiver.Stop()
	started := time.Now()
	machine, err := qemu.Start(ctx, r.describe(o.image, receiver.Address.Port(), dir))
	if err != nil {
		return result, err
	}
	defer machine.Close()
	var act func() error
	if r.class.Host != nil {
		act = func() error { return r.class.Host(machine) }
	}
	result.attack(ctx, r, machine, func() <-chan time.Time { return time.After(r.moment) }, act, s)
	exit, ended := machine.Wait()
	result.time = time.Since(started)
	if ended != nil {
		result.fail("%v", ended)
	} else if exit.Reason != "guest-reset" {
		result.fail("the machine ended with %+v, not by the reset of panic=-1", exit)
	}
	select {
	case <-s.over:
	case <-time.After(settle):
	}
	if err := receiver.Stop(); err != nil {
		result.fail("%v", err)
	}
	result.tell(r, s)
	if len(result.reasons) > 0 {
		os.WriteFile(filepath.Join(dir, "serial"), []byte(machine.Serial()), 0o644)
		os.WriteFile(filepath.Join(dir, "said"), receiver.Said(), 0o644)
	}
	return result, ctx.Err()
}

// machine is a qemu.Run, as far as the load needs it.
type machine interface {
	Wait() (qemu.Exit, error)
	Forwarded() ([]netip.AddrPort, error) // one for each client, and one more
	Quit() error
}

// attack lets the clients ask until the moment has come, and the machine crash: by act, or if that is nil by asking for it. It
// returns when the clients have ended.
func (r *result) attack(ctx context.Context, run *run, machine machine, moment func() <-chan time.Time, act func() error, s *story) {
	gone := make(chan struct{})
	go func() {
		machine.Wait()
		close(gone)
	}()
	select {
	case <-s.ready:
	case <-gone:
		r.fail("the machine ended before it served")
		return
	case <-time.After(bootTime):
		r.fail("the machine does not serve")
		machine.Quit()
		return
	}
	addresses, err := machine.Forwarded()
	if err != nil {
		r.fail("%v", err)
		machine.Quit()
		return
	}
	l := startLoad(ctx, addresses[:run.clients], run.seed)
	select {
	case <-moment():
	case <-gone:
	}
	crash := time.Now()
	l.look(crash)
	if act == nil {
		act = func() error { return run.crash(ctx, addresses[run.clients]) }
	}
	if err := act(); err != nil {
		r.fail("%v", err)
		machine.Quit()
	}
	select {
	case <-gone:
	case <-time.After(deathTime):
		r.fail("the machine lives %v after its crash", deathTime)
		machine.Quit()
	}
	l.stop()
	r.answers = l.judge(crash)
	r.reasons = append(r.reasons, r.problems...)
}

// crash asks the machine to crash. Whether it answers is open.
func (r *run) crash(ctx context.Context, address netip.AddrPort) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, "POST", fmt.Sprintf("http://%v/crash?class=%s&step=%d", address, r.class.Class, r.step), nil)
	if err != nil {
		return err
	}
	answer, err := new(http.Transport).RoundTrip(request)
	if err != nil {
		return nil
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", request.URL, answer.Status)
	}
	return nil
}

// tell takes what the receiver showed.
func (r *result) tell(run *run, s *story) {
	lost := uint64(0)
	switch {
	case run.class.Class == fullRing: // it logs on when the device takes nothing
		lost = s.admitted + s.after
	case slices.Contains(breakDevice, run.class.Class):
		lost = s.inDevice
		if run.machine.CPUs() > 1 { // the others log on while it is broken
			lost += s.after
		}
	}
	r.reasons = append(r.reasons, s.judge(r.clients, lost)...)
	if s.headline == nil {
		r.fail("there is no headline")
	} else {
		r.reasons = append(r.reasons, run.class.Explain(s.headline, s.report)...)
	}
	r.records, r.lines, r.rate, r.admitted = s.records, s.lines, s.rate(), s.admitted
	if run.rate > 0 && r.lines == 0 {
		r.fail("there is no numbered line")
	}
}

// describe is the machine, which sends to a port of the host. Each client has a port of its own, so that none waits in QEMU's
// backlog of one connection for another.
func (r *run) describe(image string, logPort uint16, dir string) qemu.Machine {
	format := "+"
	extra := r.machine.Extra
	if r.format == sealed {
		format = ""
		extra = append(extra[:len(extra):len(extra)], "-fw_cfg", "name=opt/gasp/key,file="+filepath.Join(dir, "key"))
	}
	return qemu.Machine{Type: r.machine.Type, NIC: r.machine.NIC, Extra: extra, Image: image, Memory: memory,
		Netdev:   "user" + strings.Repeat(fmt.Sprintf(",hostfwd=tcp:127.0.0.1:0-:%d", port), r.clients+1),
		Deadline: bootTime + r.moment + patience + deathTime,
		Cmdline: fmt.Sprintf("netconsole=%s@%s/,%d@%s/ panic=-1 console=null gasp.web=%d gasp.rate=%d %s",
			format, guest, logPort, host, port, r.rate, r.class.Params)}
}

// receive starts the receiver, and lets the story read what it shows.
func (r *run) receive(ctx context.Context, program, dir string, s *story) (*loghost.Receiver, error) {
	key := keys.Key{Name: deviceName, Secret: wire.Key(sha256.Sum256(binary.BigEndian.AppendUint64([]byte("web"), r.seed)))}
	if err := os.WriteFile(filepath.Join(dir, "key"), []byte(hex.EncodeToString(key.Secret[:])), 0o600); err != nil {
		return nil, err
	}
	list := filepath.Join(dir, "keys")
	if err := os.WriteFile(list, key.AppendLine(nil), 0o600); err != nil {
		return nil, err
	}
	return loghost.Start(ctx, loghost.Options{Program: program, Read: s.read,
		Args: []string{"-dir", filepath.Join(dir, "state"), "-keys", list, "-json", "-", "-quiet", "-queue", "64MiB", "-color", "never"}})
}
