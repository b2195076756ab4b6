package provider

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
)

const (
	armHost = "https://management.azure.com"
	// How often the provider asks about an operation (provider/pkg/azure: client_azcore.go).
	putPolling    = 10 * time.Second
	deletePolling = 30 * time.Second
)

// client sends requests to ARM through Azure's own Go pipeline, whose pollers decide what an operation's answers mean.
type client struct {
	pipeline runtime.Pipeline
	wait     func(context.Context, time.Duration) error
}

func newClient(
	arm http.RoundTripper, now func() time.Time, wait func(context.Context, time.Duration) error,
	retried func(*http.Response, error, time.Duration),
) *client {
	options := &policy.ClientOptions{
		Transport: transport{arm},
		Retry:     policy.RetryOptions{MaxRetries: -1}, // retries are ours, azcore's would sleep
		Telemetry: policy.TelemetryOptions{Disabled: true},
	}
	pipeline := func(policies ...policy.Policy) runtime.Pipeline {
		return runtime.NewPipeline("rehearsal", Version, runtime.PipelineOptions{PerCall: policies}, options)
	}
	retries := retrier{now, wait, retried}
	// The order is azcore's: a registration is outside the retries (arm/runtime/pipeline.go).
	return &client{wait: wait, pipeline: pipeline(registrar{pipeline(retries), wait}, retries)}
}

// transport turns a RoundTripper into what the pipeline wants.
type transport struct{ http.RoundTripper }

// Do sends one request.
func (t transport) Do(r *http.Request) (*http.Response, error) { return t.RoundTrip(r) }

func (c *client) send(ctx context.Context, method, id string, query url.Values, body any) (*http.Response, error) {
	req, err := runtime.NewRequest(ctx, method, armHost+id)
	if err != nil {
		return nil, fmt.Errorf("request for %s: %w", id, err)
	}
	req.Raw().URL.RawQuery = query.Encode()
	req.Raw().Header.Set("Accept", "application/json")
	if body != nil {
		if err := runtime.MarshalAsJSON(req, body); err != nil {
			return nil, fmt.Errorf("body for %s: %w", id, err)
		}
	}
	return c.pipeline.Do(req)
}

func version(apiVersion string) url.Values { return url.Values{"api-version": {apiVersion}} }

func (c *client) get(ctx context.Context, id, apiVersion string) (map[string]any, error) {
	resp, err := c.send(ctx, http.MethodGet, id, version(apiVersion), nil) //nolint:bodyclose // decode and responseError close it
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusOK {
		return nil, responseError(resp)
	}
	return decode(resp)
}

func (c *client) head(ctx context.Context, id, apiVersion string) error {
	resp, err := c.send(ctx, http.MethodHead, id, version(apiVersion), nil)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if !runtime.HasStatusCode(resp, http.StatusOK, http.StatusNoContent) {
		return responseError(resp)
	}
	return nil
}

func (c *client) post(ctx context.Context, id, apiVersion string) (map[string]any, error) {
	resp, err := c.send(ctx, http.MethodPost, id, version(apiVersion), map[string]any{}) //nolint:bodyclose // decode, responseError do
	if err != nil {
		return nil, err
	}
	if !runtime.HasStatusCode(resp, http.StatusOK, http.StatusCreated) {
		return nil, responseError(resp)
	}
	return decode(resp)
}

// put writes a resource. accepted tells whether Azure had begun when an error occurred: then the resource may exist, half
// made.
func (c *client) put(
	ctx context.Context, k *kind, id string, query url.Values, body map[string]any,
) (_ map[string]any, accepted bool, _ error) {
	var sent any
	if body != nil {
		sent = body
	}
	resp, err := c.send(ctx, http.MethodPut, id, query, sent) //nolint:bodyclose // decode, responseError and the poller close it
	if err != nil {
		return nil, false, err
	}
	if !runtime.HasStatusCode(resp, http.StatusOK, http.StatusCreated, http.StatusAccepted) {
		return nil, false, responseError(resp)
	}
	if !k.async && resp.StatusCode != http.StatusAccepted {
		out, err := decode(resp)
		return out, true, err
	}
	poller, err := runtime.NewPoller[map[string]any](resp, c.pipeline, nil)
	if err != nil {
		return nil, true, concise(err)
	}
	out, err := poll(ctx, c, poller, putPolling)
	return out, true, err
}

