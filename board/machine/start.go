//go:build tamago

package machine

import (
	"encoding/hex"
	"math/bits"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/goos"
	"slices"
	"strconv"
	"strings"
	"time"

	"gasp/board/bootparam"
	"gasp/netlog"
	"gasp/netlog/wire"
)

// The state of the one machine there is. The hooks of the runtime carry no
// context, hence the package variables.
var (
	cmdline  bootparam.Line
	settings bootparam.Settings
	attached netlog.Device // nil before Attach

	key      wire.Key
	sealing  bool  // there is a key
	keyError error // there is one that is wrong
)

// Bare tells that TamaGo's toolchain builds the image: nothing is below the
// runtime, and the board handles exceptions itself. They cannot become signals:
// each is the end.
const Bare = runtime.GOOS == "tamago"

// Start is called at Hwinit1, once the clock and the serial line work. boot is the time when the image's first instruction ran, in
// ns since 1970.
func Start(boot int64, registerNames []string) {
	bootTime = boot
	l := netlog.Default()
	l.SetClock(stamp)
	l.SetConsole(writeSerial)
	l.SetRegisterNames(registerNames)
	started = true
	goos.Exit = exit
	goos.Idle = idle
}

// problems are those found before the logger could say them.
var problems struct {
	list [8]string
	n    int
}

// Problem is for what is wrong before packages are initialized: it is logged once they are.
// It allocates nothing. What is over eight is left out.
func Problem(text string) {
	if p := &problems; p.n < len(p.list) {
		p.list[p.n] = text
		p.n++
	}
}

// maxStack is how large a goroutine's stack may become, at most an eighth of RAM.
// Go's own limit of 1 GB is more than most machines here have, and it would take
// seconds to get there; on a small 32-bit processor 64 MB would, too: a new
// stack is copied frame by frame.
const maxStack = 8 << 20 << (bits.UintSize / 64 * 3)

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
	if Bare {
		setProgramWords(given)
	}
	if len(given) == MaxCommandLine {
		l.Log(netlog.Warning, "the command line is cut after "+strconv.Itoa(len(given))+" bytes")
	}
	for _, text := range problems.list[:problems.n] {
		l.Log(netlog.Warning, text)
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
	start, end := runtime.MemRegion()
	debug.SetMaxStack(int(min(max(uint64(end-start), freeRAM.Largest())/8, maxStack)))
	limitMemory()
	memory = newDeviceMemory()
	l.SetKeep(keepMemory())
}

// Settings are what the command line says, once this package is initialized.
func Settings() *bootparam.Settings { return &settings }

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
