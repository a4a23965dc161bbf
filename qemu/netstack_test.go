package qemu

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"gasp/netlog/wire"
)

// A listener is a log host on this host: QEMU's user networking hands it what the guest sends to 10.0.2.2.
type listener struct {
	conn *net.UDPConn
	port uint16

	mu        sync.Mutex
	datagrams []Datagram
}

// listenAtHost takes what arrives until the test ends.
func listenAtHost(t *testing.T) *listener {
	t.Helper()
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	conn.SetReadBuffer(8 << 20)
	l := &listener{conn: conn, port: conn.LocalAddr().(*net.UDPAddr).AddrPort().Port()}
	var reading sync.WaitGroup
	reading.Go(func() {
		room := make([]byte, 2<<10)
		for {
			n, from, err := conn.ReadFromUDPAddrPort(room)
			if err != nil {
				return
			}
			l.mu.Lock()
			l.datagrams = append(l.datagrams, Datagram{Source: from, Payload: slices.Clone(room[:n])})
			l.mu.Unlock()
		}
	})
	t.Cleanup(func() {
		conn.Close()
		reading.Wait()
	})
	return l
}

// log is what has arrived.
func (l *listener) log() *Log {
	l.mu.Lock()
	defer l.mu.Unlock()
	return ReadLog(slices.Clone(l.datagrams))
}

// await waits until a record arrives that holds text.
func (l *listener) await(t *testing.T, r *Run, text string) {
	t.Helper()
	l.awaitThat(t, r, text, func(log *Log) bool {
		return slices.ContainsFunc(log.Ordinary, func(r Record) bool { return strings.Contains(string(r.Text), text) })
	})
}

// awaitThat waits until what has arrived is as it should be.
func (l *listener) awaitThat(t *testing.T, r *Run, what string, arrived func(*Log) bool) {
	t.Helper()
	ended := make(chan struct{})
	go func() {
		r.Wait()
		close(ended)
	}()
	for deadline := time.Now().Add(bootDeadline); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if arrived(l.log()) {
			return
		}
		select {
		case <-ended:
			t.Fatalf("the machine ended, and %q has not arrived; QEMU says: %s\nthe serial line ends with:\n%s", what, r.Messages(), tail(r.Serial(), 2<<10))
		default:
		}
	}
	t.Fatalf("%q has not arrived", what)
}

// images of the network stack, built once each.
var (
	webServer = onceFor("webserver", "./examples/webserver")
	sockets   = onceFor("sockets", "./cmd/sockets")
)

// stackMachines are those of the tests: each driver, several processors, and with GASP_FULL=1 64-bit ARM. (QEMU's i.MX6UL
// has no random numbers, which the stack needs.)
var stackMachines = ofThisRun([]Combination{
	{Type: "q35", NIC: "e1000", Always: true},
	{Type: "q35", NIC: "virtio-net-pci", Extra: []string{"-smp", "4"}, Always: true},
	{Type: "microvm", NIC: "virtio-net-device", Always: true},
	{Type: "virt", NIC: "virtio-net-pci", Extra: []string{"-smp", "4"}},
	{Type: "virt", NIC: "e1000e", Extra: []string{"-machine", "gic-version=3", "-smp", "4"}},
})

// How a machine gets its address, in turn.
var stackAddresses = []string{
	"netconsole=+@10.0.2.15/,%d@10.0.2.2/",
	"netconsole=+@/,%d@10.0.2.2/ gasp.ip=dhcp",
	"netconsole=+@10.0.2.15/,%d@10.0.2.2/ gasp.ip=10.0.2.15/24,fec0::15/64 gasp.gateway=10.0.2.2",
}

// TestWebServer asks machines for pages while they log, and then lets them crash: each answer is right, each line and the
// whole report arrive.
func TestWebServer(t *testing.T) {
	image(t)
	const (
		clients, requests = 4, 50
		// The socket's buffer holds the lines of one request, however late it is read.
		lines, parts = 200, 10
	)
	for i, c := range stackMachines {
		t.Run(c.String(), func(t *testing.T) {
			file, err := webServer[c.Suffix()]()
			if err != nil {
				t.Fatal(err)
			}
			log := listenAtHost(t)
			r := start(t, Machine{Type: c.Type, NIC: c.NIC, Extra: c.Extra, Memory: 256, Seed: c.newSeed(), Image: file, Netdev: "user,hostfwd=tcp:127.0.0.1:0-:80",
				Cmdline: fmt.Sprintf(stackAddresses[i%len(stackAddresses)], log.port) + " panic=-1 console=null", Deadline: 3 * time.Minute})
			log.await(t, r, "listens=[::]:80") // an address that only a bound listener has
			address, err := r.Forwarded()
			if err != nil {
				t.Fatal(err)
			}
			base := "http://" + address[0].String()
			var asking sync.WaitGroup
			defer asking.Wait()
			var right atomic.Int64
			for range clients {
				asking.Go(func() {
					client := http.Client{Transport: &http.Transport{}, Timeout: time.Minute}
					defer client.CloseIdleConnections()
					for range requests {
						if body, err := fetch(&client, base+"/"); err != nil || body != "hello from bare metal\n" {
							t.Errorf("%q, %v", body, err)
							return
						}
						right.Add(1)
					}
				})
			}
			client := http.Client{Timeout: time.Minute}
			for part := range parts {
				if body, err := fetch(&client, fmt.Sprintf("%s/log?n=%d", base, lines)); err != nil || body != fmt.Sprintf("%d lines logged\n", lines) {
					t.Fatalf("%q, %v", body, err)
				}
				log.awaitThat(t, r, fmt.Sprint("the last of ", lines, " lines, time ", part+1), func(log *Log) bool {
					return webLines(log) == (part+1)*lines
				})
			}
			asking.Wait()
			if body, err := fetch(&client, base+"/debug/pprof/goroutine?debug=1"); err != nil || !strings.Contains(body, "gasp/netstack") {
				t.Errorf("pprof: %.200q, %v", body, err)
			}
			if n := right.Load(); n != clients*requests {
				t.Errorf("%d of %d answers are right", n, clients*requests)
			}
			fetch(&client, base+"/crash") // the answer may die
			exit, err := r.Wait()
			if err != nil || exit.Reason != "guest-reset" {
				t.Fatalf("the machine ended with %+v, %v", exit, err)
			}
			judgeWeb(t, log.settled(), lines, parts)
		})
	}
}

