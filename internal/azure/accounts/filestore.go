package accounts

import (
	"strings"
	"sync"
	"time"
)

// storedFile is a file that an account keeps.
type storedFile struct {
	file
	content []byte
	// until is when it expires; zero is never.
	until time.Time
}

// file is a file as the API shows it.
type file struct {
	ID        string `json:"id"`
	Object    string `json:"object"`
	Bytes     int    `json:"bytes"`
	CreatedAt int64  `json:"created_at"`
	ExpiresAt *int64 `json:"expires_at,omitempty"`
	Filename  string `json:"filename"`
	Purpose   string `json:"purpose"`
	Status    string `json:"status"`
}

// fileStore are the files of all accounts. Another account does not know them.
type fileStore struct {
	mu  sync.Mutex
	all map[string]storedFile // by account and id
}

func (s *fileStore) key(account, id string) string { return strings.ToLower(account) + "/" + id }

func (s *fileStore) put(account string, f storedFile) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.all == nil {
		s.all = map[string]storedFile{}
	}
	s.all[s.key(account, f.ID)] = f
}

// get returns a file that was not deleted and has not expired.
func (s *fileStore) get(account, id string, now time.Time) (storedFile, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f, ok := s.all[s.key(account, id)]
	if ok && !f.until.IsZero() && now.After(f.until) {
		delete(s.all, s.key(account, id))
		return storedFile{}, false
	}
	return f, ok
}

func (s *fileStore) remove(account, id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.all, s.key(account, id))
}
