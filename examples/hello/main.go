// Command hello is the smallest image: one line to the log host.
package main

import (
	"log/slog"

	_ "gasp/board/all"
	"gasp/netlog"
)

func main() {
	slog.SetDefault(slog.New(netlog.NewHandler(nil)))
	slog.Info("hello", "from", "bare metal")
}
