package command

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"testing"
)

func TestEachDoesAllAndSoManyAtOnce(t *testing.T) {
	var running, most atomic.Int32
	second, done := make(chan struct{}), []int(nil)
	err := Each(context.Background(), []int{1, 2, 30}, 2, func(_ context.Context, n int) int {
		if now := running.Add(1); now > most.Load() {
			most.Store(now)
		}
		switch n { // the first ends with the second only
		case 1:
			<-second
		case 2:
			close(second)
		}
		running.Add(-1)
		return n
	}, func(n int) (more []int, err error) {
		if done = append(done, n); n == 30 {
			more = []int{31, 32}
		}
		return more, nil
	})
	slices.Sort(done)
	if err != nil || !slices.Equal(done, []int{1, 2, 30, 31, 32}) {
		t.Errorf("%v done, %v", done, err)
	}
	if most.Load() > 2 {
		t.Errorf("%d at once", most.Load())
	}
}

func TestEachEndsWithAnError(t *testing.T) {
	want, reported := errors.New("unusable"), 0
	err := Each(context.Background(), []int{1, 2, 3, 4}, 2, func(ctx context.Context, n int) error {
		if n == 1 {
			return want
		}
		<-ctx.Done()
		return ctx.Err()
	}, func(err error) ([]int, error) {
		reported++
		return nil, err
	})
	if err != want || reported != 1 {
		t.Errorf("%v after %d reports", err, reported)
	}
}

func TestEachIsInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	begun := make(chan struct{})
	go func() {
		<-begun
		cancel()
	}()
	err := Each(ctx, []int{1, 2}, 1, func(ctx context.Context, n int) int {
		close(begun) // twice would be a panic
		<-ctx.Done()
		return n
	}, func(n int) ([]int, error) {
		t.Errorf("%d was killed, and is reported", n)
		return nil, nil
	})
	if err != ErrInterrupted {
		t.Errorf("interrupted, it says %v", err)
	}
}
