package main

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"gasp/internal/keys"
	"gasp/internal/loghost"
	"gasp/internal/lossy"
	"gasp/netlog/wire"
	"gasp/qemu"
)

const (
	// deadline is for a machine on a busy host; it ends by itself when all is acknowledged.
	deadline = 3 * time.Minute
	// settle is how long the receiver may still wait for what is missing when the machine has ended.
	settle = time.Second

	deviceName = "tried"
)

// key is the device key of a run.
func (r *run) key() wire.Key {
	return sha256.Sum256(binary.BigEndian.AppendUint64([]byte("loss"), r.seed))
}

// make makes the run. The error is for one that could not be made.
func (r *run) make(ctx context.Context, o *options) (result result, err error) {
	dir, err := os.MkdirTemp("", "gasp-loss-")
	if err != nil {
		return result, err
	}
	defer func() {
		if o.keep != "" && len(result.reasons) > 0 {
			name := fmt.Sprintf("%s-%g-%d", r.format, 100*r.rate, r.seed)
			os.MkdirAll(o.keep, 0o755)
			os.CopyFS(filepath.Join(o.keep, name), os.DirFS(dir))
		}
		os.RemoveAll(dir)
	}()
	receiver, err := r.receive(ctx, o, dir)
	if err != nil {
		return result, err
	}
	defer receiver.Stop()
	sent := newLedger()
	proxy, err := lossy.New(receiver.Address, lossy.Rates{Loss: r.rate, Duplicate: r.rate, Reorder: r.rate}, r.seed, sent.note)
	if err != nil {
		return result, err
	}
	defer proxy.Close()
	started := time.Now()
	machine, err := qemu.Start(ctx, r.describe(o.image, proxy.Addr().Port(), dir))
	if err != nil {
		return result, err
	}
	defer machine.Close()
	exit, ended := machine.Wait()
	result.time = time.Since(started)
	time.Sleep(settle)
	receiver.Stop()
	proxy.Close()
	if ended != nil {
		result.fail("%v", ended)
	} else if exit.Reason != "guest-reset" {
		result.fail("the machine ended with %+v, not by the reset of panic=-1", exit)
	}
	result.forth, result.back = proxy.Counts(lossy.Forth), proxy.Counts(lossy.Back)
	result.judge(r, filepath.Join(dir, "all.json"), sent)
	if len(result.reasons) > 0 {
		os.WriteFile(filepath.Join(dir, "serial"), []byte(machine.Serial()), 0o644)
		os.WriteFile(filepath.Join(dir, "screen"), receiver.Said(), 0o644)
	}
	return result, ctx.Err()
}

// describe is the machine, which sends to a port of the host.
func (r *run) describe(image string, port uint16, dir string) qemu.Machine {
	format := "+"
	extra := r.machine.Extra
	if r.format == sealed {
		format = ""
		extra = append(extra[:len(extra):len(extra)], "-fw_cfg", "name=opt/gasp/key,file="+filepath.Join(dir, "key"))
	}
	return qemu.Machine{Type: r.machine.Type, NIC: r.machine.NIC, Extra: extra, Image: image, Deadline: deadline,
		Cmdline: fmt.Sprintf("netconsole=%s@10.0.2.15/,%d@10.0.2.2/ panic=-1 loglevel=8 gasp.lines=%d gasp.crash=nil", format, port, r.lines)}
}

// receive starts the receiver and waits until it listens.
func (r *run) receive(ctx context.Context, o *options, dir string) (*loghost.Receiver, error) {
	key := keys.Key{Name: deviceName, Secret: r.key()}
	if err := os.WriteFile(filepath.Join(dir, "key"), []byte(hex.EncodeToString(key.Secret[:])), 0o600); err != nil {
		return nil, err
	}
	list := filepath.Join(dir, "keys")
	if err := os.WriteFile(list, key.AppendLine(nil), 0o600); err != nil {
		return nil, err
	}
	return loghost.Start(ctx, loghost.Options{Program: o.receiver,
		Args: []string{"-dir", filepath.Join(dir, "state"), "-keys", list, "-json", filepath.Join(dir, "all.json"), "-color", "never"}})
}
