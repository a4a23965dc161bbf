package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gasp/internal/loghost"
	"gasp/qemu"
)

// TestDemo is `make run`: the image crashes, and its whole report is in the receiver's files.
func TestDemo(t *testing.T) {
	tmp := t.TempDir()
	o := options{receiver: filepath.Join(tmp, "receiver"), image: filepath.Join(tmp, "image.elf"), dir: filepath.Join(tmp, "run"),
		machine: "q35", nic: "e1000", crash: "nil"}
	if err := loghost.Build(t.Context(), o.receiver); err != nil {
		t.Fatal(err)
	}
	if err := qemu.BuildImage(t.Context(), o.image, "./cmd/image"); err != nil {
		t.Fatal(err)
	}
	if err := demo(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	reports, err := filepath.Glob(filepath.Join(o.dir, "*", "crash-*", "report.txt"))
	if err != nil || len(reports) != 1 {
		t.Fatalf("the reports are %v, %v", reports, err)
	}
	report, err := os.ReadFile(reports[0])
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"nil pointer dereference", "goroutine ", "main.go:"} {
		if !strings.Contains(string(report), want) {
			t.Errorf("the report does not hold %q:\n%s", want, report)
		}
	}
}

// TestReceiverFails shows that no receiver's failure passes for a report.
func TestReceiverFails(t *testing.T) {
	tmp := t.TempDir()
	ends := filepath.Join(tmp, "ends")
	if err := os.WriteFile(ends, []byte("#!/bin/sh\nexit 3\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := demo(t.Context(), options{receiver: ends, image: "none", dir: tmp, machine: "q35"}); !errors.Is(err, loghost.ErrNotListening) || !strings.Contains(err.Error(), "exit status 3") {
		t.Errorf("a receiver that ends at once: %v", err)
	}
	if err := demo(t.Context(), options{receiver: filepath.Join(tmp, "none"), image: "none", dir: tmp, machine: "q35"}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no receiver: %v", err)
	}
}
