package netlog

import "testing"

func TestExceptionIsTheFirstWordWithoutSmallLetters(t *testing.T) {
	for kind, want := range map[string]string{
		"#PF page fault": "#PF", "NMI": "NMI", "DABT data abort": "DABT", "FIQ": "FIQ", "EC 0x3f": "EC",
		"no progress for too long": "", "exit status 3": "", "Error": "", "": "",
	} {
		if got := exception(kind); got != want {
			t.Errorf("%q is the exception %q, want %q", kind, got, want)
		}
	}
}
