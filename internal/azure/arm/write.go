package arm

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

// write is one PUT on its way: the rules of the type read it, report problems into it and fill it in.
type write struct {
	s       *Server
	req     *request
	id      ID
	kind    *Kind
	body    map[string]any // what was sent, then what GET will answer
	props   map[string]any // body.properties
	private map[string]any
	prev    *record // what was there before, nil for a creation
	refused *Error
	found   []problem
	failure *Error    // the write was accepted and its operation will fail
	until   time.Time // when the operations that this write started end
}

// bad reports a wrong field; all of them are answered at once.
func (w *write) bad(path, format string, args ...any) {
	w.found = append(w.found, problem{Path: path, Message: fmt.Sprintf(format, args...)})
}

// refuse ends the write with a refusal of its own code; the first one wins.
func (w *write) refuse(e *Error) {
	if w.refused == nil {
		w.refused = e
	}
}

// put is the way of every PUT. The order matters: Azure looks at the address before it looks at the body, and a caller who
// misses a group should hear of the group.
func (s *Server) put(req *request, id ID) (*reply, *Error) {
	kind, refused := kindOf(req, id)
	if refused != nil {
		return nil, refused
	}
	if refused := s.unregistered(id); refused != nil {
		return nil, refused
	}
	if kind.row.ARM.BuiltIn {
		return nil, notModelled(http.StatusMethodNotAllowed, "MethodNotAllowed", "Creating '%s' is not supported", kind.Type)
	}
	w := &write{s: s, req: req, id: id, kind: kind, body: clone(req.body), private: map[string]any{}, prev: s.find(id.text)}
	w.props = w.object("properties")
	for _, step := range []func(*write){checkName, checkPlace, checkCondition, checkOverlap, checkSoftDeleted, checkLocation, checkModel, checkRequired, checkImmutable,
		checkRules} {
		step(w)
		if len(w.found) > 0 { // wrong fields come before conflicts with others
			return nil, kind.style.refuse(w.found)
		}
		if w.refused != nil {
			return nil, w.refused
		}
	}
	return w.finish(), nil
}

// object is a nested object of the body, created when it is missing.
func (w *write) object(key string) map[string]any {
	if o, ok := w.body[key].(map[string]any); ok {
		return o
	}
	if w.body[key] != nil { // a wrong type: the model check names it
		return map[string]any{}
	}
	o := map[string]any{}
	if !w.kind.row.ARM.Link {
		w.body[key] = o
	}
	return o
}

// checkModel holds the body against the type's model. What it does not lose and does not name otherwise, Azure knows.
func checkModel(w *write) {
	if w.kind.row.ARM.Link {
		return
	}
	if w.kind.model != nil {
		w.found = append(w.found, w.kind.model(w.req.version, w.body)...)
	}
}

func checkRequired(w *write) {
	for _, path := range w.kind.row.Required {
		parts := strings.Split(path, ".")
		value := object(w.body, parts[:len(parts)-1]...)[parts[len(parts)-1]]
		if value == nil || value == "" {
			w.bad(path, "Required property '%s' not found in JSON.", path)
		}
	}
}

// checkImmutable refuses what Azure cannot change in place.
func checkImmutable(w *write) {
	if w.prev == nil {
		return
	}
	for _, path := range w.kind.row.Immutable {
		parts := strings.Split(path, ".")
		old, now := text(w.prev.Body, parts...), text(w.body, parts...)
		if old != "" && !strings.EqualFold(old, now) {
			w.refuse(refusal(http.StatusBadRequest, "PropertyChangeNotAllowed", "Changing property '%s' is not allowed.", path).at(path))
		}
	}
}

func checkRules(w *write) {
	for _, check := range w.kind.checks {
		check(w)
		if w.refused != nil {
			return
		}
	}
}

// finish fills in what Azure fills in, stores the resource and answers.
func (w *write) finish() *reply {
	s, kind := w.s, w.kind
	w.body["id"], w.body["name"], w.body["type"] = w.canonicalID(), w.id.Name(), kind.Type
	if kind.row.ARM.Stateful {
		w.props["provisioningState"] = "Succeeded"
	}
	rec := &record{ID: w.canonicalID(), Type: kind.Type, APIVersion: w.req.version, Private: w.private, Created: s.options.Now().UTC(), Written: true}
	if w.prev != nil {
		rec.Created, rec.Hidden = w.prev.Created, w.prev.Hidden
		maps.Copy(w.private, keepMissing(w.prev.Private, w.private))
	}
	for path, value := range kind.row.Defaults {
		setDefaultAt(w.body, path, value)
	}
	if kind.fill != nil {
		kind.fill(w)
	}
	rec.Body = clone(w.body)
	if len(w.private) == 0 {
		rec.Private = nil
	}
	s.store(rec)
	delete(s.deleted, strings.ToLower(rec.ID)) // restored
	if kind.created != nil {
		kind.created(w)
	}
	status := http.StatusCreated
	if w.prev != nil {
		status = http.StatusOK
	}
	answer := &reply{status: status, body: cloneValue(s.find(rec.ID).Body)}
	answer.header = etagHeader(rec)
	if kind.row.ARM.Async {
		s.startPut(w, answer)
	} else {
		s.occupy(rec, w.req.version, s.duration(kind.Type, http.MethodPut, w.body))
	}
	return answer
}

func keepMissing(old, now map[string]any) map[string]any {
	out := map[string]any{}
	for key, value := range old {
		if _, ok := now[key]; !ok {
			out[key] = value
		}
	}
	return out
}

// canonicalID keeps the spelling of the first PUT; a group's name keeps the group's spelling.
func (w *write) canonicalID() string {
	if w.prev != nil {
		return w.prev.ID
	}
	return w.id.text
}

// resolve finds what a property refers to. Short forms ("/products/x") are relative to the API Management service.
func (w *write) resolve(ref string, types ...string) *record {
	if strings.Trim(ref, "/") == "" { // would be the service itself
		return nil
	}
	r := w.s.find(ref)
	if r == nil && !strings.HasPrefix(strings.ToLower(strings.TrimLeft(ref, "/")), "subscriptions/") {
		r = w.s.find(serviceID(w.id) + "/" + strings.Trim(ref, "/"))
	}
	if r == nil || len(types) > 0 && !slices.ContainsFunc(types, func(t string) bool { return strings.EqualFold(t, r.Type) }) {
		return nil
	}
	return r
}
