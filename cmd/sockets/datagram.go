package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"syscall"
	"time"
)

func datagrams() error {
	for _, address := range loopbacks {
		p, err := net.ListenPacket("udp", address)
		if err != nil {
			return err
		}
		server := p.(*net.UDPConn)
		c, err := net.Dial("udp", p.LocalAddr().String())
		if err != nil {
			return err
		}
		client := c.(*net.UDPConn)
		own := client.LocalAddr().(*net.UDPAddr).AddrPort()
		room := make([]byte, 100)
		for range 3 {
			if _, err := client.Write([]byte("ping")); err != nil {
				return err
			}
		}
		n, from, err := server.ReadFromUDPAddrPort(room)
		if err != nil || n != 4 || from != own {
			return fmt.Errorf("ReadFromUDPAddrPort: %d from %v, %v; want 4 from %v", n, from, err, own)
		}
		n, to, err := server.ReadFromUDP(room)
		if err != nil || n != 4 || to.AddrPort() != own {
			return fmt.Errorf("ReadFromUDP: %d from %v, %v; want 4 from %v", n, to, err, own)
		}
		n, _, _, from, err = server.ReadMsgUDPAddrPort(room, nil)
		if err != nil || n != 4 || from != own {
			return fmt.Errorf("ReadMsgUDPAddrPort: %d from %v, %v; want 4 from %v", n, from, err, own)
		}
		_, err1 := server.WriteToUDPAddrPort([]byte("1"), from)
		_, err2 := server.WriteToUDP([]byte("22"), to)
		_, _, err3 := server.WriteMsgUDPAddrPort([]byte("333"), nil, from)
		if err := errors.Join(err1, err2, err3); err != nil {
			return err
		}
		for i := range 3 {
			if n, err := client.Read(room); n != i+1 || err != nil {
				return fmt.Errorf("Read: %d, %v; want %d", n, err, i+1)
			}
		}
		if _, err := client.WriteTo([]byte("x"), to); !errors.Is(err, net.ErrWriteToConnected) {
			return fmt.Errorf("WriteTo of a connected socket: %v", err)
		}
		server.Close()
		client.Close()
	}
	both, err := net.ListenUDP("udp", nil) // both families
	if err != nil {
		return err
	}
	defer both.Close()
	to := netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), uint16(both.LocalAddr().(*net.UDPAddr).Port))
	if _, err := both.WriteToUDPAddrPort([]byte("to itself"), to); err != nil {
		return err
	}
	n, from, err := both.ReadFromUDPAddrPort(make([]byte, 100))
	if err != nil || n != 9 || from.Addr().Unmap() != to.Addr() {
		return fmt.Errorf("a socket of both families: %d from %v, %v", n, from, err)
	}
	lonely, err := net.Dial("udp", "127.0.0.1:9")
	if err != nil {
		return err
	}
	defer lonely.Close()
	lonely.Write([]byte("x"))
	if _, err := lonely.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNREFUSED) {
		return fmt.Errorf("Read from a port that nobody has: %v", err)
	}
	return nil
}

// names are asked for at a server of the check's own, if gasp.dns=127.0.0.1 says so.
func names() error {
	server, err := net.ListenPacket("udp", "127.0.0.1:53")
	if err != nil {
		return err
	}
	defer server.Close()
	go answerNames(server)
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	all, err := net.DefaultResolver.LookupHost(ctx, "gasp.test")
	if err != nil {
		return err
	}
	return want("the address of gasp.test", strings.Join(all, " "), "192.0.2.7")
}

// answerNames answers each question for an address of IPv4 with 192.0.2.7, and others
// with nothing (RFC 1035).
func answerNames(server net.PacketConn) {
	room := make([]byte, 512)
	for {
		n, from, err := server.ReadFrom(room)
		if err != nil {
			return
		}
		const header = 12
		if n < header+5 {
			continue
		}
		end := header
		for end < n && room[end] != 0 {
			end++
		}
		question := room[header:min(end+5, n)]
		answer := append([]byte(nil), room[:2]...)
		v4 := byte(0)
		if question[len(question)-3] == 1 {
			v4 = 1
		}
		answer = append(answer, 0x81, 0x80, 0, 1, 0, v4, 0, 0, 0, 0)
		answer = append(answer, question...)
		if v4 == 1 {
			answer = append(answer, 0xc0, header, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 7)
		}
		server.WriteTo(answer, from)
	}
}

func web() error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "served ", r.URL.Path) })}
	go server.Serve(l)
	defer server.Close()
	body, err := get("http://" + l.Addr().String() + "/here")
	return errors.Join(err, want("the body", body, "served /here"))
}
