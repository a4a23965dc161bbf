package uefi

import (
	"strings"
	"testing"
	"unicode/utf16"
)

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
		if ok := h.SetLoadOptions(utf16.Encode([]rune(tt.options))); ok != (h.CommandLineSize > 0) {
			t.Errorf("%s: returns %v for a line of %d bytes", tt.name, ok, h.CommandLineSize)
		}
		if got := h.Line(); got != tt.want {
			t.Errorf("%s: the line is %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestFile(t *testing.T) {
	for _, tt := range []struct {
		name, text, want string
	}{
		{"nothing", "", ""},
		{"a line", "panic=-1\n", "panic=-1"},
		{"lines", "# where to\nnetconsole=@10.0.2.15/,@10.0.2.2/\n\n#panic=5\npanic=-1 # no comment\n", "netconsole=@10.0.2.15/,@10.0.2.2/ panic=-1 # no comment"},
		{"as Windows writes it", "\xef\xbb\xbfpanic=-1\r\nnosmp\r\n", "panic=-1 nosmp"},
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
	h.SetLoadOptions(utf16.Encode([]rune(long)))
	if got := h.Line(); got != long[:MaxCommandLine-1] {
		t.Errorf("%d bytes of load options are left, want %d", len(got), MaxCommandLine-1)
	}
	if allocations := testing.AllocsPerRun(10, func() { h.SetFile([]byte("panic=-1")) }); allocations != 0 {
		t.Errorf("%v allocations", allocations)
	}
}
