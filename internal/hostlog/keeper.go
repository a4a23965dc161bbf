package hostlog

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/klauspost/compress/zstd"

	"gasp/internal/keys"
)

// keeper compresses older logs, and deletes the oldest ones, in the background.
type keeper struct {
	options Options
	folders chan string // to be looked at
	stop    atomic.Bool
	done    chan struct{}
	failed  bool // and that was said
	shared  room // of hosts without a key
}

// maxFolders is how many folders wait to be looked at; one more is looked at after its next rotation.
const maxFolders = 1024

var errStopped = errors.New("the receiver ends")

func newKeeper(o Options) *keeper {
	k := &keeper{options: o, folders: make(chan string, maxFolders), done: make(chan struct{}), shared: newRoom(o.SharedSize / 2)}
	go k.run()
	return k
}

// look asks for a look at a host's folder.
func (k *keeper) look(dir string) {
	select {
	case k.folders <- dir:
	default:
	}
}

// close ends the goroutine, and waits for it.
func (k *keeper) close() {
	k.stop.Store(true)
	close(k.folders)
	<-k.done
}

// run looks at what earlier runs left, and then where it is asked to.
func (k *keeper) run() {
	defer close(k.done)
	hosts, _ := os.ReadDir(k.options.Dir)
	for _, h := range hosts {
		if h.IsDir() {
			k.keep(filepath.Join(k.options.Dir, h.Name()))
		}
	}
	for dir := range k.folders {
		k.keep(dir)
	}
}

// keep compresses what is to be compressed in a host's folder, and deletes what is too much.
func (k *keeper) keep(dir string) {
	names, err := older(dir)
	for i, name := range names {
		path := filepath.Join(dir, name)
		if strings.HasSuffix(name, compressed) || k.stop.Load() || err != nil {
			continue
		}
		if _, exists := os.Stat(path + compressed); exists == nil {
			err = os.Remove(path) // that one is whole, and the program ended before it came here
		} else {
			err = k.compress(path)
		}
		if err == nil {
			names[i] += compressed
		}
	}
	if k.stop.Load() {
		return
	}
	err = errors.Join(err, k.prune(dir, slices.Compact(names)))
	if k.shared.limit > 0 && keys.CheckName(filepath.Base(dir)) != nil {
		err = errors.Join(err, k.shared.look(dir))
	}
	if err != nil && !k.failed {
		k.options.Say(fmt.Sprintf("older logs in %s are not compressed or deleted: %v", dir, err))
	}
	k.failed = err != nil
}

// compress puts a compressed file in the place of a plain one, whole or not at all.
func (k *keeper) compress(path string) (err error) {
	in, err := os.Open(path)
	if err != nil {
		return err
	}
	defer in.Close()
	info, err := in.Stat()
	if err != nil {
		return err
	}
	part := path + compressed + unfinished
	out, err := os.OpenFile(part, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, info.Mode().Perm())
	if err != nil {
		return err
	}
	defer func() {
		out.Close()
		if err != nil {
			os.Remove(part)
		}
	}()
	w, err := zstd.NewWriter(out, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1), zstd.WithLowerEncoderMem(true))
	if err != nil {
		return err
	}
	defer w.Close()
	if _, err := io.Copy(w, stoppable{in, &k.stop}); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	if err := out.Sync(); err != nil {
		return err
	}
	if err := os.Rename(part, path+compressed); err != nil {
		return err
	}
	return os.Remove(path)
}

// stoppable is a reader that fails when it is told to stop.
type stoppable struct {
	in   io.Reader
	stop *atomic.Bool
}

func (s stoppable) Read(p []byte) (int, error) {
	if s.stop.Load() {
		return 0, errStopped
	}
	return s.in.Read(p)
}

// prune deletes the oldest logs of a host, as far as they are too many or too large. Names are all of
// them, the oldest first.
func (k *keeper) prune(dir string, names []string) error {
	var size int64
	for i := len(names) - 1; i >= 0; i-- {
		path := filepath.Join(dir, names[i])
		if info, err := os.Stat(path); err == nil {
			size += info.Size()
		}
		if k.options.Keep > 0 && len(names)-i > k.options.Keep || k.options.KeepSize > 0 && size > k.options.KeepSize {
			if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
				return err
			}
		}
	}
	return nil
}
