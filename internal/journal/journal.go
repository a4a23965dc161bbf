// Package journal hands records to the systemd journal, in its native protocol
// (https://systemd.io/JOURNAL_NATIVE_PROTOCOL/). The fields are described in docs/receiver.md.
package journal

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"golang.org/x/sys/unix"

	"gasp/internal/plainline"
	"gasp/internal/retry"
	"gasp/internal/source"
)

// Socket is where the journal listens.
const Socket = "/run/systemd/journal/socket"

// Journal is a source.Sink. It is for one goroutine, and waits for the journal, and for one that is
// not there to come back.
type Journal struct {
	plainline.Sink
	ctx    context.Context
	retry  retry.Retry
	socket int
	to     unix.SockaddrUnix
	entry  []byte
	lost   atomic.Uint64

	from source.Origin // whose fields are in origin
	host []byte
}

// New returns a journal that listens at a path. When ctx is done, it does not wait for one any more.
func New(ctx context.Context, path string, say func(string)) (*Journal, error) {
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	j := &Journal{ctx: ctx, retry: retry.Retry{What: "journal " + path, Say: say}, socket: fd, to: unix.SockaddrUnix{Name: path}}
	j.Take = j.take
	return j, nil
}

// Lost counts the entries that were given up, because the journal was not there until the end or did
// not want them.
func (j *Journal) Lost() uint64 { return j.lost.Load() }

// Close closes the socket.
func (j *Journal) Close() { unix.Close(j.socket) }

func (j *Journal) take(l *plainline.Line) {
	j.entry = j.append(j.entry[:0], l)
	for {
		err := j.send()
		if err == nil {
			j.retry.Worked()
			return
		}
		if !j.retry.Failed(j.ctx, err) {
			j.lost.Add(1)
			return
		}
	}
}

// send sends the entry as a datagram, or as a sealed file if it is too large for one.
func (j *Journal) send() error {
	for {
		err := unix.Sendto(j.socket, j.entry, unix.MSG_NOSIGNAL, &j.to)
		switch {
		case errors.Is(err, unix.EINTR):
		case errors.Is(err, unix.EMSGSIZE), errors.Is(err, unix.ENOBUFS):
			return j.sendFile()
		default:
			return err
		}
	}
}

func (j *Journal) sendFile() error {
	fd, err := unix.MemfdCreate("journal-entry", unix.MFD_ALLOW_SEALING|unix.MFD_CLOEXEC)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	for rest := j.entry; len(rest) > 0; {
		n, err := unix.Write(fd, rest)
		if err != nil && !errors.Is(err, unix.EINTR) {
			return err
		}
		rest = rest[max(n, 0):]
	}
	// The journal takes a file only if it cannot change under it.
	const seals = unix.F_SEAL_SHRINK | unix.F_SEAL_GROW | unix.F_SEAL_WRITE | unix.F_SEAL_SEAL
	if _, err := unix.FcntlInt(uintptr(fd), unix.F_ADD_SEALS, seals); err != nil {
		return err
	}
	for {
		if err := unix.Sendmsg(j.socket, nil, unix.UnixRights(fd), &j.to, unix.MSG_NOSIGNAL); !errors.Is(err, unix.EINTR) {
			return err
		}
	}
}
