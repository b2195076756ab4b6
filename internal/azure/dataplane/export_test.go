package dataplane

import (
	"io"
	"net/http"
	"strings"
)

// FromTheGateway sends a call as the gateway's own machinery does, with its identity, and returns the body or the error.
func (p *Plane) FromTheGateway(url string) string {
	token, _, err := identities{p}.Token(nil, "", "https://cognitiveservices.azure.com") //nolint:staticcheck // no context is used
	if err != nil {
		return err.Error()
	}
	req, err := http.NewRequest(http.MethodPost, url, strings.NewReader(`{"messages":[{"role":"user","content":"hello"}]}`))
	if err != nil {
		return err.Error()
	}
	req.Header.Set("Authorization", "Bearer "+token)
	res, err := routes{p}.RoundTrip(req.Context(), 0, "", req)
	if err != nil {
		return err.Error()
	}
	defer res.Body.Close()
	data, _ := io.ReadAll(res.Body)
	return string(data)
}
