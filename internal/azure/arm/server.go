package arm

import (
	"crypto/rand"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"time"
)

// Options are what a Server depends on.
type Options struct {
	// SubscriptionID is the one subscription there is.
	SubscriptionID string
	// TenantID is the tenant of every managed identity.
	TenantID string
	// Now is the clock; time.Now when left out.
	Now func() time.Time
	// Duration says how long an operation takes on the clock (see TypicalDuration); when left out every operation is over at once.
	Duration func(armType, method string, body map[string]any) time.Duration
	// ValidatePolicy checks a policy document's content: scope is global, product, api, operation or fragment. It runs while the server
	// is locked and must not call it. When left out only the references of a document are checked.
	ValidatePolicy func(scope, document string) error
	// CheckQuery binds the query of a log alert that does not skip its validation. It runs while the server is locked. When left
	// out queries are kept unread.
	CheckQuery func(query string) error
	// NoDefaultLogger leaves out the azuremonitor logger that a new API Management service otherwise has from the start.
	// Sources disagree on when it appears [M].
	NoDefaultLogger bool
	// Quota is what the subscription may deploy; EnterpriseQuota when left out.
	Quota Quota
	// Unregistered are the resource providers that the subscription has not registered yet; none when left out. MayNotRegister is a
	// deployer without the right to */register/action.
	Unregistered   []string
	MayNotRegister bool
	// Grants are the roles of the deployer on the subscription; Owner when nil.
	Grants []Grant
	// DeployerID is the object id of the deployer, a service principal.
	DeployerID string
	// Offers are the models that a region offers the subscription, by its name.
	Offers map[string][]Offer
	// Taken are names that others in the world have, in lower case, with what Azure says about it.
	Taken map[string]string
	// Denied is what a policy of the company denies: the assignment and the definition, or ok=false. May be nil.
	Denied func(armType, name, location string) (assignment, definition string, ok bool)
	// PageSize is how many entries a list has on one page; 1000 when left out.
	PageSize int
	// Seed makes generated keys reproducible in tests; random when left out, and kept by Save and Load.
	Seed []byte
}

// Server is the embedded Azure Resource Manager. It is an http.Handler and safe for concurrent use.
type Server struct {
	options   Options
	mu        sync.Mutex
	seed      []byte
	records   map[string]*record
	byType    map[string]map[string]*record
	deleted   map[string]*softDeleted
	ops       map[string]*operation
	running   map[string]*operation // those of ops that have not ended
	opCounter int
	providers registrations
	watchers  []func(id string)
	changed   []string
}

// New is a server with an empty subscription.
func New(o Options) *Server {
	if o.Now == nil {
		o.Now = time.Now
	}
	seed := o.Seed
	if len(seed) == 0 {
		seed = make([]byte, 32)
		_, _ = rand.Read(seed) // crypto/rand.Read never returns an error (Go 1.24)
	}
	return &Server{options: o, seed: seed, records: map[string]*record{}, byType: map[string]map[string]*record{},
		deleted: map[string]*softDeleted{}, ops: map[string]*operation{}, running: map[string]*operation{},
		providers: newRegistrations(o.Unregistered)}
}

// maxBody is ARM's limit on a request body (Microsoft Learn: azure-subscription-service-limits, template size 4 MB).
const maxBody = 4 << 20

// ServeHTTP answers one ARM request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	answer, refused := s.serve(r)
	s.notify()
	if refused != nil {
		writeError(w, refused)
		return
	}
	for key, value := range answer.header {
		w.Header().Set(key, value)
	}
	if answer.body == nil || r.Method == http.MethodHead {
		w.WriteHeader(answer.status)
		return
	}
	writeJSON(w, answer.status, answer.body)
}

// reply is an accepted request's answer.
type reply struct {
	status int
	header map[string]string
	body   any
}

// request is what the handler hands to the methods behind it.
type request struct {
	method  string
	path    string
	version string
	query   map[string][]string
	body    map[string]any
	host    string
	failing *Error // see Failing
	// ifMatch and ifNoneMatch are the conditions of the request; empty is none.
	ifMatch, ifNoneMatch string
	// template marks what a template does on its own: its resources wait for each other.
	template bool
}

func (r *request) flag(name string) bool { return strings.EqualFold(r.parameter(name), "true") }

