package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const events = "text/event-stream"

// Outcome is what became of one request; times count from when it was due.
type Outcome struct {
	Operation string
	Due       time.Duration // since the run began
	Late      time.Duration // from due to sent: the tool's own delay
	First     time.Duration // to the first event of a stream, otherwise to the answer's head
	Whole     time.Duration // to the end of the answer
	Error     string        // empty, or its kind
}

// Asker sends requests of one run to its targets in turn.
type Asker struct {
	client  *http.Client
	targets []*url.URL
	key     string
	limit   time.Duration
}

// newAsker keeps as many connections as there are requests under way.
func newAsker(targets []*url.URL, key string, limit time.Duration, most int) *Asker {
	transport := &http.Transport{
		MaxIdleConns:        most,
		MaxIdleConnsPerHost: most,
		IdleConnTimeout:     time.Minute,
		DisableCompression:  true,
	}
	return &Asker{&http.Client{Transport: transport}, targets, key, limit}
}

// ask sends one request that was due at that time, and reads the whole answer.
func (a *Asker) ask(ctx context.Context, operation Operation, turn int, due time.Time) Outcome {
	outcome := Outcome{Operation: operation.Name, Late: time.Since(due)}
	ctx, cancel := context.WithTimeout(ctx, a.limit)
	defer cancel()
	first, err := a.exchange(ctx, operation, turn)
	outcome.Whole = time.Since(due)
	outcome.First = outcome.Whole
	if !first.IsZero() {
		outcome.First = first.Sub(due)
	}
	if err != nil {
		outcome.Error = kindOf(err)
	}
	return outcome
}

func (a *Asker) exchange(ctx context.Context, operation Operation, turn int) (time.Time, error) {
	request, err := a.request(ctx, operation, turn)
	if err != nil {
		return time.Time{}, err
	}
	answer, err := a.client.Do(request)
	if err != nil {
		return time.Time{}, err
	}
	defer answer.Body.Close()
	first, body, err := readAll(answer)
	if err != nil {
		return first, err
	}
	if answer.StatusCode >= 300 {
		return first, statusError(answer.StatusCode)
	}
	if !bytes.Contains(body, []byte(operation.Expect)) {
		return first, errUnexpected
	}
	return first, nil
}

func (a *Asker) request(ctx context.Context, operation Operation, turn int) (*http.Request, error) {
	var body io.Reader
	if len(operation.Bodies) > 0 {
		text, err := json.Marshal(operation.Bodies[turn/len(a.targets)%len(operation.Bodies)])
		if err != nil {
			return nil, err
		}
		body = bytes.NewReader(text)
	}
	address := strings.TrimSuffix(a.targets[turn%len(a.targets)].String(), "/") + operation.Path
	request, err := http.NewRequestWithContext(ctx, operation.Method, address, body)
	if err != nil {
		return nil, err
	}
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	if operation.Accept != "" {
		request.Header.Set("Accept", operation.Accept)
	}
	if a.key != "" {
		request.Header.Set("Authorization", "Bearer "+a.key)
	}
	return request, nil
}

// readAll reads an answer, and tells when its first event came, or its head where it is no stream.
func readAll(answer *http.Response) (time.Time, []byte, error) {
	first := time.Now()
	if !strings.HasPrefix(answer.Header.Get("Content-Type"), events) {
		body, err := io.ReadAll(answer.Body)
		return first, body, err
	}
	reader, whole := bufio.NewReader(answer.Body), bytes.Buffer{}
	first = time.Time{}
	for {
		line, err := reader.ReadBytes('\n')
		whole.Write(line)
		if first.IsZero() && len(bytes.TrimSpace(line)) == 0 && whole.Len() > len(line) {
			first = time.Now()
		}
		if errors.Is(err, io.EOF) {
			return first, whole.Bytes(), nil
		}
		if err != nil {
			return first, whole.Bytes(), err
		}
	}
}

var errUnexpected = errors.New("unexpected answer")

type statusError int

func (s statusError) Error() string { return fmt.Sprintf("status %d", int(s)) }

func kindOf(err error) string {
	var status statusError
	switch {
	case errors.As(err, &status), errors.Is(err, errUnexpected):
		return err.Error()
	case errors.Is(err, context.DeadlineExceeded):
		return "too slow"
	default:
		return "no answer"
	}
}
