package apim

import (
	"sync"
	"time"
)

// store is the internal cache (Microsoft Learn: api-management-howto-cache).
type store struct {
	mu      sync.Mutex
	entries map[string]storeEntry
}

type storeEntry struct {
	value   any
	expires time.Time
}

func newStore() *store { return &store{entries: map[string]storeEntry{}} }

func (s *store) get(key string, now time.Time) (any, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e, ok := s.entries[key]
	if !ok {
		return nil, false
	}
	if !now.Before(e.expires) {
		delete(s.entries, key)
		return nil, false
	}
	return e.value, true
}

func (s *store) put(key string, v any, expires time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.entries[key] = storeEntry{value: v, expires: expires}
}

func (s *store) remove(key string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.entries, key)
}
