package arm

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"sort"
	"strings"
	"time"

	"github.com/google/uuid"
)

// Resource is one resource as the data plane reads it.
type Resource struct {
	// ID is the full resource id in the spelling it was created with.
	ID string
	// Type is the ARM type as the registration table spells it.
	Type string
	// Name is the last segment of the id.
	Name string
	// APIVersion is the version of the last PUT.
	APIVersion string
	// Body is what GET answers.
	Body map[string]any
	// Private is what GET keeps to itself: keys, secret values, a policy as it was sent. Never log it.
	Private map[string]any
}

// record is a stored resource.
type record struct {
	ID         string         `json:"id"`
	Type       string         `json:"type"`
	APIVersion string         `json:"apiVersion"`
	Body       map[string]any `json:"body"`
	Private    map[string]any `json:"private,omitempty"`
	Created    time.Time      `json:"created"`
	// Hidden records exist without being listed as somebody's creation: what a service has from the start.
	Hidden bool `json:"hidden,omitempty"`
	// Written is true once somebody wrote it.
	Written bool `json:"written,omitempty"`
}

func (r *record) id() ID {
	id, _ := ParseID(r.ID) // was parsed before it was stored
	return id
}

func (r *record) props() map[string]any { return object(r.Body, "properties") }

func (r *record) resource() Resource {
	return Resource{ID: r.ID, Type: r.Type, Name: r.id().Name(), APIVersion: r.APIVersion, Body: clone(r.Body), Private: clone(r.Private)}
}

// Resources lists every resource of an ARM type ("" for all), ordered by id. What it returns are copies.
func (s *Server) Resources(armType string) []Resource {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settle()
	var out []Resource
	for _, r := range s.sorted() {
		if (armType == "" || strings.EqualFold(r.Type, armType)) && s.visible(r) {
			out = append(out, r.resource())
		}
	}
	return out
}

// Get is one resource by its id, in any spelling. What it returns is a copy.
func (s *Server) Get(id string) (Resource, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settle()
	r := s.find(id)
	if r == nil || !s.visible(r) {
		return Resource{}, false
	}
	return r.resource(), true
}

// BuiltIn says whether a resource was there from the start of its parent: nobody created it and nobody need delete it.
func (s *Server) BuiltIn(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.find(id)
	return r != nil && r.Hidden
}

// Untouched says whether a resource was there from the start of its parent and nobody has written it since.
func (s *Server) Untouched(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.find(id)
	return r != nil && r.Hidden && !r.Written
}

// OnChange registers a function that is called with the id of every resource that was written or deleted, after the
// request is over and the server is free again.
func (s *Server) OnChange(watch func(id string)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.watchers = append(s.watchers, watch)
}

func (s *Server) notify() {
	s.mu.Lock()
	ids, watchers := s.changed, s.watchers
	s.changed = nil
	s.mu.Unlock()
	for _, id := range ids {
		for _, watch := range watchers {
			watch(id)
		}
	}
}

func (s *Server) find(id string) *record {
	return s.records[strings.ToLower("/"+strings.Trim(id, "/"))]
}

// visible hides extension resources whose target is gone: a diagnostic setting outlives its target, unseen.
func (s *Server) visible(r *record) bool {
	scope := r.id().Scope
	if scope == "" {
		return true
	}
	id, err := ParseID(scope)
	return err == nil && (id.Type == subscriptionType || s.find(scope) != nil)
}

func (s *Server) store(r *record) {
	s.index(r)
	s.changed = append(s.changed, r.ID)
}

// index makes a record found by its id and by its type; rules ask for types on every write.
func (s *Server) index(r *record) {
	key, armType := strings.ToLower(r.ID), strings.ToLower(r.Type)
	s.records[key] = r
	if s.byType[armType] == nil {
		s.byType[armType] = map[string]*record{}
	}
	s.byType[armType][key] = r
}

func (s *Server) drop(r *record) {
	key := strings.ToLower(r.ID)
	delete(s.records, key)
	delete(s.byType[strings.ToLower(r.Type)], key)
	s.changed = append(s.changed, r.ID)
}

func (s *Server) sorted() []*record {
	keys := make([]string, 0, len(s.records))
	for key := range s.records {
		keys = append(keys, key)
	}
	sort.Strings(keys)
	out := make([]*record, len(keys))
	for i, key := range keys {
		out[i] = s.records[key]
	}
	return out
}

// ofType lists the records of a type below an id ("" for anywhere), ordered by id.
func (s *Server) ofType(armType, below string) []*record {
	var keys []string
	ofType, below := s.byType[strings.ToLower(armType)], strings.ToLower(below)
	for key := range ofType {
		if below == "" || key == below || strings.HasPrefix(key, below) && key[len(below)] == '/' {
			keys = append(keys, key)
		}
	}
	sort.Strings(keys)
	out := make([]*record, len(keys))
	for i, key := range keys {
		out[i] = ofType[key]
	}
	return out
}

// guid is a stable GUID for a purpose of a resource.
func guid(parts ...string) string {
	return uuid.NewSHA1(uuid.NameSpaceURL, []byte(strings.ToLower(strings.Join(parts, "#")))).String()
}

// secret is a stable secret of 32 hex digits for a purpose of a resource; only who knows the seed can compute it.
func (s *Server) secret(parts ...string) string {
	mac := hmac.New(sha256.New, s.seed)
	mac.Write([]byte(strings.ToLower(strings.Join(parts, "#"))))
	return hex.EncodeToString(mac.Sum(nil))[:32]
}
