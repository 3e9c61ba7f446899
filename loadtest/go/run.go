package main

import (
	"context"
	"sync"
	"time"
)

const nearby = 5 * time.Millisecond

// run sends every request when it is due and gathers what became of each. Nothing waits for an answer; a request that
// finds `most` under way is counted as not sent, for then this tool, not the target, would set the pace.
func run(ctx context.Context, asker *Asker, due []time.Duration, operations []Operation, most int) []Outcome {
	outcomes := make([]Outcome, len(due))
	places := make(chan struct{}, most)
	var underWay sync.WaitGroup
	begun := time.Now()
	for number, after := range due {
		if !sleepUntil(ctx, begun.Add(after)) {
			outcomes = outcomes[:number]
			break
		}
		select {
		case places <- struct{}{}:
		default:
			outcomes[number] = Outcome{Operation: operations[number].Name, Due: after, Error: "not sent"}
			continue
		}
		underWay.Go(func() {
			outcome := asker.ask(ctx, operations[number], number, begun.Add(after))
			outcome.Due = after
			outcomes[number] = outcome
			<-places
		})
	}
	underWay.Wait()
	return outcomes
}

// sleepUntil is false where the run was ended before. Go's timers come up to a millisecond late: the last of the wait is
// left to the system's own.
func sleepUntil(ctx context.Context, moment time.Time) bool {
	if wait := time.Until(moment) - nearby; wait > 0 {
		timer := time.NewTimer(wait)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-ctx.Done():
			return false
		}
	}
	for wait := time.Until(moment); wait > 0; wait = time.Until(moment) {
		pause(wait)
	}
	return ctx.Err() == nil
}
