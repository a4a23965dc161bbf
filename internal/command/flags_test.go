package command

import (
	"errors"
	"flag"
	"io"
	"strings"
	"testing"
)

func TestFlags(t *testing.T) {
	for _, c := range []struct{ args, want string }{
		{"-n 3", ""}, {"-n 1", ""}, {"-n 5", ""}, {"", ""},
		{"-n 0", "wrong usage: -n 0, want 1 to 5"}, {"-n 6", "wrong usage: -n 6, want 1 to 5"}, {"more", `wrong usage: "more" is no flag`},
	} {
		var n int
		f := NewFlags("test", "", "", io.Discard)
		f.Number(&n, "n", 2, 1, 5, "a number")
		err := f.Parse(strings.Fields(c.args))
		if err == nil && c.want == "" {
			continue
		}
		if err == nil || err.Error() != c.want || !errors.Is(err, ErrUsage) {
			t.Errorf("%q: %v, want %q", c.args, err, c.want)
		}
	}
	var help strings.Builder
	f := NewFlags("test", "before\n", "after\n", &help)
	if err := f.Parse([]string{"-h"}); !errors.Is(err, flag.ErrHelp) || help.String() != "before\nafter\n" {
		t.Errorf("-h: %v, %q", err, help.String())
	}
	if err := f.ParseSome([]string{"word"}); err != nil || f.Arg(0) != "word" {
		t.Errorf("a word: %v, %q", err, f.Args())
	}
	if err := f.Parse([]string{"-unknown"}); err == nil || errors.Is(err, ErrUsage) {
		t.Errorf("an unknown flag, which was told already: %v", err)
	}
}
