package drills

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"

	"enterprise-openai/internal/azure/accounts"
	"enterprise-openai/internal/azure/apim"
)

// keptCalls is how many calls a live page shows.
const keptCalls = 50

// Live is what happens on a stack that is served: its last calls, and the regions that somebody cut.
type Live struct {
	// Regions are in the order of their names, Calls the last ones, the newest first.
	Regions []LiveRegion `json:"regions"`
	Calls   []LiveCall   `json:"calls"`
}

// LiveRegion is a region with accounts.
type LiveRegion struct {
	Name string `json:"name"`
	Cut  bool   `json:"cut"`
}

// LiveCall is a call that has ended.
type LiveCall struct {
	ID           string    `json:"id"`
	Time         time.Time `json:"time"`
	Subscription string    `json:"subscription"`
	Product      string    `json:"product"`
	Deployment   string    `json:"deployment"`
	Status       int       `json:"status"`
	Milliseconds int64     `json:"milliseconds"`
	// Prompt and Completion count tokens.
	Prompt     int           `json:"prompt"`
	Completion int           `json:"completion"`
	Attempts   []LiveAttempt `json:"attempts"`
	// Asked and Answered are what the log keeps of the messages, as JSON. Products with metadata privacy have neither.
	Asked    string `json:"asked"`
	Answered string `json:"answered"`
}

// LiveAttempt is one request of the gateway to an account.
type LiveAttempt struct {
	Region string `json:"region"`
	// Status is 0 where no answer came.
	Status int `json:"status"`
}

// board keeps what a live page shows, and wakes those who look at it.
type board struct {
	mu    sync.Mutex
	calls []LiveCall
	cut   map[string]bool
	// changed is closed, and replaced, with every change.
	changed chan struct{}
}

func newBoard() *board { return &board{cut: map[string]bool{}, changed: make(chan struct{})} }

// change changes the board and wakes everybody.
func (b *board) change(do func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	do()
	close(b.changed)
	b.changed = make(chan struct{})
}

// Live is the state now, and a channel that is closed when it is no longer this one.
func (v *Served) Live() (Live, <-chan struct{}) {
	regions := map[string]bool{}
	for _, region := range v.sandbox.regionsByHost() {
		regions[region] = true
	}
	v.board.mu.Lock()
	defer v.board.mu.Unlock()
	now := Live{Regions: []LiveRegion{}, Calls: append([]LiveCall{}, v.board.calls...)}
	for region := range regions {
		now.Regions = append(now.Regions, LiveRegion{region, v.board.cut[region]})
	}
	slices.SortFunc(now.Regions, func(a, b LiveRegion) int { return bytes.Compare([]byte(a.Name), []byte(b.Name)) })
	return now, v.board.changed
}

// Cut makes every account of a region answer 503, or lets them answer again.
func (v *Served) Cut(region string, cut bool) error {
	now, _ := v.Live()
	if !slices.ContainsFunc(now.Regions, func(r LiveRegion) bool { return r.Name == region }) {
		return fmt.Errorf("no account is in the region %q", region)
	}
	name := "cut " + region
	v.sandbox.Models.Heal(name)
	if cut {
		fault := accounts.Fault{Name: name, Kind: accounts.FaultStatus, Status: http.StatusServiceUnavailable, Match: accounts.Match{Region: region}}
		if err := v.sandbox.Models.Script(fault); err != nil {
			return err
		}
	}
	v.board.change(func() { v.board.cut[region] = cut })
	return nil
}

// Asked is what became of a prompt.
type Asked struct {
	Status int `json:"status"`
	// Body is the answer as the caller gets it. It is empty for products whose texts nobody keeps.
	Body string `json:"body"`
	// Hidden is why it is empty.
	Hidden string `json:"hidden"`
}

// Ask sends a prompt as a team of Teams, through the gateway.
func (v *Served) Ask(ctx context.Context, team int, prompt string) (Asked, error) {
	if team < 0 || team >= len(v.Teams) {
		return Asked{}, fmt.Errorf("no team %d: there are %d", team, len(v.Teams))
	}
	access := v.Teams[team]
	body := map[string]any{"messages": []any{map[string]any{"role": "user", "content": prompt}}}
	if access.embeds {
		body = map[string]any{"input": prompt}
	}
	text, err := json.Marshal(body)
	if err != nil {
		return Asked{}, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "https://"+v.Host+access.Path, bytes.NewReader(text))
	if err != nil {
		return Asked{}, err
	}
	r.Header.Set("Content-Type", "application/json")
	if access.Key != "" {
		r.Header.Set("api-key", access.Key)
	}
	if access.TokenFile != "" {
		token, err := v.token(access.Product)
		if err != nil {
			return Asked{}, err
		}
		r.Header.Set("Authorization", "Bearer "+token)
	}
	got := v.sandbox.serve(r)
	if !v.showsText(access.Product) && got.status == http.StatusOK {
		return Asked{Status: got.status, Hidden: "texts of the product " + access.Product + " are shown nowhere: its privacy is metadata"}, nil
	}
	return Asked{Status: got.status, Body: got.body}, nil
}

// showsText is whether anybody may see texts of a product. A product that nobody knows shows none.
func (v *Served) showsText(product string) bool {
	for _, p := range v.sandbox.site.Settings.Products {
		if p.Name == product {
			return !private(p)
		}
	}
	return false
}

// note puts a call on the board.
func (v *Served) note(c *apim.CallRecord) {
	call := LiveCall{ID: c.CorrelationID, Time: c.Time, Subscription: c.SubscriptionID, Product: c.ProductID, Status: c.ResponseCode,
		Milliseconds: c.TotalTime.Milliseconds(), Attempts: []LiveAttempt{}}
	regions := v.sandbox.regionsByHost()
	for _, a := range c.Attempts {
		attempt := LiveAttempt{Status: a.Status}
		if u, err := url.Parse(a.URL); err == nil {
			attempt.Region = regions[u.Hostname()]
		}
		call.Attempts = append(call.Attempts, attempt)
	}
	if l := c.LLM; l != nil {
		call.Deployment, call.Prompt, call.Completion = l.Deployment, l.PromptTokens, l.CompletionTokens
		if v.showsText(c.ProductID) {
			call.Asked, call.Answered = l.Request, l.Response
		}
	}
	v.board.change(func() {
		v.board.calls = slices.Insert(v.board.calls, 0, call)
		v.board.calls = v.board.calls[:min(len(v.board.calls), keptCalls)]
	})
}
