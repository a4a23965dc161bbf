package webtarget

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestHandler(t *testing.T) {
	var did []string
	server := httptest.NewServer(Handler(Machine{
		Log:   func(text string) { did = append(did, "log "+text) },
		Crash: func(class string, step int) { did = append(did, fmt.Sprint("crash ", class, step)) },
		State: func() State { return State{HeapSys: 7} },
	}))
	defer server.Close()
	for _, c := range []struct {
		method, path, body string
		status             int
		answer             string
	}{
		{"GET", "/", "", 200, Greeting},
		{"GET", "/bytes?seed=3&size=10000", "", 200, sized(3, 10000)},
		{"GET", "/bytes?seed=3&size=0", "", 200, ""},
		{"GET", "/bytes?seed=3&size=1048577", "", 400, "want 0 to 1048576"},
		{"GET", "/bytes?seed=-1&size=1", "", 400, "seed"},
		{"POST", "/echo", "again", 200, "again"},
		{"POST", "/echo", strings.Repeat("x", MaxBody+1), 400, "too large"},
		{"POST", "/log", "words", 204, ""},
		{"POST", "/log", strings.Repeat("x", MaxText+1), 400, "too large"},
		{"POST", "/crash?class=nil&step=3", "", 200, ""},
		{"POST", "/crash?class=nil", "", 400, "step"},
		{"GET", "/crash?class=nil&step=3", "", 405, "Method"},
		{"GET", "/state", "", 200, `"HeapSys":7,`},
		{"GET", "/debug/pprof/goroutine?debug=1", "", 200, "goroutine profile: total"},
		{"GET", "/nothing", "", 404, "not found"},
	} {
		request, err := http.NewRequest(c.method, server.URL+c.path, strings.NewReader(c.body))
		if err != nil {
			t.Fatal(err)
		}
		answer, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(answer.Body)
		answer.Body.Close()
		if err != nil || answer.StatusCode != c.status || !strings.Contains(string(body), c.answer) {
			t.Errorf("%s %s: %v, status %d, %.100q; want %d, %.100q", c.method, c.path, err, answer.StatusCode, body, c.status, c.answer)
		}
	}
	if got := strings.Join(did, ", "); got != "log words, crash nil3" {
		t.Errorf("the machine was asked to %s", got)
	}
}

func sized(seed uint64, size int) string {
	b := make([]byte, size)
	io.ReadFull(Body(seed), b)
	return string(b)
}

// TestBody: bodies of two seeds differ, and one that lacks a segment or has it twice is another one.
func TestBody(t *testing.T) {
	if sized(1, 100) == sized(2, 100) || sized(1, 100) != sized(1, 100) {
		t.Error("a body is not its seed's")
	}
	const segment = 1460
	whole := []byte(sized(1, 100*segment))
	for i := range 50 {
		if bytes.Equal(whole[:segment], whole[(i+1)*segment:(i+2)*segment]) {
			t.Errorf("segment %d is the first one again", i+1)
		}
	}
	r, b := Body(5), make([]byte, 3*period)
	for i := range b {
		r.Read(b[i : i+1])
	}
	if string(b) != sized(5, len(b)) {
		t.Error("read in pieces, it is another one")
	}
}
