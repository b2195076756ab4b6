package rehearsal

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// seen is an event as a pace completes it.
func seen(p *pace, e Event) Event {
	p.see(&e)
	return e
}

func TestTheNextRunKnowsHowLongStepsUsuallyTakeAndHowMuchTheyDo(t *testing.T) {
	dir := t.TempDir()
	first := paceIn(dir)
	assert.Zero(t, seen(first, Event{Step: "up", Kind: Started}).Usual)
	assert.Equal(t, Event{Step: "engine", Kind: Detail, Done: 1}, seen(first, Event{Step: "engine", Kind: Detail}))
	seen(first, Event{Step: "engine", Kind: Detail})
	seen(first, Event{Step: "up", Kind: Finished, Took: 3 * time.Second})
	seen(first, Event{Step: "destroy", Kind: Started})
	seen(first, Event{Step: "destroy", Kind: Finished, Failed: true, Took: time.Hour})
	first.save()

	next := paceIn(dir)
	assert.Equal(t, 3*time.Second, seen(next, Event{Step: "up", Kind: Started}).Usual)
	assert.Equal(t, Event{Step: "engine", Kind: Detail, Done: 1, Of: 2}, seen(next, Event{Step: "engine", Kind: Detail}))
	seen(next, Event{Step: "engine", Kind: Detail})
	assert.Equal(t, Event{Step: "engine", Kind: Detail, Done: 3}, seen(next, Event{Step: "engine", Kind: Detail}),
		"more than the last time: nobody knows of how many")
	assert.Zero(t, seen(next, Event{Step: "destroy", Kind: Started}).Usual, "a step that failed says nothing about the next")
}

func TestAPaceThatCannotBeReadIsNone(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, paceFile), []byte(`{"up":`), 0o600))
	p := paceIn(dir)
	assert.Zero(t, seen(p, Event{Step: "up", Kind: Started}).Usual)
	seen(p, Event{Step: "up", Kind: Finished, Took: time.Second})
	p.save()
	assert.Equal(t, time.Second, seen(paceIn(dir), Event{Step: "up", Kind: Started}).Usual)
}
