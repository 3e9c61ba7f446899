package main

import (
	"fmt"
	"io"
	"math"
	"strings"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

const (
	mostMicroseconds = 600_000_000
	digits           = 3
)

// Latency is a distribution's percentiles in milliseconds.
type Latency struct {
	P50 float64 `json:"p50_ms"`
	P90 float64 `json:"p90_ms"`
	P95 float64 `json:"p95_ms"`
	P99 float64 `json:"p99_ms"`
	Max float64 `json:"max_ms"`
}

// Figures are those of a part of a run: an operation, a window of time, or all.
type Figures struct {
	Requests   int            `json:"requests"`
	Answered   int            `json:"answered"`
	Errors     map[string]int `json:"errors"`
	Offered    float64        `json:"offered_per_second"`
	Throughput float64        `json:"throughput_per_second"`
	Latency    Latency        `json:"latency"`
	Service    Latency        `json:"service_time"`
	FirstEvent *Latency       `json:"first_event,omitempty"`
	Late       Latency        `json:"sent_late"`
}

// Window is a slice of a run's time.
type Window struct {
	FromSeconds float64 `json:"from_seconds"`
	Figures
}

// Report is what a run found. Latency counts from when a request was due, service time from when it was sent: where
// they part, requests waited for those before them.
type Report struct {
	Scenario   string             `json:"scenario"`
	Target     string             `json:"target"`
	Began      time.Time          `json:"began"`
	Seconds    float64            `json:"seconds"`
	Seed       uint64             `json:"seed"`
	All        Figures            `json:"all"`
	Operations map[string]Figures `json:"operations"`
	Windows    []Window           `json:"windows"`
	Knee       *Window            `json:"knee,omitempty"`
	Missed     []string           `json:"missed"`
}

// summary is the figures of outcomes that were due within some seconds.
func summary(outcomes []Outcome, within float64, streams map[string]bool) Figures {
	latency, service, late, first := histogram(), histogram(), histogram(), histogram()
	figures := Figures{Requests: len(outcomes), Errors: map[string]int{}, Offered: float64(len(outcomes)) / within}
	for _, outcome := range outcomes {
		if outcome.Error != "" {
			figures.Errors[outcome.Error]++
			continue
		}
		figures.Answered++
		record(latency, outcome.Whole)
		record(service, outcome.Whole-outcome.Late)
		record(late, outcome.Late)
		if streams[outcome.Operation] {
			record(first, outcome.First)
		}
	}
	figures.Throughput = float64(figures.Answered) / within
	figures.Latency, figures.Service, figures.Late = percentiles(latency), percentiles(service), percentiles(late)
	if first.TotalCount() > 0 {
		found := percentiles(first)
		figures.FirstEvent = &found
	}
	return figures
}

func histogram() *hdrhistogram.Histogram {
	return hdrhistogram.New(1, mostMicroseconds, digits)
}

func record(into *hdrhistogram.Histogram, spent time.Duration) {
	_ = into.RecordValue(min(max(spent.Microseconds(), 1), mostMicroseconds))
}

func percentiles(of *hdrhistogram.Histogram) Latency {
	at := func(percentile float64) float64 { return float64(of.ValueAtQuantile(percentile)) / 1000 }
	return Latency{at(50), at(90), at(95), at(99), float64(of.Max()) / 1000}
}

// reportOf puts a run's figures together: of all, by operation and by window.
func reportOf(scenario Scenario, outcomes []Outcome, streams map[string]bool, window time.Duration) Report {
	length := scenario.length().Seconds()
	report := Report{
		Scenario:   scenario.Name,
		Seconds:    length,
		All:        summary(outcomes, length, streams),
		Operations: map[string]Figures{},
	}
	byName := map[string][]Outcome{}
	for _, outcome := range outcomes {
		byName[outcome.Operation] = append(byName[outcome.Operation], outcome)
	}
	for name, some := range byName {
		report.Operations[name] = summary(some, length, streams)
	}
	for from := time.Duration(0); from < scenario.length(); from += window {
		until := min(from+window, scenario.length())
		var some []Outcome
		for _, outcome := range outcomes {
			if outcome.Due >= from && outcome.Due < until {
				some = append(some, outcome)
			}
		}
		report.Windows = append(report.Windows, Window{from.Seconds(), summary(some, (until - from).Seconds(), streams)})
	}
	if scenario.climbs() {
		report.Knee = knee(report.Windows)
	}
	report.Missed = missed(scenario.Thresholds, report.All)
	return report
}

// knee is the busiest window before answers first fell behind: fewer than 99 in 100 answered, or a p95 three times that
// of the first window.
func knee(windows []Window) *Window {
	var best *Window
	for number := range windows {
		each := &windows[number]
		kept := float64(each.Answered) >= 0.99*float64(each.Requests)
		if !kept || each.Latency.P95 > 3*math.Max(windows[0].Latency.P95, 1) {
			return best
		}
		if best == nil || each.Throughput > best.Throughput {
			best = each
		}
	}
	return best
}

// missed says in words which thresholds were not kept.
func missed(thresholds Thresholds, found Figures) []string {
	var words []string
	over := func(name string, most *float64, value float64) {
		if most != nil && value > *most {
			words = append(words, fmt.Sprintf("%s is %.4g, and may be %.4g", name, value, *most))
		}
	}
	over("p50_ms", thresholds.P50, found.Latency.P50)
	over("p95_ms", thresholds.P95, found.Latency.P95)
	over("p99_ms", thresholds.P99, found.Latency.P99)
	requests := math.Max(float64(found.Requests), 1)
	over("errors", thresholds.Errors, float64(found.Requests-found.Answered)/requests)
	achieved := float64(found.Answered) / requests
	if thresholds.Achieved != nil && achieved < *thresholds.Achieved {
		words = append(words, fmt.Sprintf("achieved is %.4g, and must be %.4g", achieved, *thresholds.Achieved))
	}
	if found.Requests == 0 {
		words = append(words, "no request was sent")
	}
	return words
}

// writeMarkdown writes a report for people.
func writeMarkdown(to io.Writer, report Report) {
	fmt.Fprintf(to, "## %s\n\n%s, %.0f s from %s, seed %d\n\n", report.Scenario, report.Target, report.Seconds,
		report.Began.UTC().Format(time.RFC3339), report.Seed)
	head := "| | requests | answered a second | p50 ms | p95 ms | p99 ms | max ms | first event p95 ms | errors |\n" +
		"|---|---|---|---|---|---|---|---|---|\n"
	fmt.Fprint(to, head)
	writeRow(to, "all", report.All)
	for _, name := range sortedKeys(report.Operations) {
		writeRow(to, name, report.Operations[name])
	}
	if len(report.Windows) > 1 {
		fmt.Fprint(to, "\n", strings.Replace(head, "| |", "| from s |", 1))
		for _, window := range report.Windows {
			writeRow(to, fmt.Sprintf("%.0f", window.FromSeconds), window.Figures)
		}
	}
	if report.Knee != nil {
		fmt.Fprintf(to, "\nThe knee: %.1f a second at p95 %.1f ms.\n", report.Knee.Throughput, report.Knee.Latency.P95)
	}
	for _, words := range report.Missed {
		fmt.Fprintf(to, "\nMissed: %s.\n", words)
	}
}

func writeRow(to io.Writer, name string, figures Figures) {
	first, failed := "", []string{}
	if figures.FirstEvent != nil {
		first = fmt.Sprintf("%.1f", figures.FirstEvent.P95)
	}
	for _, kind := range sortedKeys(figures.Errors) {
		failed = append(failed, fmt.Sprintf("%d %s", figures.Errors[kind], kind))
	}
	fmt.Fprintf(to, "| %s | %d | %.1f | %.1f | %.1f | %.1f | %.1f | %s | %s |\n", name, figures.Requests, figures.Throughput,
		figures.Latency.P50, figures.Latency.P95, figures.Latency.P99, figures.Latency.Max, first, strings.Join(failed, ", "))
}
