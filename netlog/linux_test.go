package netlog

import (
	"strings"
	"testing"
)

// What Linux makes of a netconsole= line (drivers/net/netconsole.c, netconsole_parser_cmdline; lib/net_utils.c,
// mac_pton; net/core/utils.c, in4_pton and in6_pton), and we with it, or not.
var linuxLines = []struct {
	line  string
	linux bool
	ours  bool
	why   string // they differ
}{
	// Documentation/networking/netconsole.rst
	{"4444@10.0.0.1/eth1,9353@10.0.0.2/12:34:56:78:9a:bc", true, true, ""},
	{"@/,@10.0.0.2/", true, true, ""},
	{"@/,@fd00:1:2:3::1/", true, true, ""},
	{"4444@10.0.0.1/22:33:44:55:66:77,9353@10.0.0.2/12:34:56:78:9a:bc", true, true, ""},
	{"+4444@10.0.0.1/eth1,9353@10.0.0.2/12:34:56:78:9a:bc", true, true, ""},
	{"+r4444@10.0.0.1/eth1,9353@10.0.0.2/12:34:56:78:9a:bc", true, true, ""},

	{"6665@fd00::f/eth0,6666@fd00::2/52:55:00:00:00:02", true, true, ""},
	{"@fe80::5054:ff:fe12:3456/,@fe80::1/", true, true, ""},
	{"@/,@fe80::5054:ff:fe2f:6012/", true, true, ""},
	{"@/,@ff02::1/", true, true, ""},
	{"@::1.2.3.4/,@fd00::2/", true, true, ""},
	{"@FD00::A/,@fd00::B/", true, true, ""},
	{"@/eth0.42,@10.0.0.2/", true, true, ""},
	{"@/eth0.4094,@fd00::2/", true, true, ""},
	{"@/vlan42,@10.0.0.2/", true, true, ""},
	{"@/,@10.0.0.2/FF:FF:FF:FF:FF:FF", true, true, ""},
	{"@/,@255.255.255.255/", true, true, ""},

	{"", false, false, ""},
	{"@", false, false, ""},
	{"@/", false, false, ""},
	{"@/,", false, false, ""},
	{"@/,@", false, false, ""},
	{"@/,@/", false, false, ""},
	{"r@/,@10.0.0.2/", false, false, ""},
	{"x@/,@10.0.0.2/", false, false, ""},
	{"-1@/,@10.0.0.2/", false, false, ""},
	{"65536@/,@10.0.0.2/", false, false, ""},
	{"@/,65536@10.0.0.2/", false, false, ""},
	{"@/,0x1a0a@10.0.0.2/", false, false, ""},
	{"@10.0.0.1,@10.0.0.2/", false, false, ""},
	{"@10.0.0.1/eth0@10.0.0.2/", false, false, ""},
	{"@host/,@10.0.0.2/", false, false, ""},
	{"@fd00::1/,@10.0.0.2/", false, false, ""},
	{"@10.0.0.1/,@fd00::2/", false, false, ""},
	{"@fd00:::1/,@fd00::2/", false, false, ""},
	{"@fe80::1%eth0/,@fe80::2/", false, false, ""},
	{"@/,@[fd00::2]/", false, false, ""},
	{"@/,@10.0.0.256/", false, false, ""},
	{"@/,@10.0.0.2/12:34:56:78:9a", false, false, ""},
	{"@/,@10.0.0.2/12:34:56:78:9a:bg", false, false, ""},
	{"@/12:34:56:78:9a,@10.0.0.2/", false, false, ""},
	{"@/12:34:56:78:9a:xx,@10.0.0.2/", false, false, ""},

	{"@/,@10.0.0.2", false, true, "nothing is lost with the last slash"},
	{"0@/,@10.0.0.2/", true, false, "no socket has port 0"},
	{"@/,0@10.0.0.2/", true, false, "no socket has port 0"},
	{"+1@/,+1@10.0.0.2/", true, false, "a number has no sign"},
	{"@0.0.0.0/,@10.0.0.2/", true, false, "that is nobody's address"},
	{"@::/,@fd00::2/", true, false, "that is nobody's address"},
	{"@/,@0.0.0.0/", true, false, "that is nobody's address"},
	{"@/averyverylongname,@10.0.0.2/", true, false, "Linux cuts the name"},
	{"@/eth0.4095,@10.0.0.2/", true, false, "no VLAN has this number, no device this name"},
	{"@/eth0.0,@10.0.0.2/", true, false, "no VLAN has this number"},
	{"@/,@10.0.0.2/12-34-56-78-9a-bc", false, false, ""},
	{"@/,@10.0.0.2/12:34:56:78:9a:bc:de", true, false, "Linux does not look behind six bytes"},
	{"@/,@10.0.0.2/00:00:00:00:00:00", true, false, "nobody has this address"},
	{"@10.0.0.1/,@::ffff:10.0.0.2/", false, true, "it is an IPv4 address"},
}

func TestLinesThatLinuxTakes(t *testing.T) {
	for _, l := range linuxLines {
		target, err := ParseTarget(l.line)
		if (err == nil) != l.ours {
			t.Errorf("%q reads as %+v, %v", l.line, target, err)
		}
		if (l.linux == l.ours) != (l.why == "") {
			t.Errorf("%q: Linux takes it %v, we %v, because %q", l.line, l.linux, l.ours, l.why)
		}
		if err != nil && !strings.HasPrefix(err.Error(), "netconsole: ") {
			t.Errorf("%q: the error is %q", l.line, err)
		}
	}
}
