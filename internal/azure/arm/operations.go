package arm

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"sort"
	"strings"
	"time"
)

// operation is a long-running operation: what the Azure-AsyncOperation header points to.
type operation struct {
	ID       string    `json:"id"`
	Resource string    `json:"resource"`
	Delete   bool      `json:"delete,omitempty"`
	Started  time.Time `json:"started"`
	Ends     time.Time `json:"ends"`
	Done     bool      `json:"done,omitempty"`
	// Version is the API version of the request, which the delayed half of a delete still needs.
	Version string `json:"version"`
	// Failed is what the operation ends with when it does not succeed.
	Failed *Error `json:"failed,omitempty"`
	// Answers marks a request that is answered when its work is done, without an operation to ask for.
	Answers bool `json:"answers,omitempty"`
	// Holds is what nobody else may work on meanwhile.
	Holds []lock `json:"-"`
}

func (s *Server) duration(armType, method string, body map[string]any) time.Duration {
	if s.options.Duration == nil {
		return 0
	}
	return s.options.Duration(armType, method, body)
}

func (s *Server) start(rec *record, version string, remove bool, takes time.Duration) *operation {
	s.opCounter++
	now := s.options.Now().UTC()
	op := &operation{ID: guid(rec.ID, fmt.Sprint(s.opCounter)), Resource: rec.ID, Delete: remove, Started: now, Ends: now.Add(takes),
		Version: version, Holds: s.locks(rec.Type, rec.id(), rec.Body)}
	s.ops[op.ID], s.running[op.ID] = op, op
	return op
}

// occupy makes a request that is answered when its work is done take its time.
func (s *Server) occupy(rec *record, version string, takes time.Duration) {
	if takes > 0 {
		s.start(rec, version, false, takes).Answers = true
	}
}

// AnswersAt is when a request that was made on an id gets its answer; ok=false when that is now. Operations that can be asked for
// are answered at once.
func (s *Server) AnswersAt(id string) (at time.Time, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, op := range s.running {
		if op.Answers && strings.EqualFold(op.Resource, "/"+strings.Trim(id, "/")) && op.Ends.After(at) {
			at, ok = op.Ends, true
		}
	}
	return at, ok && at.After(s.options.Now())
}

// failingKey is where a context carries how the operation ends that its request starts.
type failingKey struct{}

// Failing is a context whose PUT is accepted, and whose operation then ends in Failed for the given reason. It changes nothing
// where a PUT is done at once, see LongRunning.
func Failing(ctx context.Context, code, message string) context.Context {
	return context.WithValue(ctx, failingKey{}, &Error{Code: code, Message: message})
}

// startPut makes a stored write long-running: until its time is over the resource says so.
func (s *Server) startPut(w *write, answer *reply) {
	rec := s.find(w.canonicalID())
	op := s.start(rec, w.req.version, false, s.duration(w.kind.Type, http.MethodPut, w.body))
	if w.failure == nil {
		w.failure = w.req.failing
	}
	op.Failed = w.failure
	if w.until.After(op.Ends) {
		op.Ends = w.until
	}
	_, stateful := rec.props()["provisioningState"]
	if (op.Ends.After(op.Started) || w.failure != nil) && stateful {
		rec.props()["provisioningState"] = runningState(w)
		answer.body = clone(rec.Body)
	}
	answer.header = operationHeaders(w.req, op)
	maps.Copy(answer.header, etagHeader(rec))
	s.settle()
}

// runningState is what a resource says of itself while it is being made.
func runningState(w *write) string {
	switch {
	case strings.EqualFold(w.kind.Type, accountType):
		return "Accepted"
	case strings.EqualFold(w.kind.Type, serviceType) && w.prev == nil:
		return "Activating"
	case w.prev == nil && w.kind.style.code == cognitiveStyle.code:
		return "Creating"
	}
	return "Updating"
}

func (s *Server) startDelete(rm *removal) *reply {
	op := s.start(rm.rec, rm.req.version, true, s.duration(rm.rec.Type, http.MethodDelete, rm.rec.Body))
	if op.Ends.After(op.Started) {
		if _, ok := rm.rec.props()["provisioningState"]; ok {
			rm.rec.props()["provisioningState"] = "Deleting"
		}
	}
	s.settle()
	return &reply{status: http.StatusAccepted, header: operationHeaders(rm.req, op)}
}

