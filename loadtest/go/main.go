// Command loadtest sends requests at the rates of a scenario, whether or not answers come, and reports latencies that
// count from when each request was due. Its exit status is 1 where a threshold was missed, and 2 where it was misused.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"
)

type options struct {
	scenario, scenarios, requests, url, jsonFile, markdownFile string
	hosts                                                      hostNames
	limit, window                                              time.Duration
	most                                                       int
	seed                                                       uint64
	rate, to, seconds                                          float64
}

type hostNames []string

func (h *hostNames) String() string         { return fmt.Sprint(*h) }
func (h *hostNames) Set(value string) error { *h = append(*h, value); return nil }

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	report, err := execute(ctx, parsed())
	if err != nil {
		fmt.Fprintln(os.Stderr, "loadtest:", err)
		os.Exit(2)
	}
	if len(report.Missed) > 0 {
		os.Exit(1)
	}
}

func parsed() options {
	var o options
	flag.StringVar(&o.scenario, "scenario", "steady", "which of the scenarios")
	flag.StringVar(&o.scenarios, "scenarios", "loadtest/scenarios.yaml", "their file")
	flag.StringVar(&o.requests, "requests", "loadtest/requests.yaml", "what their mixes ask")
	flag.StringVar(&o.url, "url", "http://127.0.0.1:8080", "the gateway, or several with commas between, which are asked in turn")
	flag.Var(&o.hosts, "host", "a host outside this machine that may be loaded: its name again")
	flag.DurationVar(&o.limit, "timeout", 30*time.Second, "how long an answer may take")
	flag.DurationVar(&o.window, "window", 10*time.Second, "figures are given by windows of this length")
	flag.IntVar(&o.most, "most", 5000, "requests under way at once, at most")
	flag.Uint64Var(&o.seed, "seed", 1, "of the order of operations")
	flag.Float64Var(&o.rate, "rate", 0, "arrivals a second, in place of the scenario's (with one stage)")
	flag.Float64Var(&o.to, "to", 0, "the rate that it climbs to, in place of the scenario's (with one stage)")
	flag.Float64Var(&o.seconds, "seconds", 0, "length, in place of the scenario's (with one stage)")
	flag.StringVar(&o.jsonFile, "json", "", "write the report there")
	flag.StringVar(&o.markdownFile, "markdown", "", "write the report for people there; otherwise to the terminal")
	flag.Parse()
	return o
}

func execute(ctx context.Context, o options) (Report, error) {
	scenario, mix, err := readScenario(o.scenarios, o.requests, o.scenario)
	if err != nil {
		return Report{}, err
	}
	if scenario, err = scenario.with(o.rate, o.to, o.seconds); err != nil {
		return Report{}, err
	}
	targets, err := allAimedAt(ctx, o.url, o.hosts)
	if err != nil {
		return Report{}, err
	}
	due := scenario.arrivals()
	began := time.Now()
	asker := newAsker(targets, os.Getenv("PLOTLOT_API_KEY"), o.limit, o.most)
	outcomes := run(ctx, asker, due, turns(mix, len(due), o.seed), o.most)
	report := reportOf(scenario, outcomes, streamsOf(mix), o.window)
	report.Target, report.Began, report.Seed = o.url, began, o.seed
	if len(outcomes) < len(due) {
		report.Missed = append(report.Missed, "the run was ended before its time")
	}
	return report, write(report, o)
}

// with puts rates and a length in the place of a scenario's own, where it has one stage.
func (s Scenario) with(rate, to, length float64) (Scenario, error) {
	if rate == 0 && to == 0 && length == 0 {
		return s, nil
	}
	if len(s.Stages) != 1 {
		return s, fmt.Errorf("--rate, --to and --seconds are for scenarios of one stage, and %q has %d", s.Name, len(s.Stages))
	}
	stage := s.Stages[0]
	if rate != 0 {
		stage.Rate = rate
	}
	if to != 0 {
		stage.To = &to
	}
	if length != 0 {
		stage.Seconds = length
	}
	s.Stages = []Stage{stage}
	return s, s.check()
}

func streamsOf(mix []Operation) map[string]bool {
	streams := map[string]bool{}
	for _, operation := range mix {
		streams[operation.Name] = operation.Accept == events
	}
	return streams
}

func write(report Report, o options) error {
	if o.jsonFile != "" {
		text, err := json.MarshalIndent(report, "", "  ")
		if err != nil {
			return err
		}
		if err := os.WriteFile(o.jsonFile, append(text, '\n'), 0o644); err != nil {
			return err
		}
	}
	if o.markdownFile == "" {
		writeMarkdown(os.Stdout, report)
		return nil
	}
	file, err := os.Create(o.markdownFile)
	if err != nil {
		return err
	}
	writeMarkdown(file, report)
	return file.Close()
}
