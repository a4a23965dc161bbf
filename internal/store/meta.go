package store

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"gasp/internal/source"
	"gasp/netlog/wire"
)

// meta is meta.json: what a program wants to know of a report.
type meta struct {
	Kind     string    `json:"kind"` // crash, kept, report
	Host     string    `json:"host"`
	Port     uint16    `json:"port"`
	Format   string    `json:"format"`
	State    string    `json:"state"` // receiving, complete, incomplete
	Complete bool      `json:"complete"`
	Verdict  string    `json:"verdict,omitempty"`
	Boot     string    `json:"boot,omitempty"`
	Build    string    `json:"build,omitempty"`
	Cause    string    `json:"cause,omitempty"`
	PC       string    `json:"pc,omitempty"`
	Function string    `json:"function,omitempty"`
	Address  string    `json:"address,omitempty"`
	Uptime   float64   `json:"uptime_seconds"`
	Began    time.Time `json:"began"`
	Last     time.Time `json:"last"`
	Records  struct {
		Expected *uint64  `json:"expected"` // null until the end record came
		Received uint64   `json:"received"`
		Missing  uint64   `json:"missing"`
		Numbers  []string `json:"missing_numbers,omitempty"`
		Lost     uint64   `json:"lost_by_sender"`
		Damaged  uint64   `json:"damaged"`
	} `json:"records"`
	Repeats   uint64            `json:"headline_repeats"`
	Failed    bool              `json:"report_failed"`
	Registers map[string]string `json:"registers,omitempty"`
}

// maxNumbers is how many gaps meta.json names.
const maxNumbers = 256

var kinds = [...]string{wire.Crash: "crash", wire.Report: "report", wire.Kept: "kept"}

func describe(c *source.Crash) *meta {
	m := &meta{
		Kind: kinds[c.Form], Repeats: c.Repeats, Failed: c.Failed,
		Host: c.From.Host(), Port: c.From.Addr.Port(), Format: "basic", State: "receiving", Boot: c.Boot(),
		Began: c.Began.UTC(), Last: c.Last.UTC(),
	}
	if c.Extended {
		m.Format = "extended"
	}
	h := &c.Headline
	if c.HasHeadline {
		m.Cause, m.Build, m.Function = string(h.Cause), h.Build, h.Func
		const microseconds = 1e6
		m.Uptime = float64(h.Uptime) / microseconds
		if h.HasPC {
			m.PC = fmt.Sprintf("%#x", h.PC)
		}
		if h.HasAddr {
			m.Address = fmt.Sprintf("%#x", h.Addr)
		}
		m.Registers = make(map[string]string)
		for _, r := range h.Registers {
			m.Registers[r.Name] = fmt.Sprintf("0x%016x", r.Value)
		}
	}
	n := &m.Records
	n.Received, n.Missing, n.Lost, n.Damaged = c.Received, c.MissingRecords, c.End.Lost, c.Damaged
	if c.HasEnd {
		n.Expected = &c.End.Records
	}
	for _, s := range c.Missing[:min(len(c.Missing), maxNumbers)] {
		n.Numbers = append(n.Numbers, s.String())
	}
	return m
}

// described is describe with the verdict, if the report is closed.
func (s *Store) described(c *source.Crash, f *folder) *meta {
	m := describe(c)
	if !f.open {
		m.Complete, m.Verdict, m.State = c.Complete, c.Verdict(), "incomplete"
		if c.Complete {
			m.State = "complete"
		}
	}
	return m
}

// writeMeta puts meta.json in place whole: while the report comes in, and when it is closed.
func (s *Store) writeMeta(c *source.Crash, f *folder) {
	m := s.described(c, f)
	path := filepath.Join(f.path, "meta.json")
	text, err := json.MarshalIndent(m, "", "\t")
	if err == nil {
		err = os.WriteFile(path+".new", append(text, '\n'), fileMode)
	}
	if err == nil {
		err = os.Rename(path+".new", path)
	}
	if err != nil {
		c.FolderErr = fmt.Errorf("meta.json: %w", reason(err))
		s.say(fmt.Sprintf("%s is not written: %v", path, reason(err)))
	}
}
