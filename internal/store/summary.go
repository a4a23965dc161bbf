package store

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"gasp/internal/report"
	"gasp/internal/source"
	"gasp/netlog/wire"
)

// Summary is report.json: what a program wants to know of a report.
type Summary struct {
	// ID names the report, in commands also by how it begins: 12 hexadecimal digits, of the host and
	// the folder.
	ID string `json:"id"`
	// Kind is "crash", "kept" (over a reset) or "report" (of a machine that goes on).
	Kind   string `json:"kind"`
	Host   string `json:"host"`
	Port   uint16 `json:"port"`
	Format string `json:"format"` // "basic" or "extended"
	// State is "receiving", "complete", "incomplete", or "interrupted" if the receiver ended before
	// the report did; Complete is true for "complete" only.
	State    string `json:"state"`
	Complete bool   `json:"complete"`
	Verdict  string `json:"verdict,omitempty"`
	// What the headline says, the uptime in seconds, addresses and registers in hexadecimal digits.
	Boot      string  `json:"boot,omitempty"`
	Build     string  `json:"build,omitempty"`
	Cause     string  `json:"cause,omitempty"`
	Exception string  `json:"exception,omitempty"`
	PC        string  `json:"pc,omitempty"`
	Function  string  `json:"function,omitempty"`
	Address   string  `json:"address,omitempty"`
	Uptime    float64 `json:"uptime_seconds"`
	// Began and Last are when the first and the last record were received.
	Began   time.Time `json:"began"`
	Last    time.Time `json:"last"`
	Records struct {
		Expected *uint64  `json:"expected"` // null until the end record came
		Received uint64   `json:"received"`
		Missing  uint64   `json:"missing"`
		Numbers  []string `json:"missing_numbers,omitempty"`
		Lost     uint64   `json:"lost_by_sender"`
		Damaged  uint64   `json:"damaged"`
		// Unwritten is how many are not in report.txt, for the disk or the bound did not allow it.
		Unwritten uint64 `json:"not_written,omitempty"`
	} `json:"records"`
	// Datagrams counts those in datagrams.pcapng, and those that are not.
	Datagrams struct {
		Stored    uint64 `json:"stored"`
		Unwritten uint64 `json:"not_written"`
	} `json:"datagrams"`
	Repeats   uint64            `json:"headline_repeats"`
	Failed    bool              `json:"report_failed"`
	Registers map[string]string `json:"registers,omitempty"`
	// Group is what equal crashes have in common.
	Group report.Group `json:"group"`
	// Symbols is the build id of the image by which frames were symbolized, "" if none was there.
	Symbols string `json:"symbols,omitempty"`
	// Report is the rest as data, nil while the report comes in.
	Report *report.Report `json:"report,omitempty"`
}

// The states.
const (
	Receiving   = "receiving"
	Complete    = "complete"
	Incomplete  = "incomplete"
	Interrupted = "interrupted"
)

const (
	// maxNumbers is how many gaps a summary names.
	maxNumbers = 256
	// maxSummary is how large a report.json may be to be read, in bytes.
	maxSummary = 32 << 20
	// The names in a report's folder; meta.json is what report.json was before.
	summaryName  = "report.json"
	oldSummary   = "meta.json"
	textName     = "report.txt"
	earlierName  = "earlier.txt"
	datagramName = "datagrams.pcapng"
)

var kinds = [...]string{wire.Crash: "crash", wire.Report: "report", wire.Kept: "kept"}

// id names the report in a folder: the same wherever the store is.
func id(folder string) string {
	sum := sha256.Sum256([]byte(filepath.Base(filepath.Dir(folder)) + "/" + filepath.Base(folder)))
	return hex.EncodeToString(sum[:6])
}

// describe is what is known of a report by itself.
func describe(c *source.Crash) *Summary {
	m := &Summary{
		Kind: kinds[c.Form], Repeats: c.Repeats, Failed: c.Failed,
		Host: c.From.Host(), Port: c.From.Addr.Port(), Format: "basic", State: Receiving, Boot: c.Boot(),
		Began: c.Began.UTC(), Last: c.Last.UTC(),
	}
	if c.Extended {
		m.Format = "extended"
	}
	h := &c.Headline
	if c.HasHeadline {
		m.Cause, m.Build, m.Function, m.Exception = string(h.Cause), h.Build, h.Func, h.Exception
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
	m.Group = report.NewGroup(m.Cause, m.Function, nil)
	return m
}

// close sets the verdict.
func (m *Summary) close(c *source.Crash) {
	m.Complete, m.Verdict, m.State = c.Complete, c.Verdict(), Incomplete
	if c.Complete {
		m.State = Complete
	}
}

// ReadSummary reads what a report's folder says of it, in the form of today or the one before.
func ReadSummary(folder string) (*Summary, error) {
	m, err := readSummary(filepath.Join(folder, summaryName))
	if errors.Is(err, os.ErrNotExist) {
		m, err = readSummary(filepath.Join(folder, oldSummary))
	}
	if err != nil {
		return nil, err
	}
	m.ID = id(folder)
	if m.Group.ID == "" {
		m.Group = report.NewGroup(m.Cause, m.Function, m.Report)
	}
	return m, nil
}

func readSummary(path string) (*Summary, error) {
	in, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	m := new(Summary)
	if err := json.NewDecoder(io.LimitReader(in, maxSummary)).Decode(m); err != nil {
		return nil, fmt.Errorf("%s is damaged: %w", path, err)
	}
	return m, nil
}

// writeSummary puts report.json in place whole.
func (s *Store) writeSummary(folder string, m *Summary) error {
	m.ID = id(folder)
	return s.putJSON(filepath.Join(folder, summaryName), m)
}

func (s *Store) putJSON(path string, v any) error {
	text, err := json.MarshalIndent(v, "", "\t")
	if err != nil {
		return err
	}
	return s.put(path, append(text, '\n'))
}
