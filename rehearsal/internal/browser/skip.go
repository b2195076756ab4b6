package browser

import (
	"errors"
	"testing"
)

// SkipWithout skips a test on a machine without a browser, with the command that installs it. Any other error of Open fails the test.
// `make test` runs that command first and prints that pages were not opened where it fails.
func SkipWithout(t testing.TB, err error) {
	t.Helper()
	switch {
	case errors.Is(err, ErrMissing):
		t.Skipf("pages were not opened in a browser: %v", err)
	case err != nil:
		t.Fatal(err)
	}
}