// delete removes a resource; one that is gone already is fine. No other query parameter than the API version is ever
// sent: neither deleteSubscriptions nor unmanageAction nor deleteRevisions.
func (c *client) delete(ctx context.Context, k *kind, id string) error {
	resp, err := c.send(ctx, http.MethodDelete, id, version(k.apiVersion), nil)
	if err != nil {
		return err
	}
	if resp.StatusCode == http.StatusNotFound {
		return resp.Body.Close()
	}
	if !runtime.HasStatusCode(resp, http.StatusOK, http.StatusAccepted, http.StatusNoContent) {
		return responseError(resp)
	}
	if !k.asyncDelete {
		return resp.Body.Close()
	}
	poller, err := runtime.NewPoller[any](resp, c.pipeline, nil)
	if err != nil {
		return concise(err)
	}
	_, err = poll(ctx, c, poller, deletePolling)
	if isNotFound(err) {
		return nil
	}
	return err
}

// poll asks until the operation has ended, passing the time between two questions through wait.
func poll[T any](ctx context.Context, c *client, poller *runtime.Poller[T], every time.Duration) (T, error) {
	var none T
	for !poller.Done() {
		if err := c.wait(ctx, every); err != nil {
			return none, err
		}
		if _, err := poller.Poll(ctx); err != nil { //nolint:bodyclose // the poller does
			return none, concise(err)
		}
	}
	out, err := poller.Result(ctx)
	return out, concise(err)
}

// decode reads a JSON object; an empty body is an empty object.
func decode(resp *http.Response) (map[string]any, error) {
	data, err := runtime.Payload(resp)
	if err != nil {
		return nil, fmt.Errorf("answer of Azure: %w", err)
	}
	if len(data) == 0 {
		return nil, nil
	}
	var out map[string]any
	if err := json.Unmarshal(data, &out); err != nil {
		return nil, fmt.Errorf("unexpected response from Azure: '%s', HTTP status: %s", data, resp.Status)
	}
	return out, nil
}

// AzureError is ARM's refusal, as the real provider words it.
type AzureError struct {
	// Status is the HTTP status, Code and Message are ARM's.
	Status        int
	Code, Message string
	// Details are ARM's reasons, innermost included. The real provider leaves them out; here there is no
	// portal to look them up in.
	Details []string
}

// Error has the form of the provider's messages, and the reasons below, a line each.
func (e *AzureError) Error() string {
	text := fmt.Sprintf(`Status=%d Message="%s"`, e.Status, e.Message)
	if e.Code != "" {
		text = fmt.Sprintf(`Status=%d Code="%s" Message="%s"`, e.Status, e.Code, e.Message)
	}
	return strings.Join(append([]string{text}, e.Details...), "\n  ")
}

// reason is one of ARM's errors, as they nest.
type reason struct {
	Code    string   `json:"code"`
	Message string   `json:"message"`
	Target  string   `json:"target"`
	Details []reason `json:"details"`
}

// below are the reasons inside a reason, each as a line.
func (r reason) below() []string {
	var lines []string
	for _, inner := range r.Details {
		line := inner.Code + ": " + inner.Message
		if inner.Target != "" {
			line = inner.Target + ": " + line
		}
		lines = append(append(lines, line), inner.below()...)
	}
	return lines
}

func responseError(resp *http.Response) error { return concise(runtime.NewResponseError(resp)) }

// concise replaces azcore's error, which prints the whole exchange, by one with Azure's code and message.
func concise(err error) error {
	var full *azcore.ResponseError
	if !errors.As(err, &full) || full.RawResponse == nil {
		return err
	}
	out := &AzureError{Status: full.StatusCode, Code: full.ErrorCode}
	data, readErr := runtime.Payload(full.RawResponse)
	if readErr != nil && !errors.Is(readErr, io.EOF) {
		return err
	}
	out.Message = string(data)
	var body struct {
		Error reason `json:"error"`
	}
	if json.Unmarshal(data, &body) == nil && body.Error.Message != "" {
		out.Message, out.Details = body.Error.Message, body.Error.below()
	}
	return out
}

func isNotFound(err error) bool {
	var azure *AzureError
	return errors.As(err, &azure) && azure.Status == http.StatusNotFound
}
