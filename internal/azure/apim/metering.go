package apim

import (
	"encoding/json"
	"io"
	"net/http"

	"enterprise-openai/internal/azure/apim/tokens"
)

// metering is what is known of the conversation with a model.
type metering struct {
	// wantsUsage makes the backend's body be read for tokens as it passes,
	// needsUsage makes it be there before the headers go out.
	wantsUsage, needsUsage bool
	// prompt is the request as it was read last, or nil.
	prompt *tokens.Prompt
	// usage is that of the attempt under way; answered is that of the last answer that was read.
	usage, answered *tokens.Usage
}

// readPrompt reads the request's body as a prompt and keeps the body.
func (x *call) readPrompt() (*tokens.Prompt, error) {
	data, err := x.Request.body.Read(true)
	if err != nil {
		return nil, broken(reasonClientFailure, err)
	}
	x.prompt = tokens.ReadPrompt(data)
	return x.prompt, nil
}

// promptTokens estimates the tokens of the prompt last read.
func (x *call) promptTokens() int {
	if x.prompt == nil {
		return 0
	}
	model := x.prompt.Model
	if model == "" {
		model = x.deployment()
	}
	return x.prompt.Tokens(func(s string) int { return x.gw.deps.Tokens.Count(model, s) })
}

// deployment is the model's deployment: of the path, or of the body.
func (x *call) deployment() string {
	for _, k := range []string{"deployment-id", "deploymentId", "deployment", "deployment-name"} {
		if v := x.Request.Matched[k]; v != "" {
			return v
		}
	}
	for i, s := range x.path {
		if s == "deployments" && i+1 < len(x.path) {
			return x.path[i+1]
		}
	}
	if x.prompt != nil {
		return x.prompt.Model
	}
	return ""
}

// listen reads tokens from the answer as it passes, when a policy or the log wants them.
func (x *call) listen(res *http.Response, body io.ReadCloser) io.ReadCloser {
	m := x.rec.AzureMonitor
	logged := m != nil && m.LLM != nil && m.LLM.Enabled
	if !x.wantsUsage && !logged {
		return body
	}
	u := &tokens.Usage{Stream: isEventStream(res.Header), Status: res.StatusCode}
	x.usage, x.answered = u, u
	return &tap{rc: body, watch: u.Watch, done: func(error) { u.Done() }}
}

// count tells the policies what the call consumed, once.
func (x *call) count() {
	// What the backend did not report is estimated.
	if u := x.usage; u != nil && !u.Found && u.OK() {
		u.Prompt = x.promptTokens()
		u.Completion = x.gw.deps.Tokens.Count(u.Model, u.Text())
		u.Total = u.Prompt + u.Completion
	}
	x.run(counted)
}

// conversation makes the log entry; nil when nothing is to be logged.
func (x *call) conversation() *LLMRecord {
	m, u, p := x.rec.AzureMonitor, x.answered, x.prompt
	if u == nil || m == nil || m.LLM == nil || !m.LLM.Enabled {
		return nil
	}
	r := &LLMRecord{
		Deployment: x.deployment(), Model: u.Model, APIVersion: x.Request.OriginalURL.Query().Get("api-version"), RequestID: x.RequestID,
		Stream: u.Stream, PromptTokens: u.Prompt, CompletionTokens: u.Completion, TotalTokens: u.Total, Estimated: !u.Found,
	}
	if p != nil && m.LLM.RequestBytes > 0 {
		r.Request = cut(p.Conversation(), m.LLM.RequestBytes)
	}
	if text := u.Text(); m.LLM.ResponseBytes > 0 && text != "" {
		written, err := json.Marshal([]map[string]string{{"role": "assistant", "content": text}})
		if err == nil {
			r.Response = cut(written, m.LLM.ResponseBytes)
		}
	}
	return r
}
