package uefi

import (
	"encoding/binary"
	"strings"
	"testing"
	"unicode/utf16"
)

func ucs2(text string) (b []byte) {
	for _, c := range utf16.Encode([]rune(text)) {
		b = binary.LittleEndian.AppendUint16(b, c)
	}
	return b
}

func TestLoadOptions(t *testing.T) {
	for _, tt := range []struct {
		name, options, want string
	}{
		{"nothing", "", ""},
		{"only a NUL", "\x00", ""},
		{"a line", "netconsole=@10.0.2.15/,@10.0.2.2/ panic=-1\x00", "netconsole=@10.0.2.15/,@10.0.2.2/ panic=-1"},
		{"without a NUL", "panic=-1", "panic=-1"},
		{"with something behind the NUL", "panic=-1\x00\x01\x02", "panic=-1"},
		{"from the shell", `FS0:\EFI\BOOT\BootX64.EFI panic=-1`, "panic=-1"},
		{"from the shell, the name alone", "app.efi", ""},
		{"from the shell, with spaces", " app.efi \t a  b", "a  b"},
		{"an argument that is no name", "-- app.efi", "-- app.efi"},
		{"a control character", "panic=-1\n", ""},
		{"not ASCII", "\u0159", ""},
		{"as EDK II marks what it made itself", "\u6d4e\ucf6b\u47ab", ""},
	} {
		h := &HandOver{Magic: Magic}
		if ok := h.SetLoadOptions(ucs2(tt.options)); ok != (h.CommandLineSize > 0) {
			t.Errorf("%s: returns %v for a line of %d bytes", tt.name, ok, h.CommandLineSize)
		}
		if got := h.Line(); got != tt.want {
			t.Errorf("%s: the line is %q, want %q", tt.name, got, tt.want)
		}
	}
}

// TestWholeBootEntry: some firmware gives the image all of the boot entry, whose command line is at its end.
func TestWholeBootEntry(t *testing.T) {
	const (
		file  = "\x04\x04\x0b\x00\\\x00a\x00\x00\x00\xee" // of an odd length
		end   = "\x7f\xff\x04\x00"
		next  = "\x7f\x01\x04\x00" // another device path follows
		title = "g\x00\x00\x00"
		text  = "p\x00=\x001\x00"
	)
	for _, tt := range []struct{ name, entry, want string }{
		{"an entry", "\x01\x00\x00\x00\x0f\x00" + title + file + end + text, "p=1"},
		{"hidden, of a category", "\x09\x01\x00\x00\x0f\x00" + title + file + end + text, "p=1"},
		{"two device paths", "\x01\x00\x00\x00\x13\x00" + title + end + file + end + text, "p=1"},
		{"nothing for the image", "\x01\x00\x00\x00\x0f\x00" + title + file + end, ""},
		{"an odd byte", "\x01\x00\x00\x00\x0f\x00" + title + file + end + text + "x", "p=1"},
		{"other attributes", "\x04\x00\x00\x00\x0f\x00" + title + file + end + text, ""},
		{"a title without an end", "\x01\x00\x00\x00\x0f\x00g\x00g", ""},
		{"a path beyond the end", "\x01\x00\x00\x00\xff\x00" + title + file + end + text, ""},
		{"a path without an end", "\x01\x00\x00\x00\x0b\x00" + title + file + text, ""},
		{"a path that goes on", "\x01\x00\x00\x00\x0f\x00" + title + file + next + text, ""},
		{"a node of no length", "\x01\x00\x00\x00\x04\x00" + title + "\x04\x04\x00\x00" + text, ""},
		{"a node beyond the path", "\x01\x00\x00\x00\x04\x00" + title + "\x04\x04\x05\x00" + text, ""},
		{"half a node", "\x01\x00\x00\x00\x02\x00" + title + "\x04\x04" + text, ""},
		{"no title", "\x01\x00\x00\x00\x00\x00", ""},
		{"less than one", "\x01\x00\x00\x00\x00", ""},
	} {
		h := &HandOver{Magic: Magic}
		if ok := h.SetLoadOptions([]byte(tt.entry)); ok != (tt.want != "") || h.Line() != tt.want {
			t.Errorf("%s: the line is %q, %v, want %q", tt.name, h.Line(), ok, tt.want)
		}
	}
}

func FuzzLoadOptions(f *testing.F) {
	f.Add([]byte("\x01\x00\x00\x00\x04\x00\x00\x00\x7f\xff\x04\x00p\x00"))
	f.Fuzz(func(t *testing.T, b []byte) {
		h := &HandOver{Magic: Magic}
		if ok := h.SetLoadOptions(b); ok != (h.Line() != "") || len(h.Line()) > len(b)/2 {
			t.Errorf("%q has the line %q", b, h.Line())
		}
	})
}

func TestFile(t *testing.T) {
	for _, tt := range []struct {
		name, text, want string
	}{
		{"nothing", "", ""},
		{"a line", "panic=-1\n", "panic=-1"},
		{"lines", "# where to\nnetconsole=@10.0.2.15/,@10.0.2.2/\n\n#panic=5\npanic=-1 # no comment\n", "netconsole=@10.0.2.15/,@10.0.2.2/ panic=-1 # no comment"},
		{"as Windows writes it", "\xef\xbb\xbfpanic=-1\r\nnosmp\r\n", "panic=-1 nosmp"},
		{"as the UEFI Shell writes it", "\xff\xfe" + string(ucs2("# here\r\npanic=-1\r\n\u0159\r\n")), "panic=-1 ?"},
		{"UTF-16 of an odd length", "\xff\xfea\x00b", "a"},
		{"nothing but a mark", "\xff\xfe", ""},
		{"half a mark", "\xff", "\xff"},
		{"only comments", "# panic=-1\n#", ""},
		{"other bytes than text", "a\x00b\tc\xff", "a b c\xff"},
	} {
		h := &HandOver{Magic: Magic}
		if ok := h.SetFile([]byte(tt.text)); ok != (tt.want != "") {
			t.Errorf("%s: returns %v", tt.name, ok)
		}
		if got := h.Line(); got != tt.want {
			t.Errorf("%s: the line is %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestLineThatDoesNotFitIsCut(t *testing.T) {
	h := &HandOver{Magic: Magic}
	long := strings.Repeat("x", 2*MaxCommandLine)
	h.SetFile([]byte(long))
	if got := h.Line(); got != long[:MaxCommandLine-1] {
		t.Errorf("%d bytes of a file are left, want %d", len(got), MaxCommandLine-1)
	}
	h.SetLoadOptions(ucs2(long))
	if got := h.Line(); got != long[:MaxCommandLine-1] {
		t.Errorf("%d bytes of load options are left, want %d", len(got), MaxCommandLine-1)
	}
	if allocations := testing.AllocsPerRun(10, func() { h.SetFile([]byte("panic=-1")) }); allocations != 0 {
		t.Errorf("%v allocations", allocations)
	}
}
