package qemu

import (
	"bytes"
	"encoding/binary"
	"errors"
	"testing"
	"time"
)

// pcap builds a capture of frames, one every 1.5 s from epoch.
func pcap(order binary.AppendByteOrder, epoch time.Time, frames ...[]byte) []byte {
	b := order.AppendUint32(nil, 0xa1b2c3d4)
	b = order.AppendUint16(b, 2)
	b = order.AppendUint16(b, 4)
	for _, v := range []uint32{0, 0, 65536, 1} {
		b = order.AppendUint32(b, v)
	}
	for i, f := range frames {
		at := epoch.Add(time.Duration(i) * 1500 * time.Millisecond)
		for _, v := range []uint32{uint32(at.Unix()), uint32(at.Nanosecond() / 1000), uint32(len(f)), uint32(len(f))} {
			b = order.AppendUint32(b, v)
		}
		b = append(b, f...)
	}
	return b
}

func TestReadPcap(t *testing.T) {
	for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
		frames, err := ReadPcap(bytes.NewReader(pcap(order, icountEpoch, []byte("one"), nil, []byte("three"))), icountEpoch)
		if err != nil || len(frames) != 3 {
			t.Fatalf("%v: %d frames of 3, error %v", order, len(frames), err)
		}
		for i, want := range []string{"one", "", "three"} {
			if at := time.Duration(i) * 1500 * time.Millisecond; string(frames[i].Data) != want || frames[i].Time != at {
				t.Errorf("%v: frame %d is %q at %v, want %q at %v", order, i, frames[i].Data, frames[i].Time, want, at)
			}
		}
	}
}

func TestReadBrokenPcap(t *testing.T) {
	whole := pcap(binary.LittleEndian, icountEpoch, []byte("one"), []byte("two"))
	huge := bytes.Clone(whole)
	binary.LittleEndian.PutUint32(huge[24+8:], 1<<31)
	wifi := bytes.Clone(whole)
	wifi[20] = 105
	for name, c := range map[string]struct {
		file   []byte
		frames int
	}{
		"empty":            {nil, 0},
		"not pcap":         {bytes.Repeat([]byte("x"), 100), 0},
		"other link":       {wifi, 0},
		"huge frame":       {huge, 0},
		"cut in a frame":   {whole[:len(whole)-1], 1},
		"cut in a header":  {whole[:len(whole)-3-5], 1},
		"only half a head": {whole[:10], 0},
	} {
		frames, err := ReadPcap(bytes.NewReader(c.file), icountEpoch)
		if !errors.Is(err, ErrPcap) || len(frames) != c.frames {
			t.Errorf("%s: %d frames and error %v, want %d and ErrPcap", name, len(frames), err, c.frames)
		}
	}
}
