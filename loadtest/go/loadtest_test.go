package main

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func constant(rate, length float64) Scenario {
	return Scenario{Name: "constant", Stages: []Stage{{Seconds: length, Rate: rate}}}
}

func TestArrivalsAreEvenWhateverBecomesOfThoseBefore(t *testing.T) {
	due := constant(50, 2).arrivals()
	if len(due) != 100 || due[0] != 0 || due[99] != 1980*time.Millisecond {
		t.Fatalf("%d arrivals from %v to %v", len(due), due[0], due[len(due)-1])
	}
}

func TestAStageThatClimbsSendsItsAverageRate(t *testing.T) {
	to := 30.0
	due := Scenario{Stages: []Stage{{Seconds: 4, Rate: 10, To: &to}}}.arrivals()
	firstHalf, _ := slices.BinarySearch(due, 2*time.Second)
	if len(due) != 80 || firstHalf != 30 {
		t.Fatalf("%d arrivals, %d of them in the first half", len(due), firstHalf)
	}
	if !slices.IsSorted(due) || due[len(due)-1] >= 4*time.Second {
		t.Fatalf("arrivals end at %v", due[len(due)-1])
	}
}

func TestTheMixIsKeptAndTheSameForASeed(t *testing.T) {
	mix := []Operation{{Name: "a"}, {Name: "a"}, {Name: "b"}}
	names := func(seed uint64) (list []string) {
		for _, each := range turns(mix, 30, seed) {
			list = append(list, each.Name)
		}
		return list
	}
	drawn := names(1)
	if got := strings.Count(strings.Join(drawn, ""), "b"); got != 10 {
		t.Fatalf("%d of 30 are b", got)
	}
	if !slices.Equal(drawn, names(1)) || slices.Equal(drawn, names(2)) {
		t.Fatal("the order must follow from the seed")
	}
}

