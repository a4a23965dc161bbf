package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"gasp/internal/lossy"
	"gasp/netlog/wire"
	"gasp/qemu"
)

const (
	// deadline is for a machine on a busy host; it ends by itself when all is acknowledged.
	deadline = 3 * time.Minute
	// settle is how long the receiver may still wait for what is missing when the machine has ended.
	settle = time.Second
	// stopTimeout is from the signal that ends the receiver to its death.
	stopTimeout = 20 * time.Second
	// listenTimeout is how long the receiver may take to listen.
	listenTimeout = 20 * time.Second

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
	defer receiver.stop()
	sent := newLedger()
	proxy, err := lossy.New(receiver.address, lossy.Rates{Loss: r.rate, Duplicate: r.rate, Reorder: r.rate}, r.seed, sent.note)
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
	receiver.stop()
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
		os.WriteFile(filepath.Join(dir, "screen"), receiver.said.Bytes(), 0o644)
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
		Cmdline: fmt.Sprintf("netconsole=%s@10.0.2.15/,%d@10.0.2.2/ panic=-1 gasp.lines=%d gasp.crash=nil", format, port, r.lines)}
}

// receiver is the receiver's process.
type receiver struct {
	cmd     *exec.Cmd
	address netip.AddrPort
	said    bytes.Buffer
	done    chan struct{}
}

// receive starts the receiver and waits until it listens.
func (r *run) receive(ctx context.Context, o *options, dir string) (*receiver, error) {
	key := r.key()
	id := key.ID()
	text := hex.EncodeToString(key[:])
	if err := os.WriteFile(filepath.Join(dir, "key"), []byte(text), 0o600); err != nil {
		return nil, err
	}
	line := hex.EncodeToString(id[:]) + " " + deviceName + " " + text + "\n"
	keys := filepath.Join(dir, "keys")
	if err := os.WriteFile(keys, []byte(line), 0o600); err != nil {
		return nil, err
	}
	p := &receiver{done: make(chan struct{})}
	address, err := freeAddress()
	if err != nil {
		return nil, err
	}
	p.address = address
	p.cmd = exec.CommandContext(ctx, o.receiver, "-listen", address.String(), "-dir", filepath.Join(dir, "state"), "-keys", keys,
		"-json", filepath.Join(dir, "all.json"), "-color", "never")
	p.cmd.Stdout, p.cmd.Stderr = &p.said, &p.said
	p.cmd.Cancel = func() error { return p.cmd.Process.Signal(syscall.SIGTERM) }
	p.cmd.WaitDelay = stopTimeout
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		defer close(p.done)
		p.cmd.Wait()
	}()
	entry := fmt.Sprintf(": 0100007F:%04X ", address.Port()) // the local address in /proc/net/udp, proc_pid_net(5)
	for end := time.Now().Add(listenTimeout); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if sockets, err := os.ReadFile("/proc/net/udp"); err != nil || strings.Contains(string(sockets), entry) {
			return p, err
		}
		select {
		case <-p.done:
			return nil, fmt.Errorf("%s ended: %s", o.receiver, p.said.Bytes())
		default:
		}
	}
	p.stop()
	return nil, fmt.Errorf("%s does not listen on %v", o.receiver, address)
}

// stop ends it, once.
func (p *receiver) stop() {
	p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.done:
	case <-time.After(stopTimeout):
		p.cmd.Process.Kill()
		<-p.done
	}
}

func freeAddress() (netip.AddrPort, error) {
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return netip.AddrPort{}, err
	}
	defer conn.Close()
	return conn.LocalAddr().(*net.UDPAddr).AddrPort(), nil
}
