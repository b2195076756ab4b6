package rehearsal

import (
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/auto"
	"github.com/stretchr/testify/assert"

	"enterprise-openai/rehearsal/engine"
)

func TestSecretOutputsAreKeptApart(t *testing.T) {
	got := translate(engine.Result{Created: 2, Duration: time.Second, Outputs: auto.OutputMap{
		"endpoint": {Value: "https://gateway.example"},
		"keys":     {Value: map[string]any{"team": "a-key"}, Secret: true},
	}}, nil)
	assert.Equal(t, map[string]any{"endpoint": "https://gateway.example"}, got.Outputs)
	assert.Equal(t, map[string]any{"keys": map[string]any{"team": "a-key"}}, got.Secrets)
	assert.Equal(t, 2, got.Created)
	assert.Equal(t, time.Second, got.Duration)
}

func TestChangesAreNamedAndWorkIsShown(t *testing.T) {
	var shown []string
	w := &watcher{detail: func(text string) { shown = append(shown, text) }}
	api := engine.Event{Type: "azure-native:apimanagement/v20240601preview:Api", Name: "chat"}
	for _, e := range []struct {
		kind      engine.EventKind
		operation string
	}{
		{engine.Started, "update"},
		{engine.Finished, "update"},
		{engine.Finished, "same"},
		{engine.Finished, "create-replacement"},
		{engine.Finished, "replace"},
		{engine.Message, "delete"},
	} {
		event := api
		event.Kind, event.Operation = e.kind, e.operation
		w.take(event)
	}
	w.take(engine.Event{Kind: engine.Finished, Operation: "update", Type: "pulumi:pulumi:Stack", Name: "dev"})
	w.take(engine.Event{Kind: engine.Finished, Operation: "create", Type: "pulumi:providers:azure-native", Name: "default"})
	assert.Equal(t, []string{"update Api chat"}, shown)
	assert.Equal(t, []string{"update Api chat", "replace Api chat"}, w.changes())
	w.reset()
	assert.Empty(t, w.changes())
}
