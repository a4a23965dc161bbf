// Command sockets checks what a program finds of package net on a machine with a
// network stack: types, errors, deadlines, names. It says a line for each check and
// "sockets: N checks passed", or what failed and ends with status 1. The kernel
// command line may give
//
//	gasp.get=URL,URL  what is fetched, and said: "got URL: BODY"
package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	_ "gasp/board/microvm"
	_ "gasp/board/pc"
	"gasp/board/x86"
	_ "gasp/netstack"
)

var checks = []struct {
	name string
	run  func() error
}{
	{"types", types},
	{"streams", streams},
	{"halves", halves},
	{"gathered", gathered},
	{"files", files},
	{"datagrams", datagrams},
	{"refused", refused},
	{"deadlines", deadlines},
	{"cancelled", cancelled},
	{"closed", closed},
	{"options", options},
	{"raw", raw},
	{"names", names},
	{"web", web},
}

// getLimit is for a machine that is waited for, on a busy host.
const getLimit = 30 * time.Second

func main() {
	failed := 0
	say := func(name string, err error) {
		if err != nil {
			failed++
			fmt.Printf("%s: %v\n", name, err)
			return
		}
		fmt.Printf("%s: ok\n", name)
	}
	for _, c := range checks {
		say(c.name, c.run())
	}
	if urls, ok := x86.CommandLine().Get("gasp.get"); ok {
		for url := range strings.SplitSeq(urls, ",") {
			body, err := get(url)
			fmt.Printf("got %s: %s\n", url, body)
			say("get", err)
		}
	}
	if failed > 0 {
		fmt.Printf("sockets: %d checks failed\n", failed)
		os.Exit(1)
	}
	fmt.Printf("sockets: %d checks passed\n", len(checks))
}

func get(url string) (string, error) {
	client := http.Client{Timeout: getLimit}
	r, err := client.Get(url)
	if err != nil {
		return "", err
	}
	defer r.Body.Close()
	body, err := io.ReadAll(io.LimitReader(r.Body, 100))
	return string(body), err
}

// want is an error if got is not what is wanted.
func want(what string, got, wanted any) error {
	if got != wanted {
		return fmt.Errorf("%s is %v, want %v", what, got, wanted)
	}
	return nil
}
