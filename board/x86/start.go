//go:build tamago

// Package x86 is what the boards with an x86-64 processor share: from the PVH
// entry point to a logger that waits for a network device. It makes TamaGo's
// interface to the runtime (runtime/goos) out of the machine.
package x86

import (
	"encoding/hex"
	"os"
	"runtime/debug"
	"runtime/goos"
	"slices"
	"strconv"
	"strings"
	"time"
	_ "unsafe" // go:linkname

	_ "github.com/usbarmory/tamago/amd64" // runtime/goos.Hwinit0

	"gasp/board/acpi"
	"gasp/board/bootparam"
	"gasp/drivers/dma"
	"gasp/netlog"
	"gasp/netlog/wire"
)

// The state of the one machine there is. The hooks of the runtime carry no
// context, hence the package variables.
var (
	cmdline  bootparam.Line
	settings bootparam.Settings
	memory   dma.Memory
	attached netlog.Device // nil before Attach
	problem  string        // found before the logger could say it

	key      wire.Key
	sealing  bool  // there is a key
	keyError error // there is one that is wrong
)

//go:linkname start runtime/goos.Hwinit1
func start() {
	protect()
	startSerial()
	startClock()
	admitNMIs(rootPointer())
	if bare {
		startTraps()
		debug.SetTraceback("all")
	}
	l := netlog.Default()
	l.SetClock(uptime)
	l.SetConsole(serialWrite)
	l.SetRegisterNames(registerNames[:])
	started = true
	goos.Exit = exit
	goos.Idle = idle
}

// maxStack is how large a goroutine's stack may become, at most an eighth of RAM.
// Go's own limit of 1 GB is more than most machines here have, and it would take
// seconds to get there.
const maxStack = 64 << 20

// limitMemory makes the garbage collector work harder before memory is full: there
// is no swap, and what does not fit is the end. A limit that was given stays.
func limitMemory() {
	const margin = 32 << 20 // for large blocks that are allocated while a collection is on its way
	total := freeRAM.Total()
	if os.Getenv("GOMEMLIMIT") == "" && total > 0 {
		debug.SetMemoryLimit(int64(total - max(total/10, min(margin, total/4))))
	}
}

func init() {
	given := commandLine()
	cmdline = bootparam.Split(given)
	l := netlog.Default()
	if bare {
		setProgramWords(given)
	}
	if len(given) == maxCmdline-1 {
		l.Log(netlog.Warning, "the command line is cut after "+strconv.Itoa(len(given))+" bytes")
	}
	if problem != "" {
		l.Log(netlog.Warning, problem)
	}
	if unprotected {
		l.Log(netlog.Warning, "memory protection is not complete")
	}
	var errs []error
	settings, errs = cmdline.Settings()
	for _, err := range errs {
		l.Log(netlog.Err, err.Error())
	}
	if key, sealing, keyError = deviceKey(cmdline); keyError != nil {
		l.Log(netlog.Err, keyError.Error())
	}
	cmdline = cmdline.WithoutKey()
	forgetKey(given)
	if !settings.Serial {
		l.SetConsole(nil)
	}
	panicSeconds = settings.Panic
	debug.SetMaxStack(int(min(ramSize/8, maxStack)))
	limitMemory()
	memory = newDeviceMemory()

	rsdp := rootPointer()
	var err error
	if fixed, err = acpi.ParseFADT(at, rsdp); err != nil {
		l.Log(netlog.Notice, err.Error()+": no power-off")
	}
	l.SetKeep(keepMemory())
	startWatchdog(rsdp)
	rememberWakeUp(0)
}

// setProgramWords makes the arguments and the environment, which TamaGo's runtime
// does not know.
func setProgramWords(line string) {
	args, env := bootparam.Program(line)
	os.Args = append([]string{"gasp"}, args...)
	for _, v := range env {
		name, value, _ := strings.Cut(v, "=")
		os.Setenv(name, value)
	}
}

// CommandLine is the command line the machine was started with.
func CommandLine() bootparam.Line { return cmdline }

// Memory is for the rings and buffers of the NIC.
func Memory() *dma.Memory { return &memory }

// Now is the clock for drivers, in ns.
func Now() int64 { return uptime() }

// Attach gives the network device that a board has found to the logger. The
// first one is taken.
func Attach(dev netlog.Device, name string) {
	l := netlog.Default()
	if Attached() {
		return
	}
	if err := l.Attach(dev); err != nil {
		l.Log(netlog.Err, err.Error())
		return
	}
	attached = dev
	mac := dev.MAC()
	l.Log(netlog.Info, netlog.DeviceName+": "+name+", "+hexMAC(mac))
	targets := settings.Targets
	if len(targets) == 0 {
		if _, given := cmdline.Get("netconsole"); !given {
			l.Log(netlog.Notice, "no netconsole= on the command line: records stay here")
		}
		return
	}
	ready := slices.DeleteFunc(slices.Clone(targets), awaitsSource)
	if len(ready) < len(targets) {
		l.Log(netlog.Notice, "netconsole: no source address: nothing goes to such a target until a network stack has one (import gasp/netstack)")
	}
	startLogger(ready)
}

// Attached tells whether a network device has been attached.
func Attached() bool { return attached != nil }

// startLogger connects the logger to the device, with those of the targets that are right. With a key nothing goes out
// that is not sealed.
func startLogger(targets []netlog.Target) {
	l := netlog.Default()
	o := netlog.Options{
		Level:      settings.LogLevel,
		Gateway:    settings.Gateway,
		Gateway6:   settings.Gateway6,
		PrefixLen:  settings.PrefixLen,
		PrefixLen6: settings.PrefixLen6,
		Heartbeat:  time.Duration(settings.Heartbeat) * time.Second,
		Drop:       settings.Drop,
	}
	targets, errs := netlog.Usable(targets, o, attached.MAC())
	for _, err := range errs {
		l.Log(netlog.Err, err.Error())
	}
	if len(targets) == 0 || keyError != nil { // which was said
		return
	}
	if l.Stats().Started {
		if err := l.Reconfigure(targets, o); err != nil {
			l.Log(netlog.Err, err.Error())
		}
		return
	}
	o.BuildID = buildID()
	if sealing {
		defer clear(key[:])
		if err := seal(&o, &key); err != nil {
			l.Log(netlog.Err, err.Error())
			return
		}
	} else {
		o.Boot = bootID()
	}
	if err := l.StartAll(attached, targets, o); err != nil {
		l.Log(netlog.Err, err.Error())
	}
}

// bootDigits is how many digits of a boot id a crash report shows.
const bootDigits = 16

func bootID() string {
	var id [bootDigits / 2]byte
	random(id[:])
	return digits(id[:])
}

func digits(b []byte) string { return hex.EncodeToString(b) }

func hexMAC(mac [6]byte) string {
	b := make([]byte, 0, 17)
	for i, v := range mac {
		if i > 0 {
			b = append(b, ':')
		}
		b = hex.AppendEncode(b, []byte{v})
	}
	return string(b)
}

// LocalMAC is a random, locally administered station address for a device that
// has none (IEEE 802, 8.4).
func LocalMAC() (mac [6]byte) {
	random(mac[:])
	mac[0] = mac[0]&^1 | 2
	return mac
}