// settled is what has arrived when nothing more comes.
func (l *listener) settled() *Log {
	for last := -1; ; time.Sleep(200 * time.Millisecond) {
		l.mu.Lock()
		n := len(l.datagrams)
		l.mu.Unlock()
		if n == last {
			return l.log()
		}
		last = n
	}
}

// webLines is how many of the web server's lines have arrived.
func webLines(log *Log) (n int) {
	for _, r := range log.Ordinary {
		if strings.HasPrefix(string(r.Text), "msg=line ") {
			n++
		}
	}
	return n
}

// judgeWeb says whether each line that was asked for, and a whole report, are there.
func judgeWeb(t *testing.T, log *Log, lines, parts int) {
	t.Helper()
	for _, p := range log.Problems {
		t.Error(p)
	}
	next := 0
	for _, r := range log.Ordinary {
		if strings.HasPrefix(string(r.Text), "msg=line ") {
			if !strings.HasSuffix(string(r.Text), fmt.Sprintf(" i=%d", next%lines)) {
				t.Fatalf("%q comes when line %d is due", r.Text, next%lines)
			}
			next++
		}
	}
	if next != lines*parts {
		t.Errorf("%d lines arrived, want %d", next, lines*parts)
	}
	if len(log.Reports) != 1 || log.Reports[0].Headline.Form != wire.Crash {
		t.Fatalf("%d reports arrived, want one", len(log.Reports))
	}
	report := &log.Reports[0]
	if missing := report.Complete(); missing != "" {
		t.Error(missing)
	}
	if cause := string(report.Headline.Cause); !strings.Contains(cause, "asked to by 10.0.2.2:") {
		t.Errorf("the cause is %q", cause)
	}
	if !hasTrace(report.Lines, "main.main.func3.1") {
		t.Errorf("the traceback lacks the function that panicked:\n%s", strings.Join(report.Lines, "\n"))
	}
}

func fetch(client *http.Client, url string) (string, error) {
	r, err := client.Get(url)
	if err != nil {
		return "", err
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	return string(body), err
}

// TestSockets lets a machine check package net by itself, and fetch something of this host by IPv4 and IPv6.
func TestSockets(t *testing.T) {
	image(t)
	served := httpServer(t, "127.0.0.1:0", "10.0.2.2")
	urls := []string{served}
	if l, err := net.Listen("tcp6", "[::1]:0"); err == nil { // not every host has IPv6
		l.Close()
		urls = append(urls, httpServer(t, "[::1]:0", "[fec0::2]"))
	}
	for i, c := range stackMachines {
		t.Run(c.String(), func(t *testing.T) {
			file, err := sockets[c.Suffix()]()
			if err != nil {
				t.Fatal(err)
			}
			log := listenAtHost(t)
			r := start(t, Machine{Type: c.Type, NIC: c.NIC, Extra: c.Extra, Memory: 256, Seed: c.newSeed(), Image: file, Netdev: "user",
				Cmdline: fmt.Sprintf(stackAddresses[i%len(stackAddresses)], log.port) + " panic=-1 console=null gasp.dns=127.0.0.1 -- " + strings.Join(urls, " "), Deadline: 3 * time.Minute})
			if _, err := r.Wait(); err != nil {
				t.Fatal(err)
			}
			var said []string
			for _, r := range log.settled().Ordinary {
				said = append(said, string(r.Text))
			}
			for _, url := range urls {
				if want := "got " + url + ": hello machine"; !slices.Contains(said, want) {
					t.Errorf("it did not say %q", want)
				}
			}
			if !slices.Contains(said, "sockets: 14 checks passed") {
				t.Errorf("it said\n%s", strings.Join(said, "\n"))
			}
		})
	}
}

// httpServer serves a page, and returns the URL that the guest has for it.
func httpServer(t *testing.T, address, guest string) string {
	t.Helper()
	l, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "hello machine") })}
	done := make(chan error)
	go func() { done <- server.Serve(l) }()
	t.Cleanup(func() {
		server.Close()
		if err := <-done; !errors.Is(err, http.ErrServerClosed) {
			t.Error(err)
		}
	})
	return fmt.Sprintf("http://%s:%d/", guest, netip.MustParseAddrPort(l.Addr().String()).Port())
}
