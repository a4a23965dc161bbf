package qemu

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"iter"
	"time"
)

// The file format of libpcap with microseconds, in the byte order of the machine that wrote it (pcap-savefile(5)).
const (
	pcapMagic        = 0xa1b2c3d4
	pcapFileHeader   = 24
	pcapRecordHeader = 16
	pcapEthernet     = 1 // LINKTYPE_ETHERNET
)

// icountEpoch is what the real-time clock of a machine with Icount starts at.
var icountEpoch = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// ErrPcap is wrapped by ReadPcap's errors about a file that is not an Ethernet capture or breaks off.
var ErrPcap = errors.New("not a whole Ethernet pcap file")

// ReadPcap reads the frames that QEMU's filter-dump has captured; their times count from epoch. With an error it
// returns the frames before it.
func ReadPcap(r io.Reader, epoch time.Time) ([]Frame, error) {
	var frames []Frame
	for f, err := range pcapFrames(r, epoch) {
		if err != nil {
			return frames, err
		}
		frames = append(frames, f)
	}
	return frames, nil
}

// pcapFrames gives the frames one by one. An error is the last it gives.
func pcapFrames(r io.Reader, epoch time.Time) iter.Seq2[Frame, error] {
	return func(yield func(Frame, error) bool) {
		in := bufio.NewReader(r)
		order, err := pcapOrder(in)
		for n := 0; err == nil; n++ {
			var f Frame
			if f, err = pcapFrame(in, order, epoch); err == nil && !yield(f, nil) {
				return
			} else if err != nil && err != io.EOF {
				err = fmt.Errorf("qemu: %w: frame %d: %w", ErrPcap, n, err)
			}
		}
		if err != io.EOF {
			yield(Frame{}, err)
		}
	}
}

// pcapOrder reads the file's header and tells its byte order.
func pcapOrder(in io.Reader) (binary.ByteOrder, error) {
	var file [pcapFileHeader]byte
	if _, err := io.ReadFull(in, file[:]); err != nil {
		return nil, fmt.Errorf("qemu: %w: file header: %w", ErrPcap, io.ErrUnexpectedEOF)
	}
	var order binary.ByteOrder = binary.LittleEndian
	if order.Uint32(file[:]) != pcapMagic {
		order = binary.BigEndian
	}
	if magic, link := order.Uint32(file[:]), order.Uint32(file[20:]); magic != pcapMagic || link != pcapEthernet {
		return nil, fmt.Errorf("qemu: %w: magic %#x, link type %d", ErrPcap, magic, link)
	}
	return order, nil
}

// pcapFrame reads the next frame; io.EOF says that there is none.
func pcapFrame(in io.Reader, order binary.ByteOrder, epoch time.Time) (Frame, error) {
	var record [pcapRecordHeader]byte
	if _, err := io.ReadFull(in, record[:]); err != nil {
		return Frame{}, err
	}
	size := order.Uint32(record[8:])
	if size > maxFrame {
		return Frame{}, fmt.Errorf("%d bytes", size)
	}
	data := make([]byte, size)
	if _, err := io.ReadFull(in, data); err != nil {
		return Frame{}, io.ErrUnexpectedEOF
	}
	at := time.Unix(int64(order.Uint32(record[0:])), int64(order.Uint32(record[4:]))*1000)
	return Frame{Time: at.Sub(epoch), Data: data}, nil
}
