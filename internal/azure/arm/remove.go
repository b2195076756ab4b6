package arm

import (
	"net/http"
	"strings"
)

// removal is one DELETE on its way.
type removal struct {
	s   *Server
	req *request
	rec *record
	id  ID
}

// delete answers 204 for what is not there, as ARM does, and asks the type's rules before it removes anything.
func (s *Server) delete(req *request, id ID) (*reply, *Error) {
	kind, refused := kindOf(req, id)
	if refused != nil {
		return nil, refused
	}
	rec := s.find(id.text)
	if rec == nil || !s.visible(rec) {
		if kind.Type == groupType {
			return nil, groupNotFound(id.Group)
		}
		return &reply{status: http.StatusNoContent}, nil
	}
	if refused := req.condition(rec); refused != nil {
		return nil, refused
	}
	rm := &removal{s: s, req: req, rec: rec, id: rec.id()}
	if refused := s.overlaps(kind.Type, rm.id, rec.Body); refused != nil && !req.template {
		return nil, refused
	}
	for _, check := range kind.removing {
		if refused := check(rm); refused != nil {
			return nil, refused
		}
	}
	if kind.row.ARM.Async {
		return s.startDelete(rm), nil
	}
	s.occupy(rec, req.version, s.duration(kind.Type, http.MethodDelete, rec.Body))
	s.remove(rm)
	return &reply{status: http.StatusOK}, nil
}

// remove takes a resource away with everything that lives in it. Diagnostic settings stay behind unseen: a new resource
// with the same id finds them again (MicrosoftDocs/azure-docs issue 107734).
func (s *Server) remove(rm *removal) {
	kind := registry[strings.ToLower(rm.rec.Type)]
	inside := []*record{}
	for _, r := range s.sorted() {
		if r != rm.rec && isWithin(r.ID, rm.rec.ID) && r.Type != diagnosticSettingType {
			inside = append(inside, r)
		}
	}
	s.drop(rm.rec)
	for _, r := range inside {
		if _, there := s.records[strings.ToLower(r.ID)]; !there {
			continue
		}
		s.drop(r)
		if k := registry[strings.ToLower(r.Type)]; k != nil && k.removed != nil {
			k.removed(&removal{s: s, req: rm.req, rec: r, id: r.id()})
		}
	}
	if kind != nil && kind.removed != nil {
		kind.removed(rm)
	}
}

// holders lists who refers to an id in their bodies, by a predicate on the referring record.
func (s *Server) holders(armType string, refers func(*record) bool) []string {
	var out []string
	for _, r := range s.ofType(armType, "") {
		if refers(r) {
			out = append(out, r.ID)
		}
	}
	return out
}

// mentions says whether any string in a value is the id.
func mentions(value any, id string) bool {
	switch v := value.(type) {
	case string:
		return strings.EqualFold(strings.Trim(v, "/"), strings.Trim(id, "/"))
	case map[string]any:
		for _, item := range v {
			if mentions(item, id) {
				return true
			}
		}
	case []any:
		for _, item := range v {
			if mentions(item, id) {
				return true
			}
		}
	}
	return false
}

// keepWhileUsedBy refuses to delete a resource that others of the given types refer to in their properties.
func keepWhileUsedBy(code, what string, types ...string) func(*removal) *Error {
	return func(rm *removal) *Error {
		var users []string
		for _, t := range types {
			users = append(users, rm.s.holders(t, func(r *record) bool {
				return !isWithin(r.ID, rm.rec.ID) && mentions(r.props(), rm.rec.ID)
			})...)
		}
		if len(users) == 0 {
			return nil
		}
		return inUse(code, what, rm.id, users)
	}
}

// builtInStays refuses to delete what a service has from the start [M: text].
func builtInStays(rm *removal) *Error {
	// The administrator's subscription of a product was not made by hand either, but may go.
	if !rm.rec.Hidden || rm.rec.Type == apimSubscriptionType && rm.id.Name() != "master" {
		return nil
	}
	return refusal(http.StatusBadRequest, "ValidationError", "System entity '%s' cannot be deleted.", rm.id.Name())
}
