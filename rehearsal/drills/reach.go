package drills

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"enterprise-openai/rehearsal/report"
	"enterprise-openai/stacks"
)

// foreign is a host that no product's settings name.
const foreign = "elsewhere.rehearsal.invalid"

// reach sends, for every product, calls whose text would leave the company by a tool, a data source or an address.
func reach() Drill {
	return Drill{
		Name:    "reach",
		Promise: "A call reaches nothing but the model unless the product's settings allow it: tools that accounts run, data sources, stored prompts and conversations, and addresses of pictures and files are refused, and no account sees the call.",
		When:    Standing,
		Work:    with(aSandbox, tryReach),
	}
}

// reaching is a call that takes text somewhere. Tool is what the product's settings would have to allow, beside the host.
type reaching struct {
	name, tool string
	responses  bool
	body       map[string]any
}

func reachings() []reaching {
	chat := func(content any) []any { return []any{map[string]any{"role": "user", "content": content}} }
	picture := func(name string, value any) []any {
		return chat([]any{map[string]any{"type": name, "image_url": value}})
	}
	address := "https://" + foreign + "/x"
	tool := func(fields map[string]any) map[string]any {
		return map[string]any{"input": "hello", "tools": []any{fields}}
	}
	source := map[string]any{"type": "azure_search", "parameters": map[string]any{"endpoint": address, "index_name": "x"}}
	return []reaching{
		{"an MCP server", "mcp", true, tool(map[string]any{"type": "mcp", "server_label": "x", "server_url": address})},
		{"a connector", "connector", true, tool(map[string]any{"type": "mcp", "server_label": "x", "connector_id": "connector_dropbox"})},
		{"a web search", "web_search", true, tool(map[string]any{"type": "web_search_preview"})},
		{"a web search in a chat", "web_search", false, map[string]any{"messages": chat("hello"), "web_search_options": map[string]any{}}},
		{"code with files", "code_interpreter", true, tool(map[string]any{"type": "code_interpreter", "container": map[string]any{"type": "auto", "file_ids": []any{"x"}}})},
		{"a conversation", "conversation", true, map[string]any{"input": "hello", "conversation": "conv_x"}},
		{"a stored prompt", "prompt", true, map[string]any{"prompt": map[string]any{"id": "pmpt_x"}}},
		{"a data source", "data_sources", false, map[string]any{"messages": chat("hello"), "data_sources": []any{source}}},
		{"a picture by its address", "", false, map[string]any{"messages": picture("image_url", map[string]any{"url": address})}},
		{"a picture of a response by its address", "", true, map[string]any{"input": picture("input_image", address)}},
	}
}

// ReachMeasured counts the calls that were refused or should have been, and the kinds of them.
type ReachMeasured struct {
	Calls int `json:"calls"`
	Kinds int `json:"kinds"`
	// Matrix has the end of every kind of call, by product and kind.
	Matrix map[string]map[string]report.Reached `json:"matrix"`
}

func tryReach(ctx context.Context, g *sandbox, f *findings) (*ReachMeasured, error) {
	callers, err := g.callers()
	if err != nil {
		return nil, err
	}
	m := &ReachMeasured{Kinds: len(reachings()), Matrix: map[string]map[string]report.Reached{}}
	for _, c := range callers {
		if c.embed {
			continue
		}
		ends := map[string]report.Reached{}
		m.Matrix[c.product.Name] = ends
		for _, r := range reachings() {
			if allowsReaching(c.product, r) {
				ends[r.name] = report.ReachAllowed
				continue
			}
			m.Calls++
			ends[r.name] = report.ReachRefused
			got, attempts, err := g.reach(ctx, c, r)
			if err != nil {
				return nil, err
			}
			if got.status != http.StatusForbidden || attempts > 0 {
				ends[r.name] = report.ReachPassed
				f.add("%s on product %s: %s after %d attempts, where 403 and none were promised", r.name, c.product.Name, got, attempts)
			}
		}
	}
	return m, nil
}

// allowsReaching is true where the settings allow a tool that needs no host.
func allowsReaching(p stacks.Product, r reaching) bool {
	text, _ := json.Marshal(r.body) //nolint:errchkjson // a map of texts
	return slices.Contains(p.Tools.Allow, r.tool) && !strings.Contains(string(text), foreign)
}

// reach sends the call and counts the accounts it was offered to.
func (g *sandbox) reach(ctx context.Context, c caller, r reaching) (answer, int, error) {
	a := c.ask
	a.surface, a.respond = v1, r.responses
	r.body["model"] = a.deployment
	data, err := json.Marshal(r.body)
	if err != nil {
		return answer{}, 0, fmt.Errorf("%s: %w", r.name, err)
	}
	g.records.take()
	got, err := g.askWith(ctx, a, string(data))
	return got, g.records.takeAttempts(), err
}
