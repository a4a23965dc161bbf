package main

import (
	"fmt"
	"time"
)

// channels: what is sent arrives, once and in order: through a chain of many
// goroutines, and from many to one.
func channels() error {
	const links, values = 300, 50
	first := make(chan int)
	end := first
	for range links {
		in, out := end, make(chan int)
		go func() {
			defer close(out)
			for v := range in {
				out <- v + 1
			}
		}()
		end = out
	}
	go func() {
		defer close(first)
		for v := range values {
			first <- v
		}
	}()
	next := 0
	for v := range end {
		if v != next+links {
			return fmt.Errorf("value %d came out of the chain as %d", next, v-links)
		}
		next++
	}
	if next != values {
		return fmt.Errorf("%d of %d values came out of the chain", next, values)
	}
	for _, depth := range []int{0, 1, 100} {
		if err := fanIn(make(chan int, depth)); err != nil {
			return err
		}
	}
	return nil
}

func fanIn(c chan int) error {
	const senders, values = 50, 200
	for i := range senders {
		go func() {
			for v := range values {
				c <- i*values + v
			}
		}()
	}
	var last [senders]int
	for range senders * values {
		v := <-c
		i := v / values
		if v%values != last[i] {
			return fmt.Errorf("sender %d's value %d came as its number %d, channel of %d", i, v%values, last[i], cap(c))
		}
		last[i]++
	}
	select {
	case v := <-c:
		return fmt.Errorf("%d was sent once and came twice", v)
	default:
		return nil
	}
}

// selects: of several channels every ready one has its turn, and a select with a
// timeout ends by the one or the other.
func selects() error {
	const values = 300
	var c [3]chan int
	for i := range c {
		c[i] = make(chan int, values)
		for range values {
			c[i] <- i
		}
	}
	var counts [len(c)]int
	for range values {
		select {
		case v := <-c[0]:
			counts[v]++
		case v := <-c[1]:
			counts[v]++
		case v := <-c[2]:
			counts[v]++
		}
	}
	for i, n := range counts {
		if n < values/10 {
			return fmt.Errorf("of %d receptions from %d full channels %d were from channel %d: %v", values, len(c), n, i, counts)
		}
	}
	for range 20 {
		never, soon := make(chan int), time.After(time.Millisecond)
		select {
		case <-never:
			return fmt.Errorf("a channel that nobody sends to was ready")
		case <-soon:
		}
	}
	return nil
}
