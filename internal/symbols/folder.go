package symbols

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Folder keeps images by their build ids: <folder>/<build id>/image.elf, and beside it about.json.
type Folder struct{ path string }

// The names in a folder, and the bound of about.json in bytes.
const (
	imageName = "image.elf"
	aboutName = "about.json"
	maxAbout  = 64 << 10
	// newPrefix begins the name of a folder that is not whole yet.
	newPrefix = ".new-"
)

// The modes of what is made, as those of package store: an image may hold secrets.
const (
	folderMode = 0o750
	fileMode   = 0o640
)

var (
	// ErrUnknown is returned for a build id of which no image was added.
	ErrUnknown = errors.New("no image with this build id was added")
	// ErrAmbiguous is returned for the beginning of several build ids.
	ErrAmbiguous = errors.New("several images have build ids that begin so")
)

// Stored is an image of the folder.
type Stored struct {
	// Build is its build id, Name what its file was called when it was added, Added when that was.
	Build string    `json:"build"`
	Name  string    `json:"name"`
	Added time.Time `json:"added"`
	// Size is of its file, in bytes.
	Size int64 `json:"size"`
	// Sources are the folders that its source files are looked for in.
	Sources []string `json:"sources,omitempty"`
}

// In returns the folder of a receiver that stores in dir. It need not exist.
func In(dir string) *Folder { return &Folder{filepath.Join(dir, "symbols")} }

// Path is where it is.
func (f *Folder) Path() string { return f.path }

// Add copies the image of a path in, under its build id. It is checked first. An image that is there
// already stays, with the sources of this one.
func (f *Folder) Add(path string, sources []string, now time.Time) (stored Stored, image *Image, err error) {
	image, err = Open(path)
	if err != nil {
		return Stored{}, nil, err
	}
	defer image.Close()
	info, err := os.Stat(path)
	if err != nil {
		return Stored{}, nil, err
	}
	stored = Stored{Build: image.Build, Name: filepath.Base(path), Added: now.UTC(), Size: info.Size(), Sources: sources}
	if err := os.MkdirAll(f.path, folderMode); err != nil {
		return Stored{}, nil, err
	}
	target := filepath.Join(f.path, image.Build)
	if _, err := os.Stat(filepath.Join(target, imageName)); err == nil {
		return stored, image, f.writeAbout(target, stored)
	}
	made, err := os.MkdirTemp(f.path, newPrefix)
	if err != nil {
		return Stored{}, nil, err
	}
	defer os.RemoveAll(made)
	os.Chmod(made, folderMode)
	if err := copyFile(filepath.Join(made, imageName), path); err != nil {
		return Stored{}, nil, err
	}
	if err := f.writeAbout(made, stored); err != nil {
		return Stored{}, nil, err
	}
	return stored, image, os.Rename(made, target)
}

func copyFile(to, from string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, fileMode)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}

func (f *Folder) writeAbout(folder string, s Stored) error {
	text, err := json.MarshalIndent(s, "", "\t")
	if err != nil {
		return err
	}
	path := filepath.Join(folder, aboutName)
	if err := os.WriteFile(path+".new", append(text, '\n'), fileMode); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}

// List returns what is there, the one added last first.
func (f *Folder) List() ([]Stored, error) {
	entries, err := os.ReadDir(f.path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var list []Stored
	for _, e := range entries {
		if validBuild(e.Name()) {
			if s, err := f.stored(e.Name()); err == nil {
				list = append(list, s)
			}
		}
	}
	slices.SortStableFunc(list, func(a, b Stored) int { return b.Added.Compare(a.Added) })
	return list, nil
}

func (f *Folder) stored(build string) (s Stored, err error) {
	folder := filepath.Join(f.path, build)
	info, err := os.Stat(filepath.Join(folder, imageName))
	if err != nil {
		return s, err
	}
	s = Stored{Added: info.ModTime().UTC(), Name: imageName}
	if about, err := os.Stat(filepath.Join(folder, aboutName)); err == nil && about.Size() <= maxAbout {
		if text, err := os.ReadFile(filepath.Join(folder, aboutName)); err == nil {
			// What cannot be read of it is left out: the image counts.
			_ = json.Unmarshal(text, &s)
		}
	}
	s.Build, s.Size = build, info.Size()
	return s, nil
}

// Find returns the image whose build id begins so.
func (f *Folder) Find(prefix string) (Stored, error) {
	list, err := f.List()
	if err != nil {
		return Stored{}, err
	}
	var found []Stored
	for _, s := range list {
		if s.Build == prefix {
			return s, nil
		}
		if prefix != "" && strings.HasPrefix(s.Build, prefix) {
			found = append(found, s)
		}
	}
	switch len(found) {
	case 0:
		return Stored{}, fmt.Errorf("%q: %w in %s", prefix, ErrUnknown, f.path)
	case 1:
		return found[0], nil
	}
	return Stored{}, fmt.Errorf("%q: %w, %s and %s among them", prefix, ErrAmbiguous, found[0].Build, found[1].Build)
}

// Open reads the image with a build id, which may come from the network.
func (f *Folder) Open(build string) (*Image, Stored, error) {
	if !validBuild(build) {
		return nil, Stored{}, fmt.Errorf("%q: %w", build, ErrUnknown)
	}
	s, err := f.stored(build)
	if errors.Is(err, os.ErrNotExist) {
		return nil, Stored{}, fmt.Errorf("%s: %w", build, ErrUnknown)
	}
	if err != nil {
		return nil, Stored{}, err
	}
	image, err := Open(filepath.Join(f.path, build, imageName))
	return image, s, err
}

// Remove removes an image.
func (f *Folder) Remove(build string) error {
	if !validBuild(build) {
		return fmt.Errorf("%q: %w", build, ErrUnknown)
	}
	folder := filepath.Join(f.path, build)
	for _, name := range []string{aboutName, aboutName + ".new"} {
		if err := os.Remove(filepath.Join(folder, name)); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	if err := os.Remove(filepath.Join(folder, imageName)); err != nil {
		return err
	}
	return os.Remove(folder)
}