func operationHeaders(req *request, op *operation) map[string]string {
	id, _ := ParseID(op.Resource) // was parsed before it was stored
	namespace, _, _ := strings.Cut(id.Type, "/")
	base := fmt.Sprintf("%s/subscriptions/%s/providers/%s/locations/global", req.host, id.Subscription, namespace)
	query := "?api-version=" + req.version
	return map[string]string{
		"Azure-AsyncOperation": base + "/operationStatuses/" + op.ID + query,
		"Location":             base + "/operationResults/" + op.ID + query,
		"Retry-After":          "10",
	}
}

// settle ends every operation whose time is over, in the order in which they end.
func (s *Server) settle() {
	now := s.options.Now().UTC()
	var due []*operation
	for _, op := range s.running {
		if !op.Ends.After(now) {
			due = append(due, op)
		}
	}
	sort.Slice(due, func(i, j int) bool {
		if !due[i].Ends.Equal(due[j].Ends) {
			return due[i].Ends.Before(due[j].Ends)
		}
		return due[i].ID < due[j].ID
	})
	for _, op := range due {
		op.Done = true
		delete(s.running, op.ID)
		rec := s.find(op.Resource)
		switch {
		case rec == nil:
		case op.Delete:
			s.remove(&removal{s: s, req: &request{version: op.Version}, rec: rec, id: rec.id()})
		case !s.busy(op.Resource):
			if _, ok := rec.props()["provisioningState"]; ok {
				rec.props()["provisioningState"] = endState(op)
			}
		}
	}
}

func endState(op *operation) string {
	if op.Failed != nil {
		return "Failed"
	}
	return "Succeeded"
}

// busy says whether an operation on a resource has not ended.
func (s *Server) busy(id string) bool {
	for _, op := range s.running {
		if strings.EqualFold(op.Resource, id) {
			return true
		}
	}
	return false
}

// Pending is when the last running operation on an id or below it ends; ok=false when none runs. With it a caller can
// move its clock instead of waiting.
func (s *Server) Pending(id string) (ends time.Time, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settle()
	for _, op := range s.running {
		if isWithin(op.Resource, strings.TrimRight(id, "/")) && op.Ends.After(ends) {
			ends, ok = op.Ends, true
		}
	}
	return ends, ok
}

// routeOperation serves the URLs of operationHeaders (Microsoft Learn: azure-resource-manager/management/async-operations).
func (s *Server) routeOperation(req *request) (*reply, *Error, bool) {
	segments := strings.Split(strings.Trim(req.path, "/"), "/")
	n := len(segments)
	if n != 8 || req.method != http.MethodGet || !strings.EqualFold(segments[2], "providers") || !strings.EqualFold(segments[4], "locations") {
		return nil, nil, false
	}
	results := strings.EqualFold(segments[6], "operationResults")
	if !results && !strings.EqualFold(segments[6], "operationStatuses") {
		return nil, nil, false
	}
	op := s.ops[strings.ToLower(segments[7])]
	if op == nil {
		return nil, refusal(http.StatusNotFound, "NotFound", "The operation '%s' could not be found.", segments[7]), true
	}
	if results {
		return s.operationResult(req, op), nil, true
	}
	status := map[string]any{"id": req.path, "name": op.ID, "status": "InProgress", "startTime": op.Started.Format(time.RFC3339Nano)}
	if op.Done {
		status["status"], status["endTime"], status["percentComplete"] = endState(op), op.Ends.Format(time.RFC3339Nano), 100
		if op.Failed != nil {
			status["error"] = op.Failed
		}
	}
	return &reply{status: http.StatusOK, body: status}, nil, true
}

func (s *Server) operationResult(req *request, op *operation) *reply {
	if !op.Done {
		return &reply{status: http.StatusAccepted, header: operationHeaders(req, op)}
	}
	if op.Failed != nil {
		return &reply{status: http.StatusConflict, body: map[string]any{"error": op.Failed}}
	}
	rec := s.find(op.Resource)
	if op.Delete || rec == nil {
		return &reply{status: http.StatusNoContent}
	}
	return &reply{status: http.StatusOK, body: clone(rec.Body)}
}
