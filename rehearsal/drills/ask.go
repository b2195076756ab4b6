package drills

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"time"

	"enterprise-openai/internal/azure/dataplane"
	"enterprise-openai/internal/azure/entra"
	"enterprise-openai/stacks"
)

// surface is one of the two ways to name a deployment.
type surface string

const (
	dated surface = "dated" // /openai/deployments/{deployment}/…
	v1    surface = "v1"    // /openai/v1/… with the model in the body
)

// datedVersion is the api-version of calls on the dated surface.
const datedVersion = "2024-10-21"

// ask is one call of a client.
type ask struct {
	// base is what the path begins with: empty, or the base path of the product (stacks.Settings.BasePath).
	base       string
	surface    surface
	deployment string
	// embed asks for an embedding instead of a chat.
	embed bool
	// respond asks for a response instead of a chat; it is on v1 alone.
	respond bool
	// media asks for an image or speech instead of a chat.
	media      string
	key, token string
	// keyInQuery sends the key as a query parameter.
	keyInQuery bool
	// from is the address the call comes from; empty is none, for calls that are made in process.
	from   string
	stream bool
	// system is a message before the prompt; empty is none.
	system    string
	prompt    string
	maxTokens int
}

// What media can be.
const (
	mediaImage  = "images/generations"
	mediaSpeech = "audio/speech"
)

// answer is what the client sees.
type answer struct {
	status int
	header http.Header
	body   string
}

// path is the call's path below the gateway.
func (a ask) path() string {
	base, operation := "/openai", "chat/completions"
	if a.base != "" {
		base = "/" + a.base + base
	}
	switch {
	case a.embed:
		operation = "embeddings"
	case a.respond:
		operation = "responses"
	case a.media != "":
		operation = a.media
	}
	if a.surface == v1 {
		return base + "/v1/" + operation
	}
	return base + "/deployments/" + a.deployment + "/" + operation
}

// request builds the call to a gateway's address.
func (a ask) request(ctx context.Context, address string) (*http.Request, error) {
	prompt := a.prompt
	if prompt == "" {
		prompt = "hello"
	}
	messages := []any{map[string]any{"role": "user", "content": prompt}}
	if a.system != "" {
		messages = slices.Insert(messages, 0, any(map[string]any{"role": "system", "content": a.system}))
	}
	body := map[string]any{"messages": messages}
	if a.embed {
		body = map[string]any{"input": prompt}
	}
	switch a.media {
	case mediaImage:
		body = map[string]any{"prompt": prompt}
	case mediaSpeech:
		body = map[string]any{"input": prompt, "voice": "alloy"}
	}
	if a.surface == v1 {
		body["model"] = a.deployment
	}
	if a.stream {
		body["stream"] = true
	}
	if a.maxTokens > 0 && !a.embed {
		body["max_completion_tokens"] = a.maxTokens
	}
	data, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, address+a.path(), bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	query := r.URL.Query()
	if a.surface != v1 {
		query.Set("api-version", datedVersion)
	}
	if a.key != "" && a.keyInQuery {
		query.Set("api-key", a.key)
	}
	r.URL.RawQuery = query.Encode()
	r.RemoteAddr = a.from
	r.Header.Set("Content-Type", "application/json")
	if a.key != "" && !a.keyInQuery {
		r.Header.Set("api-key", a.key)
	}
	if a.token != "" {
		r.Header.Set("Authorization", "Bearer "+a.token)
	}
	return r, nil
}

// ask sends a call to the gateway in process and reads the whole answer. A cut connection has status -1.
func (g *sandbox) ask(ctx context.Context, a ask) answer {
	r, err := a.request(ctx, "https://"+g.HostName)
	if err != nil {
		return answer{status: -1, body: err.Error()}
	}
	return g.serve(r)
}

// askWith is ask with another body.
func (g *sandbox) askWith(ctx context.Context, a ask, body string) (answer, error) {
	r, err := a.request(ctx, "https://"+g.HostName)
	if err != nil {
		return answer{}, err
	}
	r.Body, r.ContentLength = io.NopCloser(strings.NewReader(body)), int64(len(body))
	return g.serve(r), nil
}