func TestTheFilesOfTheProjectAreRead(t *testing.T) {
	for _, name := range []string{"steady", "constant", "spike", "soak", "ramp"} {
		if _, mix, err := readScenario("../scenarios.yaml", "../requests.yaml", name); err != nil || len(mix) == 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAScenarioThatCannotBeIsRefusedInWords(t *testing.T) {
	scenarios := filepath.Join(t.TempDir(), "scenarios.yaml")
	text := "a: {stages: [{seconds: 1, rate: 1}], mix: {dance: 1}}\nb: {stages: [{seconds: 0, rate: 1}], mix: {towns: 1}}\n"
	if err := os.WriteFile(scenarios, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, words := range map[string]string{"a": `names "dance"`, "b": "above 0", "c": `no scenario "c"`} {
		_, _, err := readScenario(scenarios, "../requests.yaml", name)
		if err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAHostOutsideIsRefusedUnlessItIsNamedTwice(t *testing.T) {
	outside := "http://192.0.2.7:8080"
	if _, err := aimedAt(t.Context(), outside, nil); err == nil || !strings.Contains(err.Error(), "--host 192.0.2.7") {
		t.Errorf("refused with %v", err)
	}
	if _, err := aimedAt(t.Context(), outside, []string{"192.0.2.7"}); err != nil {
		t.Error(err)
	}
	if _, err := aimedAt(t.Context(), "http://127.0.0.1:1", nil); err != nil {
		t.Error(err)
	}
	if _, err := aimedAt(t.Context(), "localhost", nil); err == nil {
		t.Error("an address without a scheme must be refused")
	}
}

func TestEveryOneOfSeveralTargetsIsLookedAt(t *testing.T) {
	targets, err := allAimedAt(t.Context(), "http://127.0.0.1:1,http://127.0.0.1:2", nil)
	if err != nil || len(targets) != 2 {
		t.Errorf("%v: %v", targets, err)
	}
	if _, err := allAimedAt(t.Context(), "http://127.0.0.1:1,http://192.0.2.7:2", nil); err == nil {
		t.Error("one of them is outside")
	}
}

func TestSeveralTargetsAreAskedInTurn(t *testing.T) {
	asked := make(chan string, 10)
	answering := func(name string) *url.URL {
		server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked <- name }))
		t.Cleanup(server.Close)
		return must(url.Parse(server.URL))
	}
	asker := newAsker([]*url.URL{answering("a"), answering("b")}, "", time.Second, 10)
	for turn := range 4 {
		asker.ask(t.Context(), Operation{Method: "GET"}, turn, time.Now())
	}
	close(asked)
	names := ""
	for name := range asked {
		names += name
	}
	if names != "abab" {
		t.Fatal(names)
	}
}

func TestRatesOfTheCallerTakeThePlaceOfAScenariosOwn(t *testing.T) {
	to := 90.0
	climbing := Scenario{Stages: []Stage{{Seconds: 60, Rate: 5, To: &to}}}
	found, err := climbing.with(10, 40, 20)
	if stage := found.Stages[0]; err != nil || stage.Rate != 10 || *stage.To != 40 || stage.Seconds != 20 || to != 90 {
		t.Fatalf("%+v: %v", found, err)
	}
	several := Scenario{Name: "spike", Stages: []Stage{{Seconds: 1, Rate: 1}, {Seconds: 1, Rate: 2}}}
	if _, err := several.with(10, 0, 0); err == nil || !strings.Contains(err.Error(), `"spike" has 2`) {
		t.Fatal(err)
	}
}

// A server that stands still for a while must show in the latencies of all that were due meanwhile.
func TestLatencyCountsFromWhenARequestWasDue(t *testing.T) {
	stall := time.Now().Add(300 * time.Millisecond)
	outcomes := against(t, constant(100, 1), Operation{Name: "a", Method: "GET", Expect: "ok"},
		func(w http.ResponseWriter, _ *http.Request) {
			time.Sleep(time.Until(stall))
			fmt.Fprint(w, "ok")
		})
	slow := 0
	for _, outcome := range outcomes {
		if outcome.Error != "" {
			t.Fatal(outcome.Error)
		}
		if outcome.Whole > 50*time.Millisecond {
			slow++
		}
	}
	if slow < 15 {
		t.Fatalf("%d of 100 waited for the server to go on", slow)
	}
}

func TestTheFirstEventOfAStreamIsTimedApart(t *testing.T) {
	operation := Operation{Name: "a", Method: "POST", Accept: events, Expect: "result", Bodies: []map[string]any{{"x": 1}}}
	outcomes := against(t, constant(5, 0.2), operation, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", events)
		fmt.Fprint(w, "event: stage\ndata: {}\n\n")
		w.(http.Flusher).Flush()
		time.Sleep(100 * time.Millisecond)
		fmt.Fprint(w, "event: result\ndata: {}\n\n")
	})
	if outcomes[0].Error != "" || outcomes[0].Whole-outcomes[0].First < 50*time.Millisecond {
		t.Fatalf("%+v", outcomes[0])
	}
}

func TestWhatWentWrongIsCountedByItsKind(t *testing.T) {
	answers := []int{200, 503, 200, 200}
	turn := make(chan int, len(answers))
	for number := range answers {
		turn <- number
	}
	outcomes := against(t, constant(20, 0.2), Operation{Name: "a", Method: "GET", Expect: "ok"},
		func(w http.ResponseWriter, _ *http.Request) {
			number := <-turn
			w.WriteHeader(answers[number])
			fmt.Fprint(w, map[bool]string{true: "bad", false: "ok"}[number == 2])
		})
	figures := summary(outcomes, 0.2, nil)
	if figures.Errors["status 503"] != 1 || figures.Errors["unexpected answer"] != 1 || figures.Answered != 2 {
		t.Fatalf("%+v", figures)
	}
	most := 0.01
	words := missed(Thresholds{Errors: &most, Achieved: &most}, figures)
	if len(words) != 1 || !strings.HasPrefix(words[0], "errors is 0.5") {
		t.Fatal(words)
	}
}

func TestARunThatIsEndedReportsWhatItSent(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	scenario := constant(10, 60)
	due := scenario.arrivals()
	outcomes := run(ctx, askerOf(t, func(w http.ResponseWriter, _ *http.Request) {}), due, make([]Operation, len(due)), 10)
	if len(outcomes) == 0 || len(outcomes) > 3 {
		t.Fatalf("%d were sent", len(outcomes))
	}
}

func TestTheKneeIsTheBusiestWindowBeforeAnswersFellBehind(t *testing.T) {
	window := func(from float64, requests, answered int, p95 float64) Window {
		return Window{from, Figures{
			Requests: requests, Answered: answered, Throughput: float64(answered), Latency: Latency{P95: p95},
		}}
	}
	found := knee([]Window{window(0, 10, 10, 20), window(1, 20, 20, 40), window(2, 30, 30, 90), window(3, 25, 25, 30)})
	if found == nil || found.FromSeconds != 1 {
		t.Fatalf("%+v", found)
	}
}

func against(t *testing.T, scenario Scenario, operation Operation, handler http.HandlerFunc) []Outcome {
	t.Helper()
	due := scenario.arrivals()
	return run(t.Context(), askerOf(t, handler), due, turns([]Operation{operation}, len(due), 1), 1000)
}

func askerOf(t *testing.T, handler http.HandlerFunc) *Asker {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return newAsker([]*url.URL{must(url.Parse(server.URL))}, "", 5*time.Second, 1000)
}

func must[V any](value V, err error) V {
	if err != nil {
		panic(err)
	}
	return value
}
