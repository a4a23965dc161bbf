package source

import (
	"net/netip"
	"testing"
)

func TestFileNamesAreSafe(t *testing.T) {
	for address, want := range map[string]string{"10.0.2.15": "10.0.2.15", "::1": "__1", "fe80::1%../../eth0": "fe80__1_.._.._eth0"} {
		o := Origin{Addr: netip.AddrPortFrom(netip.MustParseAddr(address), 1)}
		if got := o.FileName(); got != want {
			t.Errorf("%s is stored as %s, want %s", address, got, want)
		}
	}
	if got := (Origin{Device: "../lab/7\n"}).FileName(); got != ".._lab_7_" {
		t.Errorf("a device is stored as %s", got)
	}
}
