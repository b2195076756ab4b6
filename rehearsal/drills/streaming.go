package drills

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"enterprise-openai/internal/azure/accounts"
	"enterprise-openai/internal/azure/dataplane"
)

// streaming lets an account send event by event, and looks whether each one has arrived before the next one leaves.
func streaming() Drill {
	return Drill{
		Name: "streaming",
		Promise: "A stream is passed on as it comes: no event waits for the next one, and the first byte is there as soon as the account sent it; " +
			"where the bodies of answers are logged, events arrive in groups of at most 8.",
		When: Standing,
		Work: with(theSite, tryStreaming),
	}
}

// StreamingMeasured is how streams came.
type StreamingMeasured struct {
	// EventsHeldBack is how many events an account had sent while none arrived, by product.
	EventsHeldBack map[string]int `json:"eventsHeldBack"`
	// FirstByte are times on this machine; nil where no product's answers can be timed.
	FirstByte *FirstByteMeasured `json:"firstByte,omitempty"`
	// NotTried says why there is no FirstByte.
	NotTried string `json:"notTried,omitempty"`
}

// FirstByteMeasured are medians in milliseconds.
type FirstByteMeasured struct {
	ThroughMs float64 `json:"throughMs"`
	AccountMs float64 `json:"accountMs"`
	WholeMs   float64 `json:"wholeMs"`
}

func tryStreaming(ctx context.Context, site *Site, f *findings) (m *StreamingMeasured, err error) {
	m = &StreamingMeasured{}
	if m.EventsHeldBack, err = stepwise(ctx, site, f); err != nil {
		return nil, err
	}
	return m, firstBytes(ctx, site, f, m)
}

// eventWait is how long an event may take through this machine before it counts as held back.
const eventWait = 2 * time.Second

// loggedGroup is how many events may wait for each other where the bodies of answers are logged, as Azure collects them.
const loggedGroup = 8

// stepwise is on a modelled clock: the account waits before every event until the drill lets it go on, which it does only
// when the event before has arrived, or where bodies are logged, when fewer than a group have not. It measures for each product
// how many events were sent while none arrived.
func stepwise(ctx context.Context, site *Site, f *findings) (heldBack map[string]int, err error) {
	heldBack = map[string]int{}
	waiting := make(stepping)
	g, err := site.open(ctx, func(g *sandbox) error { g.time = &markedClock{g.clock, stepDelay, waiting.wait}; return nil })
	if err != nil {
		return nil, err
	}
	defer func() { _ = g.Close() }()
	listener, err := g.Open(ctx, placeOfCallers(site), "127.0.0.1:0", site.CA)
	if err != nil {
		return nil, err
	}
	defer func() { _ = listener.Close() }()
	callers, err := g.callers()
	if err != nil {
		return nil, err
	}
	if err := g.Models.Script(accounts.Fault{Kind: accounts.FaultSlowBody, Delay: stepDelay}); err != nil {
		return nil, err
	}
	for _, c := range callers {
		if c.embed {
			continue
		}
		for _, on := range []surface{dated, v1} {
			c.surface, c.stream, c.prompt = on, true, accounts.MarkAnswer.With("4")
			allowed := 0
			if site.Settings.LogsAnswers(c.product) {
				allowed, c.prompt = loggedGroup-1, accounts.MarkAnswer.With("12")
			}
			held, err := g.steps(ctx, waiting, listener, c.ask, allowed)
			if err != nil {
				return nil, fmt.Errorf("stream of %s on the %s surface: %w", c.product.Name, on, err)
			}
			heldBack[c.product.Name] = max(heldBack[c.product.Name], held)
			if held > allowed {
				f.add("%s, %s surface: the account had sent %d events, and %s later its caller had got none of them; at most %d may wait",
					c.product.Name, on, held, eventWait, allowed)
			}
		}
	}
	return heldBack, nil
}

// stepDelay is what the account waits before each event; its length distinguishes it from other waits.
const stepDelay = 12345 * time.Second

// stepping hands each wait of an account to the drill, which closes the channel it gets to end the wait.
type stepping chan chan struct{}

func (s stepping) wait(ctx context.Context) error {
	release := make(chan struct{})
	select {
	case s <- release:
	case <-ctx.Done():
		return ctx.Err()
	}
	<-release
	return nil
}

// placeOfCallers is where callers stand who can reach the gateway.
func placeOfCallers(site *Site) dataplane.Place {
	if site.Settings.Gateway.Mode.IsInternal() {
		return dataplane.Inside
	}
	return dataplane.Outside
}

// steps lets the account send one event after the other, and gives the most that it had sent while none of them arrived. It
// waits for an event to arrive once more than the allowed number are on their way.
func (g *sandbox) steps(ctx context.Context, s stepping, listener *dataplane.Listener, a ask, allowed int) (held int, err error) {
	ctx, cancel := context.WithCancel(ctx)
	lines, ended := make(chan string, 100), make(chan struct{})
	var failure error
	go func() {
		defer close(ended)
		failure = readEvents(ctx, listener, g.HostName, a, lines)
	}()
	defer func() {
		cancel()
		s.releaseUntil(ended)
	}()
	for sent := 0; ; {
		select {
		case release := <-s:
			close(release)
		case <-ended:
			return held, failure
		case <-time.After(eventWait):
			return held, errors.New("the account neither sent nor ended")
		}
		sent++
		wait := eventWait
		if sent <= allowed {
			wait = 0
		}
		select {
		case <-lines:
			for len(lines) > 0 {
				<-lines
			}
			sent = 0
		case <-ended:
			return held, failure
		case <-time.After(wait):
			if held = max(held, sent); sent > allowed {
				return held, nil
			}
		}
	}
}

// releaseUntil lets an account that still waits go on, until its caller has gone and a moment longer.
func (s stepping) releaseUntil(ended <-chan struct{}) {
	after := time.After(50 * time.Millisecond)
	for ended != nil || after != nil {
		select {
		case release := <-s:
			close(release)
		case <-ended:
			ended = nil
		case <-after:
			after = nil
		}
	}
}

func readEvents(ctx context.Context, listener *dataplane.Listener, host string, a ask, lines chan<- string) error {
	r, err := a.request(ctx, "https://"+host)
	if err != nil {
		return err
	}
	res, err := listener.Client().Do(r)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("status %d", res.StatusCode)
	}
	events := bufio.NewScanner(res.Body)
	for events.Scan() {
		if strings.HasPrefix(events.Text(), "data:") {
			select {
			case lines <- events.Text():
			case <-ctx.Done():
				return ctx.Err()
			}
		}
	}
	return events.Err()
}
