package main

import (
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

var sink atomic.Uint64 // keeps results in use

// integers and texts show what the emulation makes of plain code: no figure can
// be nearer to Linux's than these.
func integers(n int) {
	k := uint64(n)
	for range n {
		for i := range uint64(1000) {
			k = (k^i)*6364136223846793005 + k>>7
		}
	}
	sink.Add(k)
}

func texts(n int) {
	words := map[string]int{}
	var text strings.Builder
	for i := range n {
		text.Reset()
		for k := range 10 {
			text.WriteString(strconv.Itoa(i*k%1000) + " ")
		}
		for _, word := range strings.Fields(text.String()) {
			words[word]++
		}
	}
	sink.Add(uint64(len(words)))
}

func getpid(n int) {
	for range n {
		syscall.Getpid()
	}
}

func now(n int) {
	for range n {
		sink.Store(uint64(time.Now().Nanosecond()))
	}
}

// channel is a value to another goroutine and back.
func channel(n int) {
	there, back := make(chan int), make(chan int)
	go echo(there, back)
	for i := range n {
		there <- i
		<-back
	}
	close(there)
}

func echo(there, back chan int) {
	for v := range there {
		back <- v
	}
}

// channelThreads is channel between two threads.
func channelThreads(n int) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	there, back := make(chan int), make(chan int)
	go func() {
		runtime.LockOSThread()
		echo(there, back)
	}()
	for i := range n {
		there <- i
		<-back
	}
	close(there)
}

// channelBuffered is one value through a channel that holds a hundred.
func channelBuffered(n int) {
	c := make(chan int, 100)
	go func() {
		for i := range n {
			c <- i
		}
		close(c)
	}()
	for range c {
	}
}

// selects is one value by way of two selects of two.
func selects(n int) {
	a, b, stop := make(chan int), make(chan int), make(chan bool)
	go func() {
		for i := 0; ; i++ {
			select {
			case a <- i:
			case b <- i:
			case <-stop:
				return
			}
		}
	}()
	for range n {
		select {
		case <-a:
		case <-b:
		}
	}
	close(stop)
}

func goroutines(n int) {
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() {})
		if i%64 == 0 {
			all.Wait()
		}
	}
	all.Wait()
}

func mutex(n int) {
	var mu sync.Mutex
	for range n {
		mu.Lock()
		sink.Store(1)
		mu.Unlock()
	}
}

// mutexContended is one turn of four goroutines that also yield inside.
func mutexContended(n int) {
	const contenders = 4
	var mu sync.Mutex
	var all sync.WaitGroup
	for range contenders {
		all.Go(func() {
			for range (n + contenders - 1) / contenders {
				mu.Lock()
				runtime.Gosched()
				mu.Unlock()
			}
		})
	}
	all.Wait()
}

func gosched(n int) {
	for range n {
		runtime.Gosched()
	}
}

// timer is one that is made, reset and stopped.
func timer(n int) {
	for range n {
		t := time.AfterFunc(time.Hour, func() {})
		t.Reset(2 * time.Hour)
		t.Stop()
	}
}

// allocate is an object of 64 bytes, and its share of collections.
func allocate(n int) {
	for range n {
		kept = new([8]uintptr)
	}
}

var kept *[8]uintptr
