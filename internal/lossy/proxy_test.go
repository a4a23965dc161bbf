package lossy

import (
	"encoding/binary"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// exchange sends numbered datagrams through a proxy to a target that answers each, one after the other, and
// returns how often each number came there and back, and how many came out of order.
func exchange(t *testing.T, r Rates, seed uint64, n int) (there, back []int, disorder int, p *Proxy) {
	t.Helper()
	listen := func() *net.UDPConn {
		c, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	target, sender := listen(), listen()
	// What was sent and has not come yet, to target, proxy and sender: few enough for the kernel's buffers.
	var under [2]atomic.Int64
	var answers atomic.Int64
	waiting := func() int64 { return under[Forth].Load() + answers.Load() + under[Back].Load() }
	handed := make(chan bool, 4) // datagrams that the proxy has dealt with
	p, err := New(target.LocalAddr().(*net.UDPAddr).AddrPort(), r, seed, func(f Fate) {
		under[f.Direction].Add(int64(f.Copies))
		if f.Direction == Forth {
			handed <- true
		} else {
			answers.Add(-1)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	there, back = make([]int, n), make([]int, n)
	var readers sync.WaitGroup
	readers.Go(func() {
		var b [4]byte
		for last := uint32(0); ; {
			_, from, err := target.ReadFromUDPAddrPort(b[:])
			if err != nil {
				return
			}
			answers.Add(1)
			under[Forth].Add(-1)
			number := binary.BigEndian.Uint32(b[:])
			there[number]++
			if number < last {
				disorder++
			}
			last = number
			target.WriteToUDPAddrPort(b[:], from)
		}
	})
	readers.Go(func() {
		var b [4]byte
		for {
			if _, err := sender.Read(b[:]); err != nil {
				return
			}
			under[Back].Add(-1)
			back[binary.BigEndian.Uint32(b[:])]++
		}
	})
	for i := range n {
		sender.WriteToUDPAddrPort(binary.BigEndian.AppendUint32(nil, uint32(i)), p.Addr())
		<-handed
		const most = 50
		for waiting() > most {
			time.Sleep(time.Millisecond)
		}
	}
	for waiting() > 0 {
		time.Sleep(time.Millisecond)
	}
	target.Close()
	sender.Close()
	p.Close()
	readers.Wait()
	return there, back, disorder, p
}

func count(times []int, n int) (c uint64) {
	for _, t := range times {
		if t == n {
			c++
		}
	}
	return c
}

func TestGoodNetwork(t *testing.T) {
	there, back, disorder, _ := exchange(t, Rates{}, 1, 1000)
	if count(there, 1) != 1000 || count(back, 1) != 1000 || disorder != 0 {
		t.Errorf("%d came there once, %d back, %d in disorder", count(there, 1), count(back, 1), disorder)
	}
}

// TestBadNetwork: what is lost and doubled is what was counted, and about as much as was asked for.
func TestBadNetwork(t *testing.T) {
	const n = 4000
	there, back, disorder, p := exchange(t, Rates{Loss: 0.3, Duplicate: 0.1, Reorder: 0.1}, 1, n)
	forth, returned := p.Counts(Forth), p.Counts(Back)
	if forth.Came != n || forth.Lost != count(there, 0) || forth.Doubled != count(there, 2) {
		t.Errorf("there: counted %+v, seen %d lost and %d doubled", forth, count(there, 0), count(there, 2))
	}
	total := uint64(0)
	for _, times := range back {
		total += uint64(times)
	}
	if returned.Came != n-forth.Lost+forth.Doubled || total != returned.Came-returned.Lost+returned.Doubled {
		t.Errorf("back: counted %+v, %d came", returned, total)
	}
	if forth.Lost < n/4 || forth.Lost > n/3+n/20 || forth.Doubled < n/20 || forth.Doubled > n/8 || disorder < n/50 {
		t.Errorf("%+v of %d, %d in disorder", forth, n, disorder)
	}
}

// TestSeedDecides: the same seed loses the same datagrams.
func TestSeedDecides(t *testing.T) {
	a, _, _, _ := exchange(t, Rates{Loss: 0.5}, 7, 500)
	b, _, _, _ := exchange(t, Rates{Loss: 0.5}, 7, 500)
	c, _, _, _ := exchange(t, Rates{Loss: 0.5}, 8, 500)
	same, other := 0, 0
	for i := range a {
		if a[i] == b[i] {
			same++
		}
		if a[i] == c[i] {
			other++
		}
	}
	if other == len(a) {
		t.Error("another seed loses the same")
	}
	if same != len(a) {
		t.Errorf("of %d datagrams only %d had the same fate twice", len(a), same)
	}
}