// parameter is a query parameter; their names have no case.
func (r *request) parameter(name string) string {
	for key, values := range r.query {
		if strings.EqualFold(key, name) && len(values) > 0 {
			return values[0]
		}
	}
	return ""
}

func (s *Server) serve(r *http.Request) (*reply, *Error) {
	path, err := pathSegments(r.URL)
	if err != nil {
		return nil, refusal(http.StatusBadRequest, "InvalidRequestUri", "%v", err)
	}
	req := &request{method: r.Method, path: path, query: r.URL.Query(),
		host: "https://" + hostOf(r), ifMatch: r.Header.Get("If-Match"), ifNoneMatch: r.Header.Get("If-None-Match")}
	req.version = req.parameter("api-version")
	req.failing, _ = r.Context().Value(failingKey{}).(*Error)
	if req.version == "" {
		return nil, refusal(http.StatusBadRequest, "MissingApiVersionParameter",
			"The api-version query parameter (?api-version=) is required for all requests.")
	}
	if r.Method == http.MethodPut || r.Method == http.MethodPatch || r.Method == http.MethodPost {
		body, refused := readBody(r)
		if refused != nil {
			return nil, refused
		}
		req.body = body
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settle()
	return s.route(req)
}

func hostOf(r *http.Request) string {
	if r.Host != "" {
		return r.Host
	}
	return "management.azure.com"
}

func readBody(r *http.Request) (map[string]any, *Error) {
	if r.Body == nil {
		return map[string]any{}, nil
	}
	data, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	if err != nil {
		return nil, refusal(http.StatusBadRequest, "InvalidRequestContent", "The request content could not be read: %v", err)
	}
	if len(data) > maxBody {
		return nil, refusal(http.StatusRequestEntityTooLarge, "RequestContentTooLarge", "The request content is larger than %d bytes.", maxBody)
	}
	if len(strings.TrimSpace(string(data))) == 0 {
		return map[string]any{}, nil
	}
	body := map[string]any{}
	if err := json.Unmarshal(data, &body); err != nil {
		return nil, refusal(http.StatusBadRequest, "InvalidRequestContent", "The request content was invalid and could not be deserialized: '%v'.", err)
	}
	if body == nil { // the JSON text null
		body = map[string]any{}
	}
	return body, nil
}

// route sends a request to operations, soft-deleted resources, questions, actions, lists or a resource.
func (s *Server) route(req *request) (*reply, *Error) {
	for _, route := range []func(*request) (*reply, *Error, bool){s.routeOperation, s.routeDeleted, s.routeProvider, s.routeOwnList, s.routeRoles,
		s.routeQuestion} {
		if answer, refused, ok := route(req); ok {
			return answer, refused
		}
	}
	if req.method == http.MethodPost {
		return s.action(req)
	}
	id, err := ParseID(req.path)
	if err != nil {
		if req.method == http.MethodGet {
			return s.list(req)
		}
		return nil, refusal(http.StatusBadRequest, "InvalidRequestUri", "%v", err)
	}
	if !strings.EqualFold(id.Subscription, s.options.SubscriptionID) {
		return nil, refusal(http.StatusNotFound, "SubscriptionNotFound", "The subscription '%s' could not be found.", id.Subscription)
	}
	switch req.method {
	case http.MethodPut:
		return s.put(req, id)
	case http.MethodGet, http.MethodHead:
		return s.get(req, id)
	case http.MethodDelete:
		return s.delete(req, id)
	}
	return nil, notModelled(http.StatusMethodNotAllowed, "MethodNotAllowed", "The method %s is not supported on '%s'", req.method, req.path)
}

// Transport is a client transport that reaches the server in process, without a socket.
func (s *Server) Transport() http.RoundTripper { return transport{s} }

type transport struct{ server *Server }

// RoundTrip serves one request in the caller's goroutine.
func (t transport) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	if r.Body != nil {
		defer func() { _ = r.Body.Close() }() // nothing was written through it
	}
	recorder := httptest.NewRecorder()
	t.server.ServeHTTP(recorder, r)
	response := recorder.Result()
	response.Request = r
	return response, nil
}

var (
	_ http.Handler      = (*Server)(nil)
	_ http.RoundTripper = transport{}
)
