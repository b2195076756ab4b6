package drills

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"time"

	"enterprise-openai/internal/azure/accounts"
)

// samples is how many streams the first byte is timed on.
const samples = 7

// firstBytes times, on the machine's clock, the first byte of streams through the gateway and straight from the account.
func firstBytes(ctx context.Context, site *Site, f *findings, m *StreamingMeasured) error {
	g, err := site.openReal(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = g.Close() }()
	if err := g.plenty(); err != nil {
		return err
	}
	callers, err := g.callers()
	if err != nil {
		return err
	}
	i := slices.IndexFunc(callers, func(c caller) bool { return !c.embed && !site.Settings.LogsAnswers(c.product) })
	if i < 0 {
		m.NotTried = "the bodies of all answers are logged"
		return nil
	}
	a := callers[i].ask
	// The account takes its time for every event: a first byte that waits for the rest is seen at once.
	const pause = 20 * time.Millisecond
	if err := g.Models.Script(accounts.Fault{Kind: accounts.FaultSlowBody, Delay: pause}); err != nil {
		return err
	}
	a.stream, a.prompt = true, accounts.MarkAnswer.With("10")
	listener, err := g.Open(ctx, placeOfCallers(site), "127.0.0.1:0", site.CA)
	if err != nil {
		return err
	}
	defer func() { _ = listener.Close() }()
	client := listener.Client()
	var through, straight, whole []time.Duration
	for range samples {
		first, all, err := timed(ctx, client, g.HostName, a)
		if err != nil {
			return err
		}
		through, whole = append(through, first), append(whole, all)
		if first, err = g.straight(ctx, a); err != nil {
			return err
		}
		straight = append(straight, first)
	}
	added := median(through) - median(straight)
	m.FirstByte = &FirstByteMeasured{ThroughMs: ms(median(through)), AccountMs: ms(median(straight)), WholeMs: ms(median(whole))}
	if added > median(whole)/2 {
		f.add("the first byte came %s after the account's, of a stream that took %s: it waited for the rest", added.Round(time.Millisecond), median(whole).Round(time.Millisecond))
	}
	return nil
}

func timed(ctx context.Context, client *http.Client, host string, a ask) (first, all time.Duration, err error) {
	r, err := a.request(ctx, "https://"+host)
	if err != nil {
		return 0, 0, err
	}
	start := time.Now()
	res, err := client.Do(r)
	if err != nil {
		return 0, 0, err
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusOK {
		return 0, 0, fmt.Errorf("a stream was answered %d", res.StatusCode)
	}
	one := make([]byte, 1)
	if _, err := io.ReadFull(res.Body, one); err != nil {
		return 0, 0, fmt.Errorf("first byte: %w", err)
	}
	first = time.Since(start)
	_, err = io.Copy(io.Discard, res.Body)
	return first, time.Since(start), err
}

// straight is the first byte's time without the gateway: the call that the gateway makes.
func (g *sandbox) straight(ctx context.Context, a ask) (time.Duration, error) {
	token, err := g.GatewayToken("https://cognitiveservices.azure.com")
	if err != nil {
		return 0, err
	}
	for _, account := range g.arm.Resources(accountType) {
		served, ok := g.Models.Account(account.Name)
		if !ok || !slices.ContainsFunc(served.Deployments, func(d accounts.Deployment) bool { return d.Name == a.deployment }) {
			continue
		}
		a.base, a.surface, a.key, a.token = "", dated, "", token
		client := &http.Client{Transport: g.Models.Transport(accounts.PrivateEndpoint)}
		first, _, err := timed(ctx, client, served.Host(), a)
		return first, err
	}
	return 0, fmt.Errorf("no account has deployment %s", a.deployment)
}

func median(list []time.Duration) time.Duration {
	sorted := slices.Sorted(slices.Values(list))
	return sorted[len(sorted)/2]
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
