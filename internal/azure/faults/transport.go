package faults

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"

	"enterprise-openai/internal/azure/arm"
)

// Script is a list of rules at work. It is safe for concurrent use.
type Script struct {
	mu    sync.Mutex
	rules []*atWork
	stuck map[string]bool // paths of operations that never end
}

// atWork is a rule and what it has done.
type atWork struct {
	Rule
	seen    int
	perID   map[string]int
	outcome Outcome
}

// New makes a script of rules. All that is wrong with them is reported at once.
func New(rules ...Rule) (*Script, error) {
	s := &Script{stuck: map[string]bool{}}
	return s, s.Set(rules...)
}

// Set replaces the rules; what the old ones did is forgotten. On an error the old ones stay.
func (s *Script) Set(rules ...Rule) error {
	var problems []error
	all := make([]*atWork, 0, len(rules))
	for i, r := range rules {
		problems = append(problems, r.complete())
		all = append(all, &atWork{Rule: r, perID: map[string]int{}, outcome: Outcome{Rule: r, Number: i + 1, Types: map[string]int{}}})
	}
	if err := errors.Join(problems...); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rules = all
	return nil
}

// Transport puts the script on the way to next. Kill ends the engine that sends the requests.
func (s *Script) Transport(next http.RoundTripper, kill func() error) http.RoundTripper {
	return &transport{script: s, next: next, kill: kill}
}

type transport struct {
	script *Script
	next   http.RoundTripper
	kill   func() error
}

// RoundTrip sends a request, or does to it what the first rule says that matches.
func (t *transport) RoundTrip(r *http.Request) (*http.Response, error) {
	if t.script.isStuck(r.URL.Path) {
		return answer(r, http.StatusOK, map[string]any{"status": "InProgress"}), nil
	}
	rule := t.script.take(r)
	if rule == nil {
		return t.next.RoundTrip(r)
	}
	resp, err := t.broken(rule, r)
	if err != nil {
		return nil, &brokenError{rule: rule, err: err}
	}
	resp.Header.Set(ruleHeader, strconv.Itoa(rule.outcome.Number))
	return resp, nil
}

func (t *transport) broken(rule *atWork, r *http.Request) (*http.Response, error) {
	switch rule.Fault {
	case Throttled:
		resp := refusal(r, http.StatusTooManyRequests, "TooManyRequests", "The request is being throttled.")
		resp.Header.Set("Retry-After", strconv.Itoa(int(rule.RetryAfter.Seconds())))
		return resp, nil
	case Refused:
		return refusal(r, rule.Status, rule.Code, rule.Message), nil
	case Broken:
		return refusal(r, http.StatusInternalServerError, "InternalServerError", "An internal server error occurred."), nil
	case TimedOut:
		return nil, &net.OpError{Op: "read", Net: "tcp", Err: os.ErrDeadlineExceeded}
	case Lost:
		return nil, t.swallow(r)
	case Failed:
		return t.next.RoundTrip(r.WithContext(arm.Failing(r.Context(), rule.Code, rule.Message)))
	case Stuck:
		resp, err := t.next.RoundTrip(r)
		if err == nil {
			t.script.neverEnds(resp)
		}
		return resp, err
	case Killed:
		return nil, errors.Join(errKilled, t.kill())
	case KilledAfter:
		_ = t.swallow(r) // what was answered, nobody hears
		return nil, errors.Join(errKilled, t.kill())
	}
	return nil, fmt.Errorf("fault %q", rule.Fault) // complete refuses it
}

var errKilled = errors.New("the engine was killed")

// swallow lets a request be done and loses the answer.
func (t *transport) swallow(r *http.Request) error {
	resp, err := t.next.RoundTrip(r)
	if err != nil {
		return err
	}
	if err := resp.Body.Close(); err != nil {
		return err
	}
	return &net.OpError{Op: "read", Net: "tcp", Err: os.NewSyscallError("read", syscall.ECONNRESET)}
}

// take finds the rule whose turn it is and counts the match.
func (s *Script) take(r *http.Request) *atWork {
	id, err := arm.ParseID(strings.TrimRight(r.URL.Path, "/"))
	if r.Method == http.MethodPost {
		id, err = arm.ParseID(subjectOf(r.URL.Path))
	}
	if err != nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var turn *atWork
	for _, rule := range s.rules {
		if !rule.matches(r.Method, id) {
			continue
		}
		rule.seen++
		nth := rule.seen
		if rule.Each {
			rule.perID[id.Key()]++
			nth = rule.perID[id.Key()]
		}
		if turn == nil && nth >= rule.Nth && nth < rule.Nth+rule.Count {
			turn = rule
			rule.broke(r.Method, id)
		}
	}
	return turn
}

// subjectOf is the path of the resource whose action is asked for.
func subjectOf(action string) string {
	action = strings.TrimRight(action, "/")
	return action[:max(strings.LastIndexByte(action, '/'), 0)]
}

// neverEnds remembers the operation of an answer.
func (s *Script) neverEnds(resp *http.Response) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, header := range []string{"Azure-AsyncOperation", "Location"} {
		if at := resp.Header.Get(header); at != "" {
			_, rest, _ := strings.Cut(at, "//")
			_, way, _ := strings.Cut(rest, "/")
			way, _, _ = strings.Cut(way, "?")
			s.stuck["/"+way] = true
		}
	}
}

func (s *Script) isStuck(path string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stuck[path]
}

// ruleHeader marks the answers that a rule made, for what they cost.
const ruleHeader = "X-Rehearsal-Fault"

// brokenError marks the errors that a rule made.
type brokenError struct {
	rule *atWork
	err  error
}

// Error is the network's own text.
func (e *brokenError) Error() string { return e.err.Error() }

// Unwrap is the network's error.
func (e *brokenError) Unwrap() error { return e.err }

func refusal(r *http.Request, status int, code, message string) *http.Response {
	return answer(r, status, map[string]any{"error": map[string]any{"code": code, "message": message}})
}

func answer(r *http.Request, status int, body any) *http.Response {
	data, _ := json.Marshal(body) // texts and numbers, which always are JSON
	return &http.Response{
		StatusCode: status, Status: strconv.Itoa(status) + " " + http.StatusText(status), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{"Content-Type": {"application/json; charset=utf-8"}}, Request: r,
		Body: io.NopCloser(bytes.NewReader(data)), ContentLength: int64(len(data)),
	}
}

var _ http.RoundTripper = (*transport)(nil)
