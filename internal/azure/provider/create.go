package provider

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil/rpcerror"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc/codes"
)

// defaultTimeout is how long an operation may take unless the resource's customTimeouts say otherwise.
const defaultTimeout = 120 * time.Minute

// Create makes a resource, after looking whether it exists: the provider never takes over what it did not make.
func (p *Provider) Create(_ context.Context, req *pulumirpc.CreateRequest) (*pulumirpc.CreateResponse, error) {
	s, err := p.subjectOf(req.GetUrn())
	if err != nil {
		return nil, err
	}
	inputs, err := plainInputs(req.GetProperties())
	if err != nil {
		return nil, err
	}
	if req.GetPreview() {
		out, err := marshal(p.previewOutputs(s, inputs))
		return &pulumirpc.CreateResponse{Properties: out}, err
	}
	ctx, cancel := p.operation()
	defer cancel()
	ctx, end := p.options.Begin(p.limited(ctx, req.GetTimeout()), s.urn, "create")
	id, outputs, err := p.create(ctx, s, inputs)
	end(err)
	if err != nil {
		return nil, err
	}
	state, err := checkpoint(s.kind, inputs, outputs)
	return &pulumirpc.CreateResponse{Id: id, Properties: state}, err
}

func (p *Provider) create(ctx context.Context, s *subject, inputs resource.PropertyMap) (string, map[string]any, error) {
	values := plainMap(inputs)
	id, query, err := p.resourceID(s.kind, values)
	if err != nil {
		return "", nil, err
	}
	body := p.requestBody(s, values)
	if err := p.mayCreate(ctx, s.kind, id); err != nil {
		return "", nil, err
	}
	fillSubresources(s.kind, body, nil)
	answer, accepted, err := p.client.put(ctx, s.kind, id, query, body)
	if err != nil {
		if accepted {
			return "", nil, p.halfMade(ctx, s, err, id, inputs)
		}
		return "", nil, friendly(err)
	}
	if given, ok := answer["id"].(string); ok {
		id = given
	}
	return id, p.readAfterWrite(ctx, s, id, "Create", answer), nil
}

// mayCreate asks for the resource. These texts are what users of the provider search for.
func (p *Provider) mayCreate(ctx context.Context, k *kind, id string) error {
	method := http.MethodGet
	if k.head {
		method = http.MethodHead
	}
	resp, err := p.client.send(ctx, method, id, version(k.apiVersion), nil)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	switch resp.StatusCode {
	case http.StatusNotFound:
		return nil
	case http.StatusNoContent:
		if k.head {
			return fmt.Errorf("cannot create already existing resource '%s'", id)
		}
		return nil // linking resources answer 204 when there is none
	case http.StatusOK:
		body, err := decode(resp)
		switch {
		case k.defaultBody != nil && err != nil:
			return err
		case k.defaultBody != nil && !k.defaultBody(body):
			return fmt.Errorf("cannot create already existing subresource '%s'", id)
		case k.defaultBody == nil && err == nil && len(body) > 0:
			return fmt.Errorf("cannot create already existing resource '%s'", id)
		}
		return nil
	}
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return fmt.Errorf("answer of Azure: %w", err)
	}
	return fmt.Errorf("cannot check existence of resource '%s': status code %d, %s", id, resp.StatusCode, strings.TrimSpace(string(text)))
}

// readAfterWrite reads what was written, because a PUT's answer is often not what a GET answers. A failure is only a
// warning, and the PUT's answer is kept. What can only be asked for with HEAD answers without a body, and that is all there is in
// the state then.
func (p *Provider) readAfterWrite(ctx context.Context, s *subject, id, operation string, answer map[string]any) map[string]any {
	if s.kind.head {
		return map[string]any{}
	}
	body, err := p.client.get(ctx, id, s.kind.apiVersion)
	if err != nil {
		p.options.Warn(s.urn, fmt.Sprintf("Failed to read resource after %s. Please report this issue.", operation))
		return p.outputs(s, answer)
	}
	return p.outputs(s, body)
}

// halfMade reports a resource that Azure began to make but did not finish. Its id goes into the state, so that the next
// update repairs it instead of stumbling over it.
func (p *Provider) halfMade(ctx context.Context, s *subject, cause error, id string, inputs resource.PropertyMap) error {
	cause = friendly(cause)
	outputs := map[string]any{}
	if body, err := p.client.get(ctx, id, s.kind.apiVersion); err == nil {
		outputs = p.outputs(s, body)
		if given, ok := body["id"].(string); ok {
			id = given
		}
	}
	state, err := checkpoint(s.kind, inputs, outputs)
	if err != nil {
		return errors.Join(cause, err)
	}
	sent, err := marshal(inputs)
	if err != nil {
		return errors.Join(cause, err)
	}
	return rpcerror.WithDetails(rpcerror.New(codes.Unknown, cause.Error()), &pulumirpc.ErrorResourceInitFailed{
		Id: id, Properties: state, Inputs: sent, Reasons: []string{cause.Error()},
	})
}

// limited gives an operation its time, measured by what is waited for.
func (p *Provider) limited(ctx context.Context, seconds float64) context.Context {
	limit := defaultTimeout
	if seconds > 0 {
		limit = time.Duration(seconds * float64(time.Second))
	}
	return context.WithValue(ctx, budgetKey{}, &budget{left: limit})
}

// friendly rewords what a user cannot act on.
func friendly(err error) error {
	if errors.Is(err, context.DeadlineExceeded) {
		return errors.New("operation timed out")
	}
	return err
}
