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
	for device, want := range map[string]string{"../lab/7\n": "_.._lab_7_", "..": "_..", ".": "_.", "symbols": "_symbols", "symbols2": "symbols2"} {
		if got := (Origin{Device: device}).FileName(); got != want {
			t.Errorf("the device %q is stored as %s, want %s", device, got, want)
		}
	}
}
