package provider

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/types/known/structpb"
)

const (
	testSubscription = "11111111-2222-3333-4444-555555555555"
	groupToken       = "azure-native:resources/v20240301:ResourceGroup"
	workspaceToken   = "azure-native:operationalinsights/v20230901:Workspace"
	vnetToken        = "azure-native:network/v20240501:VirtualNetwork"
	accountToken     = "azure-native:cognitiveservices/v20241001:Account"
	roleToken        = "azure-native:authorization/v20220401:RoleAssignment"
	groupID          = "/subscriptions/" + testSubscription + "/resourcegroups/rg"
)

// azure is an ARM that answers what a test tells it, and otherwise keeps what is put.
type azure struct {
	mu       sync.Mutex
	bodies   map[string]map[string]any
	requests []string         // METHOD path?query
	sent     []map[string]any // bodies of PUTs and POSTs
	// answer, when set, comes first; nil means that it has nothing to say about this request.
	answer func(method, path string, attempt int) *http.Response
	tries  map[string]int
}

func newAzure() *azure { return &azure{bodies: map[string]map[string]any{}, tries: map[string]int{}} }

// RoundTrip answers one request.
func (a *azure) RoundTrip(r *http.Request) (*http.Response, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.requests = append(a.requests, r.Method+" "+r.URL.EscapedPath()+"?"+r.URL.RawQuery)
	var body map[string]any
	if r.Body != nil && r.Method != http.MethodGet {
		data, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		if len(data) > 0 {
			if err := json.Unmarshal(data, &body); err != nil {
				return nil, err
			}
			a.sent = append(a.sent, body)
		}
	}
	if a.answer != nil {
		key := r.Method + r.URL.Path
		a.tries[key]++
		if resp := a.answer(r.Method, r.URL.Path, a.tries[key]); resp != nil {
			resp.Request = r
			return resp, nil
		}
	}
	return a.keep(r, body), nil
}

func (a *azure) keep(r *http.Request, body map[string]any) *http.Response {
	id := strings.ToLower(r.URL.Path)
	var resp *http.Response
	switch existing, ok := a.bodies[id]; {
	case r.Method == http.MethodPut:
		if body == nil {
			body = map[string]any{}
		}
		parts := strings.Split(r.URL.Path, "/")
		body["id"], body["name"], body["type"] = r.URL.Path, parts[len(parts)-1], "Microsoft.Test/things"
		a.bodies[id] = body
		resp = answer(http.StatusOK, body)
	case r.Method == http.MethodDelete:
		delete(a.bodies, id)
		resp = answer(http.StatusOK, nil)
	case !ok:
		resp = refuse(http.StatusNotFound, "ResourceNotFound", "no such thing")
	case r.Method == http.MethodHead:
		resp = answer(http.StatusNoContent, nil)
	default:
		resp = answer(http.StatusOK, existing)
	}
	resp.Request = r
	return resp
}

func (a *azure) count(prefix string) int {
	a.mu.Lock()
	defer a.mu.Unlock()
	n := 0
	for _, r := range a.requests {
		if strings.HasPrefix(r, prefix) {
			n++
		}
	}
	return n
}

func answer(status int, body any) *http.Response {
	var data []byte
	if body != nil {
		data, _ = json.Marshal(body)
	}
	return &http.Response{
		StatusCode: status, Status: http.StatusText(status), Header: http.Header{"Content-Type": {"application/json"}},
		Body: io.NopCloser(bytes.NewReader(data)),
	}
}

func refuse(status int, code, message string) *http.Response {
	return answer(status, map[string]any{"error": map[string]any{"code": code, "message": message}})
}

// fixture is a provider over an azure, with a clock that only counts.
type fixture struct {
	*Provider
	t        *testing.T
	azure    *azure
	waited   []time.Duration
	warnings []string
}

func newFixture(t *testing.T) *fixture {
	t.Helper()
	types, err := PublishedTypes()
	require.NoError(t, err)
	f := &fixture{t: t, azure: newAzure()}
	f.Provider, err = New(context.Background(), Options{
		ARM: f.azure, Types: types, SubscriptionID: testSubscription, TenantID: "tenant", ClientID: "client", ObjectID: "object",
		Wait: func(ctx context.Context, d time.Duration) error { f.waited = append(f.waited, d); return ctx.Err() },
		Warn: func(_, message string) { f.warnings = append(f.warnings, message) },
	})
	require.NoError(t, err)
	return f
}

func urnOf(token, name string) string { return "urn:pulumi:dev::project::" + token + "::" + name }

type props = map[string]any

func wire(t *testing.T, m props) *structpb.Struct {
	t.Helper()
	s, err := marshal(resource.NewPropertyMapFromMap(m))
	require.NoError(t, err)
	return s
}

func unwire(t *testing.T, s *structpb.Struct) props {
	t.Helper()
	m, err := plainInputs(s)
	require.NoError(t, err)
	return plainMap(m)
}

// check returns the checked inputs and the failures' reasons.
func (f *fixture) check(token, name string, olds, news props) (props, []string) {
	f.t.Helper()
	r, err := f.Check(context.Background(), &pulumirpc.CheckRequest{
		Urn: urnOf(token, name), Olds: wire(f.t, olds), News: wire(f.t, news), RandomSeed: []byte("0123456789abcdef0123456789abcdef"),
	})
	require.NoError(f.t, err)
	var reasons []string
	for _, failure := range r.GetFailures() {
		reasons = append(reasons, failure.GetReason())
	}
	return unwire(f.t, r.GetInputs()), reasons
}

func (f *fixture) create(token string, inputs props) (id string, outputs props, err error) {
	f.t.Helper()
	r, err := f.Create(context.Background(), &pulumirpc.CreateRequest{Urn: urnOf(token, "x"), Properties: wire(f.t, inputs)})
	if err != nil {
		return "", nil, err
	}
	return r.GetId(), unwire(f.t, r.GetProperties()), nil
}

func (f *fixture) diff(token string, olds, news props) *pulumirpc.DiffResponse {
	f.t.Helper()
	r, err := f.Diff(context.Background(), &pulumirpc.DiffRequest{
		Urn: urnOf(token, "x"), Olds: wire(f.t, props{}), OldInputs: wire(f.t, olds), News: wire(f.t, news),
	})
	require.NoError(f.t, err)
	return r
}

// service is what every child of a gateway needs.
func service(more props) props {
	m := props{"resourceGroupName": "rg", "serviceName": "apim"}
	for k, v := range more {
		m[k] = v
	}
	return m
}
