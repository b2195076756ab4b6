package engine_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync"
)

// store is the smallest ARM there can be: it keeps what is put.
type store struct {
	mu     sync.Mutex
	bodies map[string]map[string]any
	refuse string // the name of what may not be put
}

func newStore() *store { return &store{bodies: map[string]map[string]any{}} }

// RoundTrip answers one request.
func (s *store) RoundTrip(r *http.Request) (*http.Response, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	id := strings.ToLower(r.URL.Path)
	answer := func(status int, body any) (*http.Response, error) {
		data, err := json.Marshal(body)
		return &http.Response{
			StatusCode: status, Status: http.StatusText(status), Request: r, Header: http.Header{},
			Body: io.NopCloser(bytes.NewReader(data)),
		}, err
	}
	body, exists := s.bodies[id]
	switch r.Method {
	case http.MethodPut:
		body = map[string]any{}
		if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
			return nil, err
		}
		parts := strings.Split(r.URL.Path, "/")
		if parts[len(parts)-1] == s.refuse {
			return answer(http.StatusConflict, map[string]any{"error": map[string]any{"code": "Conflict", "message": "not now"}})
		}
		body["id"], body["name"], body["type"] = r.URL.Path, parts[len(parts)-1], "Test/things"
		s.bodies[id] = body
		return answer(http.StatusOK, body)
	case http.MethodDelete:
		delete(s.bodies, id)
		return answer(http.StatusOK, map[string]any{})
	}
	if !exists {
		return answer(http.StatusNotFound, map[string]any{"error": map[string]any{"code": "ResourceNotFound", "message": "no such thing"}})
	}
	return answer(http.StatusOK, body)
}
