package main

import (
	"io"
	"net"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"
)

// scrape requests metrics until want is among them.
func scrape(t *testing.T, url, want string) string {
	t.Helper()
	for deadline := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		answer, err := http.Get(url)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(answer.Body)
		answer.Body.Close()
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(body), "\n"+want+"\n") {
			return string(body)
		}
		if time.Now().After(deadline) {
			t.Fatalf("metrics never had %q, but\n%s", want, body)
		}
	}
}

func TestMetricsCountWhatCame(t *testing.T) {
	r := run(t, "-metrics", "127.0.0.1:0", "-quiet", "-sockets", "2")
	url := regexp.MustCompile(`http://\S+/metrics$`).FindString(r.all[0])
	if url == "" {
		t.Fatalf("said %q, without an address of metrics", r.all)
	}
	scrape(t, url, "gasp_receiver_datagrams_total 0")
	r.send(record(6, 11, "one"), record(6, 11, "one"), record(6, 14, "four"), "", "basic\n")
	r.await("bad datagram")
	body := scrape(t, url, "gasp_receiver_missing_records 2")
	r.send(record(6, 13, "three"))
	r.send(crash(3)...)
	scrape(t, url, `gasp_receiver_crash_reports{verdict="complete"} 1`)
	scrape(t, url, `gasp_receiver_sink_queue_bytes{sink="terminal"} 0`)
	for _, want := range []string{
		"gasp_receiver_datagrams_total 5",
		"gasp_receiver_records_total 3",
		"gasp_receiver_duplicate_records_total 1",
		`gasp_receiver_rejected_datagrams_total{cause="empty"} 1`,
		`gasp_receiver_rejected_datagrams_total{cause="forged"} 0`,
		"gasp_receiver_known_sources 1",
	} {
		if !strings.Contains(body, "\n"+want+"\n") {
			t.Errorf("metrics lack %q:\n%s", want, body)
		}
	}
	if n := strings.Count(body, "\ngasp_receiver_socket_dropped_datagrams_total{"); n != 2 {
		t.Errorf("%d sockets are shown, want 2", n)
	}
	r.cmd.Process.Signal(os.Interrupt)
	r.end()
	if _, err := http.Get(url); err == nil {
		t.Error("metrics are shown after the end")
	}
}

func TestMetricsOnAPortInUse(t *testing.T) {
	busy, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer busy.Close()
	out, code := output(t, "-listen", "127.0.0.1:0", "-no-store", "-metrics", busy.Addr().String())
	if code != exitError || !strings.Contains(out, "the port is in use") {
		t.Errorf("exit code %d, said %q", code, out)
	}
}
