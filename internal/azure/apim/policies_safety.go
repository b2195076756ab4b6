// Microsoft Learn: api-management/llm-content-safety-policy

package apim

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"enterprise-openai/internal/azure/apim/document"
)

// safetyVersion is the version of the Content Safety API that is called. [M]
// unverified: the gateway's own choice is not documented.
const safetyVersion = "2024-09-01"

// maxSafetyAnswer is how much of an answer of the Content Safety API is read.
const maxSafetyAnswer = 2 << 20

var safetyShape = shape{
	attrs: []attribute{reqE("backend-id", WantString), optE("shield-prompt", WantBool), optE("enforce-on-completions", WantBool)},
	children: []child{
		{name: "categories", shape: shape{
			attrs: []attribute{{name: "output-type", expr: true, want: WantString, oneOf: []string{"FourSeverityLevels", "EightSeverityLevels"}}},
			children: []child{{name: "category", repeat: true, shape: shape{attrs: []attribute{
				{name: "name", required: true, expr: true, want: WantString, oneOf: []string{"Hate", "SelfHarm", "Sexual", "Violence"}}, reqE("threshold", WantInt),
			}}}},
		}},
		{name: "blocklists", shape: shape{children: []child{{name: "id", repeat: true, shape: shape{text: exprText}}}}},
	},
}

type contentSafety struct {
	backend, shield, output value
	names, thresholds       []value
	blocklists              []value
}

func compileContentSafety(c *compiler, n *document.Node) func(*call) error {
	s := &contentSafety{backend: c.attr(n, "backend-id", WantString), shield: c.attr(n, "shield-prompt", WantBool),
		output: value{expr: noExpression}}
	if s.backend.expr == noExpression && !c.refs.backends[s.backend.literal] {
		c.fail(n.Errorf("create the backend before the policy", "Backend with id '%s' could not be found", s.backend.literal))
	}
	if v, ok := n.Attr("enforce-on-completions"); ok && v.Value != "false" {
		c.fail(n.ErrorfAt(v.ValuePos, "leave it out", "Checking completions is not modelled"))
	}
	if k := n.Child("categories"); k != nil {
		s.output = c.attr(k, "output-type", WantString)
		for _, cat := range k.All("category") {
			s.names, s.thresholds = append(s.names, c.attr(cat, "name", WantString)), append(s.thresholds, c.attr(cat, "threshold", WantInt))
		}
	}
	if k := n.Child("blocklists"); k != nil {
		for _, id := range k.All("id") {
			s.blocklists = append(s.blocklists, c.text(id))
		}
	}
	return s.run
}

// run sends all text of the prompt to the service and blocks what it objects to.
func (s *contentSafety) run(x *call) error {
	p, err := x.readPrompt()
	if err != nil {
		return err
	}
	text := strings.Join(p.Texts(), "\n")
	id, err := s.backend.trimmed(x)
	if err != nil {
		return err
	}
	shield, err := s.shield.truth(x, false)
	if err != nil {
		return err
	}
	if shield {
		var verdict struct {
			Prompt struct {
				Attack bool `json:"attackDetected"`
			} `json:"userPromptAnalysis"`
		}
		if err := s.ask(x, id, "text:shieldPrompt", map[string]any{"userPrompt": text, "documents": []string{}}, &verdict); err != nil {
			return err
		}
		if verdict.Prompt.Attack {
			return blocked()
		}
	}
	return s.categories(x, id, text)
}

func (s *contentSafety) categories(x *call, id, text string) error {
	if len(s.names) == 0 && len(s.blocklists) == 0 {
		return nil
	}
	names, err := resolved(x, s.names)
	if err != nil {
		return err
	}
	lists, err := resolved(x, s.blocklists)
	if err != nil {
		return err
	}
	output, err := s.output.trimmed(x)
	if err != nil {
		return err
	}
	if output == "" {
		output = "FourSeverityLevels"
	}
	limits := map[string]float64{}
	for i, name := range names {
		if limits[name], err = s.thresholds[i].number(x, 0); err != nil {
			return err
		}
	}
	var verdict struct {
		Categories []struct {
			Category string  `json:"category"`
			Severity float64 `json:"severity"`
		} `json:"categoriesAnalysis"`
		Blocklists []json.RawMessage `json:"blocklistsMatch"`
	}
	ask := map[string]any{"text": text, "categories": names, "outputType": output, "blocklistNames": lists}
	if err := s.ask(x, id, "text:analyze", ask, &verdict); err != nil {
		return err
	}
	for _, c := range verdict.Categories {
		// Less than the threshold passes; the threshold itself is blocked.
		if limit, ok := limits[c.Category]; ok && c.Severity >= limit {
			return blocked()
		}
	}
	if len(verdict.Blocklists) > 0 {
		return blocked()
	}
	return nil
}

// blocked turns the caller away. [M] unverified for the text.
func blocked() *fault {
	return refuse(http.StatusForbidden, reasonContentSafety, "Request failed content safety check.")
}

// ask calls the service; whatever goes wrong is a 500 for the caller.
func (s *contentSafety) ask(x *call, id, operation string, body, into any) error {
	b := x.state.backends[id]
	if b == nil {
		return broken(reasonBackendFailure, fmt.Errorf("backend with id %q could not be found", id))
	}
	data, err := json.Marshal(body)
	if err != nil {
		return broken(reasonContentSafety, err)
	}
	url := strings.TrimSuffix(b.URL, "/") + "/contentsafety/" + operation + "?api-version=" + safetyVersion
	req, err := http.NewRequestWithContext(x.ctx, http.MethodPost, url, bytes.NewReader(data)) //nolint:gosec // of a backend
	if err != nil {
		return broken(reasonBackendFailure, err)
	}
	req.Header.Set("Content-Type", "application/json")
	for k, v := range b.Headers {
		req.Header[http.CanonicalHeaderKey(k)] = v
	}
	res, cancel, err := x.roundTrip(b.ID, req, defaultSendTimeout)
	if err != nil {
		return err
	}
	defer cancel()
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return broken(reasonContentSafety, fmt.Errorf("content safety answered with status %d", res.StatusCode))
	}
	if err := json.NewDecoder(io.LimitReader(res.Body, maxSafetyAnswer)).Decode(into); err != nil {
		return broken(reasonContentSafety, errors.New("content safety did not answer with JSON"))
	}
	return nil
}
