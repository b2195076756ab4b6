package rehearsal

import (
	"fmt"

	"github.com/gofrs/flock"
)

// lock takes a lock file, or fails at once when another process has it: two rehearsals in one work folder would destroy
// each other's state. The kernel frees the lock when the process ends, however it ends.
func lock(path string) (unlock func(), err error) {
	l := flock.New(path, flock.SetPermissions(0o600))
	locked, err := l.TryLock()
	if err != nil {
		return nil, fmt.Errorf("lock file: %w", err)
	}
	if !locked {
		return nil, fmt.Errorf("another process has locked %s", path)
	}
	return func() { _ = l.Unlock() }, nil
}
