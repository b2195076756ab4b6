package arm

import (
	"net/http"
	"sort"
	"strings"
	"time"
)

// keepDeleted is how long a deleted service or account keeps its name (Microsoft Learn: api-management/soft-delete and
// ai-services/recover-purge-resources): 48 hours.
const keepDeleted = 48 * time.Hour

// softDeleted is what remains of a deleted service or account.
type softDeleted struct {
	ID      string         `json:"id"`
	Type    string         `json:"type"`
	Body    map[string]any `json:"body"`
	Private map[string]any `json:"private,omitempty"`
	Deleted time.Time      `json:"deleted"`
}

func (s *Server) remember(rm *removal) {
	s.deleted[strings.ToLower(rm.rec.ID)] = &softDeleted{ID: rm.rec.ID, Type: rm.rec.Type, Body: rm.rec.Body, Private: rm.rec.Private,
		Deleted: s.options.Now().UTC()}
}

func rememberAccount(rm *removal) { rm.s.remember(rm) }

// keptDeleted lists what is soft-deleted now, by id.
func (s *Server) keptDeleted() []*softDeleted {
	now := s.options.Now()
	var out []*softDeleted
	for key, d := range s.deleted {
		if now.Sub(d.Deleted) >= keepDeleted {
			delete(s.deleted, key)
			continue
		}
		out = append(out, d)
	}
	sort.Slice(out, func(i, j int) bool { return strings.ToLower(out[i].ID) < strings.ToLower(out[j].ID) })
	return out
}

// SoftDeleted are the ids of deleted services and accounts whose names are still taken.
func (s *Server) SoftDeleted() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settle()
	var out []string
	for _, d := range s.keptDeleted() {
		out = append(out, d.ID)
	}
	return out
}

// checkSoftDeleted refuses the name of a soft-deleted service or account, and brings it back when "restore" asks for it.
func checkSoftDeleted(w *write) {
	if w.kind.Type != serviceType && w.kind.Type != accountType || w.prev != nil {
		return
	}
	restore, _ := w.props["restore"].(bool)
	var twin *softDeleted
	for _, d := range w.s.keptDeleted() {
		// A service's name is one host name for all of Azure; an account's name is its group's.
		if strings.EqualFold(d.ID, w.id.text) ||
			w.kind.Type == serviceType && d.Type == serviceType && strings.HasSuffix(strings.ToLower(d.ID), "/"+strings.ToLower(w.id.Name())) {
			twin = d
		}
	}
	switch {
	case twin == nil && restore:
		w.refuse(refusal(http.StatusNotFound, "ServiceUndeleteNotPossible", "There is no soft-deleted resource '%s' to restore.", w.id)) // [M]: code
	case twin != nil && !restore && w.kind.Type == serviceType:
		w.refuse(refusal(http.StatusConflict, "ServiceAlreadyExistsInSoftDeletedState", "Api service %s was soft-deleted. In order to create the new service with the same name, you have to either undelete the service or purge it. See https://aka.ms/apimsoftdelete.", w.id.Name()))
	case twin != nil && !restore:
		w.refuse(refusal(http.StatusConflict, "FlagMustBeSetForRestore", "An existing resource with ID '%s' has been soft-deleted. To restore the resource, you must specify 'restore' to be 'true' in the property. If you don't want to restore existing resource, please purge it first.", twin.ID))
	case twin != nil && !sameRegion(text(twin.Body, "location"), text(w.body, "location")):
		w.refuse(refusal(http.StatusConflict, "InvalidResourceLocation", "The soft-deleted resource '%s' is in location '%s', not in '%s'.", twin.ID, text(twin.Body, "location"), text(w.body, "location")))
	case twin != nil:
		// Everything else that was sent is ignored: the old properties come back.
		w.body, w.private = clone(twin.Body), clone(twin.Private)
		w.props = w.object("properties")
		for key := range readOnlyAfterRestore {
			delete(w.props, key)
		}
	}
}

// readOnlyAfterRestore are filled in anew.
var readOnlyAfterRestore = map[string]bool{"privateEndpointConnections": true, "provisioningState": true}

// deletedPaths tell the two providers' addresses of soft-deleted resources apart.
var deletedPaths = map[string]string{"deletedservices": serviceType, "deletedaccounts": accountType}

// routeDeleted serves the lists of soft-deleted resources and their purge.
func (s *Server) routeDeleted(req *request) (*reply, *Error, bool) {
	segments := strings.Split(strings.Trim(req.path, "/"), "/")
	at := -1
	for i, segment := range segments {
		if deletedPaths[strings.ToLower(segment)] != "" {
			at = i
		}
	}
	if at < 4 || len(segments) > at+2 {
		return nil, nil, false
	}
	armType := deletedPaths[strings.ToLower(segments[at])]
	if at == len(segments)-1 {
		if req.method != http.MethodGet {
			return nil, nil, false
		}
		list := []any{}
		for _, d := range s.keptDeleted() {
			if d.Type == armType {
				list = append(list, deletedBody(d))
			}
		}
		return &reply{status: http.StatusOK, body: map[string]any{"value": list}}, nil, true
	}
	answer, refused := s.oneDeleted(req, armType, segments, at)
	return answer, refused, true
}

func (s *Server) oneDeleted(req *request, armType string, segments []string, at int) (*reply, *Error) {
	for _, d := range s.keptDeleted() {
		id, _ := ParseID(d.ID) // was parsed before it was stored
		group := armType == serviceType || at >= 2 && strings.EqualFold(segments[at-1], id.Group)
		if d.Type != armType || !group || !strings.EqualFold(id.Name(), segments[at+1]) || !deletedIn(segments, text(d.Body, "location")) {
			continue
		}
		switch req.method {
		case http.MethodGet:
			return &reply{status: http.StatusOK, body: deletedBody(d)}, nil
		case http.MethodDelete:
			delete(s.deleted, strings.ToLower(d.ID))
			return &reply{status: http.StatusOK}, nil
		}
	}
	if req.method == http.MethodDelete {
		return &reply{status: http.StatusNoContent}, nil
	}
	return nil, refusal(http.StatusNotFound, "ResourceNotFound", "There is no soft-deleted resource '%s'.", segments[at+1])
}

func deletedIn(segments []string, location string) bool {
	for i, segment := range segments[:len(segments)-1] {
		if strings.EqualFold(segment, "locations") {
			return sameRegion(segments[i+1], location)
		}
	}
	return false
}

func deletedBody(d *softDeleted) map[string]any {
	id, _ := ParseID(d.ID) // was parsed before it was stored
	props := map[string]any{
		"deletionDate":       d.Deleted.Format(time.RFC3339),
		"scheduledPurgeDate": d.Deleted.Add(keepDeleted).Format(time.RFC3339),
	}
	if d.Type == serviceType {
		props["serviceId"] = d.ID
	} else {
		props["customSubDomainName"] = text(d.Body, "properties", "customSubDomainName")
	}
	return map[string]any{"id": d.ID, "name": id.Name(), "type": d.Type, "location": d.Body["location"], "properties": props}
}
