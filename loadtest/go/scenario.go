package main

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"sort"
	"time"

	"go.yaml.in/yaml/v3"
)

// Operation is one kind of request, and the bodies that take turns in it.
type Operation struct {
	Name   string           `yaml:"-"`
	Method string           `yaml:"method"`
	Path   string           `yaml:"path"`
	Accept string           `yaml:"accept"`
	Expect string           `yaml:"expect"`
	Bodies []map[string]any `yaml:"bodies"`
}

// Stage is a time at one rate of arrivals a second, or from one rate to another.
type Stage struct {
	Seconds float64  `yaml:"seconds"`
	Rate    float64  `yaml:"rate"`
	To      *float64 `yaml:"to"`
}

// Thresholds are what a run must keep; nil asks nothing.
type Thresholds struct {
	P50      *float64 `yaml:"p50_ms"`
	P95      *float64 `yaml:"p95_ms"`
	P99      *float64 `yaml:"p99_ms"`
	Errors   *float64 `yaml:"errors"`
	Achieved *float64 `yaml:"achieved"`
}

// Scenario is what comes, how fast, and what it must find.
type Scenario struct {
	Name       string         `yaml:"-"`
	About      string         `yaml:"about"`
	Stages     []Stage        `yaml:"stages"`
	Mix        map[string]int `yaml:"mix"`
	Think      []float64      `yaml:"think_seconds"`
	Thresholds Thresholds     `yaml:"thresholds"`
}

// readScenario reads one scenario of a file, with the operations of its mix.
func readScenario(scenarios, requests, name string) (Scenario, []Operation, error) {
	var known map[string]Scenario
	if err := readYAML(scenarios, &known); err != nil {
		return Scenario{}, nil, err
	}
	scenario, found := known[name]
	if !found {
		return scenario, nil, fmt.Errorf("no scenario %q in %s: it has %v", name, scenarios, sortedKeys(known))
	}
	scenario.Name = name
	var operations map[string]Operation
	if err := readYAML(requests, &operations); err != nil {
		return scenario, nil, err
	}
	asked, err := scenario.operations(operations)
	if err != nil {
		return scenario, nil, fmt.Errorf("scenario %q: %w", name, err)
	}
	return scenario, asked, scenario.check()
}

func readYAML(path string, into any) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	decoder := yaml.NewDecoder(file)
	decoder.KnownFields(true)
	if err := decoder.Decode(into); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

func (s Scenario) operations(known map[string]Operation) ([]Operation, error) {
	var asked []Operation
	for _, name := range sortedKeys(s.Mix) {
		operation, found := known[name]
		if !found {
			return nil, fmt.Errorf("its mix names %q, which is none of %v", name, sortedKeys(known))
		}
		operation.Name = name
		for range s.Mix[name] {
			asked = append(asked, operation)
		}
	}
	if len(asked) == 0 {
		return nil, errors.New("its mix asks nothing")
	}
	return asked, nil
}

func (s Scenario) check() error {
	if len(s.Stages) == 0 {
		return fmt.Errorf("scenario %q has no stages", s.Name)
	}
	for number, stage := range s.Stages {
		if stage.Seconds <= 0 || stage.Rate <= 0 || (stage.To != nil && *stage.To <= 0) {
			return fmt.Errorf("stage %d of %q: seconds and rates must be above 0", number+1, s.Name)
		}
	}
	return nil
}

// arrivals are when requests are due, counted from the start: evenly, whatever becomes of those before.
func (s Scenario) arrivals() []time.Duration {
	var due []time.Duration
	begun := 0.0
	for _, stage := range s.Stages {
		for number := range stage.count() {
			due = append(due, seconds(begun+stage.due(float64(number))))
		}
		begun += stage.Seconds
	}
	return due
}

// length is how long arrivals come.
func (s Scenario) length() time.Duration {
	total := 0.0
	for _, stage := range s.Stages {
		total += stage.Seconds
	}
	return seconds(total)
}

// climbs says whether a stage goes to a higher rate, so that a knee can be looked for.
func (s Scenario) climbs() bool {
	return slices.ContainsFunc(s.Stages, func(stage Stage) bool { return stage.end() > stage.Rate })
}

func (s Stage) end() float64 {
	if s.To == nil {
		return s.Rate
	}
	return *s.To
}

func (s Stage) count() int {
	return int(math.Round((s.Rate + s.end()) / 2 * s.Seconds))
}

// due solves rate*t + slope*t*t/2 = number for t.
func (s Stage) due(number float64) float64 {
	slope := (s.end() - s.Rate) / s.Seconds
	if math.Abs(slope) < 1e-12 {
		return number / s.Rate
	}
	inside := math.Max(s.Rate*s.Rate+2*slope*number, 0)
	return (math.Sqrt(inside) - s.Rate) / slope
}

// turns puts the operations of a mix in an order that is random, and the same for the same seed.
func turns(mix []Operation, count int, seed uint64) []Operation {
	random := rand.New(rand.NewPCG(seed, 0))
	drawn := make([]Operation, 0, count+len(mix))
	for len(drawn) < count {
		round := slices.Clone(mix)
		random.Shuffle(len(round), func(a, b int) { round[a], round[b] = round[b], round[a] })
		drawn = append(drawn, round...)
	}
	return drawn[:count]
}

func seconds(number float64) time.Duration {
	return time.Duration(number * float64(time.Second))
}

func sortedKeys[V any](from map[string]V) []string {
	keys := make([]string, 0, len(from))
	for key := range from {
		keys = append(keys, key)
	}
	sort.Strings(keys)
	return keys
}
