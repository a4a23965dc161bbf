package metrics

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"gasp/internal/listen"
	"gasp/internal/source"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"golang.org/x/sys/unix"
)

// queue is a Queue of which so much waits and was lost.
type queue struct {
	name    string
	waiting int
	lost    uint64
}

func (q queue) Name() string { return q.name }
func (q queue) Waiting() int { return q.waiting }
func (q queue) Lost() uint64 { return q.lost }

func receiver() *Receiver {
	return &Receiver{
		Counts: func() Counts {
			return Counts{
				Source: source.Stats{Datagrams: 100, Records: 80, Missing: 7, Late: 6, Duplicates: 5, Repeats: 4, Sources: 9,
					Gone: 21, HeldBack: 22, Repaired: 23, Answers: 24, Deferred: 25, Forgotten: 26},
				Known:      8,
				Rejected:   map[string]uint64{"bad": 3, "replay": 2},
				Dropped:    []listen.Dropped{{Address: "127.0.0.1:6666", Via: 0, Datagrams: 11}, {Address: "[::1]:6666", Via: 1, Datagrams: 1 << 40}},
				Errors:     12,
				Complete:   13,
				Incomplete: 14,
				Asked:      15,
			}
		},
		Queues: []Queue{queue{"terminal", 1000, 16}, queue{"files", 0, 0}},
	}
}

// want is what a request shows of receiver.
const want = `
gasp_receiver_answers_total 24
gasp_receiver_crash_reports{verdict="complete"} 13
gasp_receiver_crash_reports{verdict="incomplete"} 14
gasp_receiver_datagrams_total 100
gasp_receiver_deferred_records_total 25
gasp_receiver_demanded_reports_total 15
gasp_receiver_duplicate_records_total 5
gasp_receiver_failed_receptions_total 12
gasp_receiver_forgotten_sources_total 26
gasp_receiver_gone_records_total 21
gasp_receiver_held_back_records_total 22
gasp_receiver_known_sources 8
gasp_receiver_late_records_total 6
gasp_receiver_missing_records 7
gasp_receiver_records_total 80
gasp_receiver_rejected_datagrams_total{cause="bad"} 3
gasp_receiver_rejected_datagrams_total{cause="replay"} 2
gasp_receiver_repaired_records_total 23
gasp_receiver_repeated_headlines_total 4
gasp_receiver_sink_lost_records_total{sink="files"} 0
gasp_receiver_sink_lost_records_total{sink="terminal"} 16
gasp_receiver_sink_queue_bytes{sink="files"} 0
gasp_receiver_sink_queue_bytes{sink="terminal"} 1000
gasp_receiver_socket_dropped_datagrams_total{address="127.0.0.1:6666",socket="0"} 11
gasp_receiver_socket_dropped_datagrams_total{address="[::1]:6666",socket="1"} 1.099511627776e+12
gasp_receiver_sources_total 9
`

func serve(t *testing.T) *Server {
	t.Helper()
	s, err := Serve("127.0.0.1:0", receiver())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// get requests a path and returns the answer.
func get(t *testing.T, s *Server, method, path string) (status int, body string) {
	t.Helper()
	request, err := http.NewRequest(method, "http://"+s.Address()+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	b, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(b)
}

func TestEveryCountIsShown(t *testing.T) {
	status, body := get(t, serve(t), "GET", Path)
	var ours []string
	for line := range strings.Lines(body) {
		if strings.HasPrefix(line, prefix) {
			ours = append(ours, line)
		}
	}
	if got := strings.Join(ours, ""); status != http.StatusOK || got != strings.TrimPrefix(want, "\n") {
		t.Errorf("status %d, shown is\n%s", status, got)
	}
	for _, name := range []string{"go_goroutines ", "process_cpu_seconds_total ", "process_resident_memory_bytes "} {
		if !strings.Contains(body, "\n"+name) {
			t.Errorf("%s is not shown", name)
		}
	}
}

func TestNamesFollowTheConventions(t *testing.T) {
	problems, err := testutil.CollectAndLint(receiver())
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Errorf("%s: %s", p.Metric, p.Text)
	}
}

func TestOtherRequestsAreRefused(t *testing.T) {
	s := serve(t)
	for _, test := range []struct {
		method, path string
		want         int
	}{
		{"GET", "/", http.StatusNotFound},
		{"GET", Path + "/more", http.StatusNotFound},
		{"POST", Path, http.StatusMethodNotAllowed},
	} {
		if status, _ := get(t, s, test.method, test.path); status != test.want {
			t.Errorf("%s %s: status %d, want %d", test.method, test.path, status, test.want)
		}
	}
}

func TestAHugeHeaderIsRefused(t *testing.T) {
	conn, err := net.Dial("tcp", serve(t).Address())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	// The server may close the connection before it has read all of it, so an error in writing is none.
	fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: x\r\nX: %s\r\n\r\n", Path, strings.Repeat("x", 4*maxHeader))
	answer, err := io.ReadAll(conn)
	if !strings.HasPrefix(string(answer), "HTTP/1.1 431 ") && !errors.Is(err, unix.ECONNRESET) {
		t.Errorf("answered %.60q, %v", answer, err)
	}
}

func TestMetricsThatCannotBeServed(t *testing.T) {
	s := serve(t)
	for address, want := range map[string]string{
		s.Address():       "the port is in use",
		"nonsense":        "cannot show metrics on nonsense: ",
		"127.0.0.1:70000": "cannot show metrics on 127.0.0.1:70000: ",
	} {
		other, err := Serve(address, receiver())
		if err == nil {
			other.Close()
			t.Errorf("metrics on %s succeeded", address)
		} else if !strings.Contains(err.Error(), want) {
			t.Errorf("metrics on %s: %v, want %q", address, err, want)
		}
	}
}
