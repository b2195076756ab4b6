package main

import (
	"bytes"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"enterprise-openai/rehearsal"
)

// steps is a small rehearsal with a detail and a failure.
var steps = []rehearsal.Event{
	{Step: "up", Kind: rehearsal.Started},
	{Step: "engine", Kind: rehearsal.Detail, Text: "create Api chat"},
	{Step: "up", Kind: rehearsal.Finished, Text: "61 created", Took: 3460 * time.Millisecond},
	{Step: "refresh", Kind: rehearsal.Started, Text: "A refresh finds nothing."},
	{Step: "refresh", Kind: rehearsal.Finished, Text: "update Subnet", Drill: true, Failed: true, Took: time.Second},
}

func TestWithoutATerminalEachStepIsOnePlainLine(t *testing.T) {
	var b bytes.Buffer
	p := newProgress(&b)
	for _, e := range steps {
		p.show(e)
	}
	p.done()
	assert.Equal(t, ""+
		"ok     up              3.5 s  61 created\n"+
		"FAIL   refresh         1.0 s  update Subnet\n", b.String())
}

// fakeTime is a clock that a test sets.
type fakeTime struct{ time.Time }

func (c *fakeTime) now() time.Time { return c.Time }

// onTerminal is a progress that believes in a terminal, on a clock of its own.
func onTerminal(b *bytes.Buffer, width int) (*progress, *fakeTime) {
	clock := &fakeTime{time.Unix(0, 0)}
	p := newProgress(b)
	p.width, p.now = width, clock.now
	return p, clock
}

const wipe = "\r\x1b[K"

func TestOnATerminalTheRunningStepIsRewrittenInPlace(t *testing.T) {
	var b bytes.Buffer
	p, _ := onTerminal(&b, 30)
	for _, e := range steps[:3] {
		p.show(e)
	}
	assert.Equal(t, "  … up           "+wipe+"  … up           create Api …"+wipe+
		"ok     up              3.5 s  61 created\n", b.String())
}

func TestTheRunningStepShowsHowFarItIsAndHowLongItUsuallyTakes(t *testing.T) {
	var b bytes.Buffer
	p, clock := onTerminal(&b, 100)
	p.show(rehearsal.Event{Step: "up", Kind: rehearsal.Started, Usual: 6600 * time.Millisecond})
	clock.Time = clock.Add(2900 * time.Millisecond)
	p.show(rehearsal.Event{Step: "engine", Kind: rehearsal.Detail, Text: "create Api chat", Done: 43, Of: 173})
	assert.Equal(t, "  … up           0 s, usually 7"+wipe+
		"  … up           ██░░░░░░░░ 43 of 173 · 2 s, usually 7 · create Api chat", b.String())

	b.Reset()
	p.show(rehearsal.Event{Step: "overload", Kind: rehearsal.Started, Drill: true, Done: 12, Of: 24, Text: "At twice the load"})
	p.show(rehearsal.Event{Step: "engine", Kind: rehearsal.Detail, Text: "create Vault", Done: 1})
	assert.Equal(t, wipe+"  … overload     █████░░░░░ 12 of 24 · At twice the load"+wipe+
		"  … overload     █████░░░░░ 12 of 24 · create Vault", b.String())
}

func TestQuietShowsNothingButWhatFailed(t *testing.T) {
	var b bytes.Buffer
	p, _ := onTerminal(&b, 100)
	p.quiet = true
	for _, e := range steps {
		p.show(e)
	}
	n, err := p.Write([]byte("building the Pulumi CLI\n"))
	assert.NoError(t, err)
	assert.Equal(t, 24, n)
	p.done()
	assert.Equal(t, "FAIL   refresh         1.0 s  update Subnet\n", b.String())
}

func TestAStepThatNeverEndsLeavesNoHalfLine(t *testing.T) {
	var b bytes.Buffer
	p, _ := onTerminal(&b, 80)
	p.show(steps[0])
	p.done()
	p.done()
	assert.Equal(t, "  … up           \r\x1b[K", b.String())
}

func TestSlowPreparationsSpeakInLines(t *testing.T) {
	var b bytes.Buffer
	p := newProgress(&b)
	n, err := p.Write([]byte("building the Pulumi CLI\nstill building\n"))
	assert.NoError(t, err)
	assert.Equal(t, 39, n)
	assert.Equal(t, "       building the Pulumi CLI\n       still building\n", b.String())
}

func TestADrillEndsWithPassOrFailAndAStepWithOkOrFailed(t *testing.T) {
	var b bytes.Buffer
	p := newProgress(&b)
	for _, e := range []rehearsal.Event{
		{Step: "up", Text: "7 created"}, {Step: "destroy", Failed: true, Text: "failed"},
		{Step: "access", Drill: true}, {Step: "clean", Drill: true, Failed: true, Text: "still exists: /x"},
	} {
		e.Kind, e.Took = rehearsal.Finished, time.Second
		p.show(e)
	}
	assert.Equal(t, "ok     up              1.0 s  7 created\n"+
		"FAILED destroy         1.0 s  failed\n"+
		"PASS   access          1.0 s\n"+
		"FAIL   clean           1.0 s  still exists: /x\n", b.String())
}
