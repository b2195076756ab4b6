package apim_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"enterprise-openai/internal/azure/apim"
	"enterprise-openai/internal/azure/apim/apimtest"
)

// faulty panics where a token is asked for.
type faulty struct{}

func (faulty) Token(context.Context, string, string) (string, time.Time, error) {
	panic("out of order")
}

func TestAPanicInsideIsA500AndARecord(t *testing.T) {
	run := apimtest.RunT(t, service(sections(`<authentication-managed-identity resource="r" />`, "", "", "")), func(d *apim.Deps) { d.Identity = faulty{} })
	got := run.Get("/echo/things/1")
	assert.Equal(t, http.StatusInternalServerError, got.Status)
	assert.NotContains(t, got.Body, "out of order")
	assert.Contains(t, run.Records.Wait(1)[0].LastError.Message, "out of order")
}
