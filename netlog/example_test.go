package netlog_test

import (
	"log/slog"
	"net/netip"

	"gasp/netlog"
)

// Sends to another log host from now on, debug records too.
func ExampleLogger_Reconfigure() {
	l := netlog.Default()
	targets, options := l.Configuration()
	if len(targets) == 0 {
		return // nothing is sent yet
	}
	targets[0].Dest = netip.MustParseAddr("10.0.2.3")
	targets[0].HasMAC = false // its station is not known
	options.Level = 8
	if err := l.Reconfigure(targets, options); err != nil {
		slog.Error("the log goes on as before", "error", err)
	}
	// Output:
}
