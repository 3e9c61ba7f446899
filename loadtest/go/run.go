package main

import (
	"context"
	"sync"
	"time"
)

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

// sleepUntil is false where the run was ended before.
func sleepUntil(ctx context.Context, moment time.Time) bool {
	wait := time.Until(moment)
	if wait <= 0 {
		return ctx.Err() == nil
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
