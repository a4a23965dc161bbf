package store

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

var (
	// ErrUnknown is returned for an ID of which there is no report.
	ErrUnknown = errors.New("no report has an ID, a boot or a folder like this")
	// ErrAmbiguous is returned for the beginning of several IDs.
	ErrAmbiguous = errors.New("several reports begin so")
)

// Stored is a report in its folder.
type Stored struct {
	*Summary
	// Folder is its path.
	Folder string `json:"folder"`
}

// List returns the reports that are stored in dir, the oldest first, without what they say as data. It
// changes nothing. What is damaged is left out, and counted.
func List(dir string) (list []Stored, damaged int, err error) {
	if _, err := os.ReadDir(dir); err != nil {
		return nil, 0, err
	}
	for _, folder := range allFolders(dir) {
		m, err := ReadSummary(folder)
		if err != nil {
			damaged++
			continue
		}
		if m.State != Receiving {
			ReadReport(folder, m) // for its group
		}
		m.Report = nil
		list = append(list, Stored{m, folder})
	}
	slices.SortStableFunc(list, func(a, b Stored) int {
		return cmp.Or(a.Began.Compare(b.Began), cmp.Compare(a.ID, b.ID))
	})
	return list, damaged, nil
}

// allFolders are the folders of all reports.
func allFolders(dir string) (folders []string) {
	for _, host := range hostFolders(dir) {
		for _, name := range reportFolders(filepath.Join(dir, host)) {
			folders = append(folders, filepath.Join(dir, host, name))
		}
	}
	return folders
}

// shownCandidates is how many are named of those that begin alike.
const shownCandidates = 5

// Find returns the report whose ID or boot begins with a name, or whose folder it is.
func Find(dir, name string) (Stored, error) {
	if strings.ContainsRune(name, filepath.Separator) {
		m, err := ReadSummary(name)
		if errors.Is(err, os.ErrNotExist) {
			return Stored{}, fmt.Errorf("%q: %w", name, ErrUnknown)
		}
		folder, _ := filepath.Abs(name)
		return Stored{m, folder}, err
	}
	var found []string
	for _, folder := range allFolders(dir) {
		switch {
		case id(folder) == name:
			found = []string{folder}
			return read(found[0])
		case name != "" && (strings.HasPrefix(id(folder), name) || boots(folder, name)):
			found = append(found, folder)
		}
	}
	switch len(found) {
	case 0:
		return Stored{}, fmt.Errorf("%q: %w in %s (receiver crashes lists them)", name, ErrUnknown, dir)
	case 1:
		return read(found[0])
	}
	text := ""
	for _, folder := range found[:min(len(found), shownCandidates)] {
		text += "\n  " + id(folder) + " " + folder
	}
	return Stored{}, fmt.Errorf("%q: %w, %d in all:%s", name, ErrAmbiguous, len(found), text)
}

func read(folder string) (Stored, error) {
	m, err := ReadSummary(folder)
	return Stored{m, folder}, err
}

// boots says whether the boot of a folder's report begins with a name of some length.
func boots(folder, name string) bool {
	const least = 4
	if len(name) < least {
		return false
	}
	_, rest, _ := strings.Cut(filepath.Base(folder), "Z-")
	boot, _, _ := strings.Cut(rest, "-")
	if !strings.HasPrefix(name, boot) && !strings.HasPrefix(boot, name) || boot == "" {
		return false
	}
	m, err := ReadSummary(folder)
	return err == nil && strings.HasPrefix(m.Boot, name)
}

// ShortIDs returns how long the beginnings of all IDs have to be to tell them apart, at least 7.
func ShortIDs(list []Stored) int {
	ids := make([]string, 0, len(list))
	for _, s := range list {
		ids = append(ids, s.ID)
	}
	slices.Sort(ids)
	length := 7
	for i := 1; i < len(ids); i++ {
		a, b := ids[i-1], ids[i]
		for length < len(a) && length < len(b) && a[:length] == b[:length] {
			length++
		}
	}
	return length
}

// Hosts returns the names of the folders in dir that have a log or a report.
func Hosts(dir string) []string { return hostFolders(dir) }
