package command

import (
	"context"
	"errors"
	"slices"
)

// ErrInterrupted is what ends a program that was interrupted.
var ErrInterrupted = errors.New("interrupted")

// Each does jobs, so many at a time, and gives what becomes of each to report, in the order in which they end. Report may
// tell of further jobs, which come next; its error ends everything, and is returned. So does the context, which is told
// by ErrInterrupted. What ends after that is not reported: it was killed.
func Each[Job, Result any](ctx context.Context, jobs []Job, atOnce int, do func(context.Context, Job) Result, report func(Result) (more []Job, err error)) error {
	within, cancel := context.WithCancel(ctx)
	defer cancel()
	results := make(chan Result)
	var fatal error
	for running := 0; ; running-- {
		for ; running < atOnce && len(jobs) > 0 && within.Err() == nil; running++ {
			job := jobs[0]
			jobs = jobs[1:]
			go func() { results <- do(within, job) }()
		}
		if running == 0 {
			break
		}
		result := <-results
		if within.Err() != nil {
			continue
		}
		more, err := report(result)
		if err != nil {
			fatal = err
			cancel()
		}
		jobs = slices.Concat(more, jobs)
	}
	if ctx.Err() != nil {
		return ErrInterrupted
	}
	return fatal
}
