package main

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

const (
	profileTime  = 10 * time.Second
	profileLines = 15 // functions that are shown
)

// A Profile is where the time goes, as "go tool pprof -top" tells it.
type Profile struct {
	About string   `json:"about"`
	File  string   `json:"file"`
	Top   []string `json:"top"` // flat, share, cumulated, share, function
}

// profiles asks a guest that sends, and one that receives, where its time goes.
func (r *run) profiles(ctx context.Context, m machine, c client) error {
	for _, busy := range []struct {
		about string
		with  func(context.Context, int64) (float64, error)
	}{{"sends", c.receive}, {"receives", c.send}} {
		r.doing("%s: where the time goes when it %s", m.name, busy.about)
		ctx, stop := context.WithCancel(ctx)
		done := make(chan struct{})
		go func() {
			defer close(done)
			for ctx.Err() == nil {
				busy.with(ctx, transferSize)
			}
		}()
		p := Profile{About: fmt.Sprintf("%s, a guest that %s by TCP", m.name, busy.about), File: filepath.Join(r.dir, "tcp-"+m.name+"-"+busy.about+".pprof")}
		err := r.profile(ctx, &p, c)
		stop()
		<-done
		if err != nil {
			return err
		}
		r.results.Profiles = append(r.results.Profiles, p)
	}
	return nil
}

func (r *run) profile(ctx context.Context, p *Profile, c client) error {
	var profile bytes.Buffer
	if _, err := c.do(ctx, http.MethodGet, fmt.Sprintf("/debug/pprof/profile?seconds=%.0f", profileTime.Seconds()), nil, &profile); err != nil {
		return err
	}
	if err := os.WriteFile(p.File, profile.Bytes(), 0o644); err != nil {
		return err
	}
	image, err := r.image(ctx, guestPackage)
	if err != nil {
		return err
	}
	out, err := exec.CommandContext(ctx, "go", "tool", "pprof", "-top", fmt.Sprintf("-nodecount=%d", profileLines), image, p.File).CombinedOutput()
	if err != nil {
		return fmt.Errorf("go tool pprof: %w: %s", err, lastLine(out))
	}
	_, table, _ := strings.Cut(string(out), "cum%\n")
	p.Top = strings.Split(strings.TrimRight(table, "\n"), "\n")
	return nil
}
