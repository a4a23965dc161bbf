package qemu

import (
	"bytes"
	"net"
	"testing"
	"time"

	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/header"
)

// TestStay: a machine with panic=0 sends its headline again, with growing pauses, and answers ARP meanwhile.
func TestStay(t *testing.T) {
	onMachines(t, func(t *testing.T, c Combination, format string) {
		w := &Wire{}
		began := time.Now()
		r := boot(t, c, w, knownStation(format)+" panic=0 gasp.crash=nil")
		waitFor(t, "the end record", func() bool { return contains(w.Datagrams(), "gasp: end of crash") })
		const repeats = 3
		waitFor(t, "the headline again", func() bool { return len(headlines(w)) > repeats })
		all := headlines(w)
		for i := range all[1:] {
			if !bytes.Equal(all[i+1].Payload, all[0].Payload) {
				t.Errorf("headline %d differs from the first:\n%q\n%q", i+1, all[i+1].Payload, all[0].Payload)
			}
		}
		// A busy host hears of things late, so only too soon is wrong. How the pauses grow is netlog's own test.
		if took := time.Since(began); took < (1+2+4)*time.Second {
			t.Errorf("the headline came again %d times in %v, with pauses of 1, 2 and 4 seconds", repeats, took)
		}
		for n := range 3 {
			if err := w.Send(whoHas()); err != nil {
				t.Fatal(err)
			}
			waitFor(t, "an answer to ARP", func() bool { return arpReplies(w) > n })
		}
		if err := r.Quit(); err != nil {
			t.Fatal(err)
		}
		if _, err := r.Wait(); err != nil {
			t.Error(err)
		}
		log := ReadLog(w.Datagrams())
		if len(log.Reports) != 1 || log.Reports[0].Complete() != "" || log.Reports[0].Repeats < repeats {
			t.Errorf("what arrived is not one report and its headline again: %+v", log.Reports)
		}
	})
}

func headlines(w *Wire) (all []Datagram) {
	for _, d := range w.Datagrams() {
		if bytes.Contains(d.Payload, []byte("gasp: crash ")) {
			all = append(all, d)
		}
	}
	return all
}

// whoHas is the log host's request for the machine's address (RFC 826).
func whoHas() []byte {
	frame := make([]byte, 60)
	host := Host{Addr: logHost.Addr()}
	header.Ethernet(frame).Encode(&header.EthernetFields{SrcAddr: tcpip.LinkAddress(host.Hardware()),
		DstAddr: header.EthernetBroadcastAddress, Type: header.ARPProtocolNumber})
	request := header.ARP(frame[header.EthernetMinimumSize:])
	request.SetIPv4OverEthernet()
	request.SetOp(header.ARPRequest)
	copy(request.HardwareAddressSender(), host.Hardware())
	copy(request.ProtocolAddressSender(), host.Addr.AsSlice())
	copy(request.ProtocolAddressTarget(), guestAddr.Addr().AsSlice())
	return frame
}

// arpReplies counts the machine's answers.
func arpReplies(w *Wire) (n int) {
	for _, f := range w.Frames() {
		eth := header.Ethernet(f.Data)
		if len(eth) < header.EthernetMinimumSize+header.ARPSize || eth.Type() != header.ARPProtocolNumber {
			continue
		}
		reply := header.ARP(f.Data[header.EthernetMinimumSize:])
		if reply.Op() == header.ARPReply && bytes.Equal(reply.HardwareAddressSender(), DefaultMAC) &&
			net.IP(reply.ProtocolAddressSender()).Equal(guestAddr.Addr().AsSlice()) {
			n++
		}
	}
	return n
}

// TestRebootAfterSeconds: panic=2 resets the machine two seconds after the report.
func TestRebootAfterSeconds(t *testing.T) {
	onMachines(t, func(t *testing.T, c Combination, format string) {
		w := &Wire{}
		began := time.Now()
		r := boot(t, c, w, knownStation(format)+" panic=2 gasp.crash=nil")
		waitFor(t, "the end record", func() bool { return contains(w.Datagrams(), "gasp: end of crash") })
		exit, err := r.Wait()
		if err != nil || exit.Reason != "guest-reset" {
			t.Errorf("the machine ended with %+v, %v, not by a reset", exit, err)
		}
		if took := time.Since(began); took < 2*time.Second {
			t.Errorf("the machine was reset %v after its start, and was to wait 2s for it", took)
		}
	})
}