// serve gives a request to the gateway in process.
func (g *sandbox) serve(r *http.Request) (out answer) {
	w := httptest.NewRecorder()
	defer func() {
		// How net/http servers say that a connection was cut.
		if cut := recover(); cut != nil {
			out = answer{status: -1, header: w.Header(), body: w.Body.String()}
		}
	}()
	g.ServeHTTP(w, r)
	return answer{w.Code, w.Header(), w.Body.String()}
}

// failure is the error in the body, in the shape that OpenAI's clients read.
func (a answer) failure() (code, message string) {
	var body struct {
		Error struct{ Code, Message string }
	}
	_ = json.Unmarshal([]byte(a.body), &body) // no error in the body is what the caller then sees
	return body.Error.Code, body.Error.Message
}

// String is the answer as failures quote it.
func (a answer) String() string {
	switch code, _ := a.failure(); {
	case a.status == -1:
		return "a cut connection"
	case code != "":
		return fmt.Sprintf("%d %s", a.status, code)
	}
	return fmt.Sprint(a.status)
}

// usage are the tokens an answer says it cost.
func (a answer) usage() int {
	var body struct {
		Usage struct {
			Total int `json:"total_tokens"`
		}
	}
	_ = json.Unmarshal([]byte(a.body), &body)
	return body.Usage.Total
}

// private is true if no text of the product's calls is logged.
func private(p stacks.Product) bool { return !p.Privacy.KeepsText() }

// embeds says whether a deployment makes embeddings.
func embeds(s stacks.Settings, deployment string) bool {
	return strings.HasPrefix(deployedModel(s, deployment), "text-embedding")
}

// deployedModel is the model of a deployment, which is the same on every account.
func deployedModel(s stacks.Settings, deployment string) string {
	for _, account := range s.Accounts {
		for _, d := range account.Deployments {
			if strings.EqualFold(d.Name, deployment) {
				return d.Model
			}
		}
	}
	return ""
}

// caller is a product together with what it takes to call it.
type caller struct {
	product stacks.Product
	ask
}

// callers are calls that have to succeed: for every product one team's credentials and its first deployment for chat, or if
// it has none, its first.
func (g *sandbox) callers() ([]caller, error) {
	var all []caller
	for _, product := range g.site.Settings.Products {
		c := caller{product, ask{base: g.site.Settings.BasePath(product), surface: dated, deployment: product.Deployments[0]}}
		if i := slices.IndexFunc(product.Deployments, func(d string) bool { return !embeds(g.site.Settings, d) }); i >= 0 {
			c.deployment = product.Deployments[i]
		}
		c.embed = embeds(g.site.Settings, c.deployment)
		var err error
		if product.Authentication.TakesKeys() {
			if c.key, err = g.teamKey("", product.Name); err != nil {
				return nil, err
			}
		}
		if product.Authentication.TakesTokens() {
			if c.token, err = g.people.Token(dataplane.Person{Product: product.Name}, g.longLived()); err != nil {
				return nil, fmt.Errorf("token of a member of %s: %w", product.Name, err)
			}
		}
		all = append(all, c)
	}
	return all, nil
}

// longLived lets a token outlive the drill: that tokens expire is for the drill access to try.
func (g *sandbox) longLived() entra.Spoil {
	now := time.Now()
	if g.clock != nil {
		now = g.clock.Now()
	}
	return entra.WithClaim("exp", now.AddDate(10, 0, 0).Unix())
}

// callerOf is a call to a deployment by somebody who may make it.
func (g *sandbox) callerOf(deployment string) (caller, error) {
	return g.callerWith(deployment, func(p stacks.Product) bool { return slices.Contains(p.Deployments, deployment) })
}

// callerWith is a call to a deployment by somebody whose product is a certain one.
func (g *sandbox) callerWith(deployment string, suits func(stacks.Product) bool) (caller, error) {
	all, err := g.callers()
	if err != nil {
		return caller{}, err
	}
	for _, c := range all {
		if suits(c.product) {
			c.deployment, c.embed = deployment, embeds(g.site.Settings, deployment)
			return c, nil
		}
	}
	return caller{}, fmt.Errorf("no product has deployment %s", deployment)
}
