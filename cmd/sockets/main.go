// Command sockets checks what a program finds of package net on a machine with a
// network stack: types, errors, deadlines, names. It says a line for each check and
// "sockets: N checks passed", or what failed and ends with status 1. Its arguments
// are URLs that are fetched, and said: "got URL: BODY".
package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"time"
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
	for _, url := range os.Args[1:] {
		body, err := get(url)
		fmt.Printf("got %s: %s\n", url, body)
		say("get", err)
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
