package main

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/rehearsal/clients"
)

func TestAnUnknownLibraryIsAnError(t *testing.T) {
	assert.Contains(t, call(context.Background(), nil, "h", clients.Call{Client: "none"}).Error, `no library "none"`)
}

func TestInputThatIsNoBatchIsRefused(t *testing.T) {
	var out bytes.Buffer
	require.ErrorContains(t, run(context.Background(), strings.NewReader("calls"), &out), "calls: invalid character")
	require.ErrorContains(t, run(context.Background(), strings.NewReader("{}"), &out), "no PEM certificate")
	assert.Empty(t, out.String())
}
