package stacks_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestEveryProductHasALimitAndAQuota(t *testing.T) {
	everywhere(t, func(t *testing.T, p program) {
		requests, limits := p.fragment(t, "requests"), p.fragment(t, "limits")
		for _, product := range p.of(t, "Product") {
			name := regexp.QuoteMeta(fmt.Sprint(at(product, "productId")))
			assert.Regexp(t, `== "`+name+`"[^?]*?<rate-limit-by-key calls="\d+"`, requests, product.Name)
			assert.Regexp(t, `(?s)== "`+name+`".*?tokens-per-minute="\d+" token-quota="\d+"`, limits, product.Name)
		}
	})
}

func (p program) fragment(t *testing.T, id string) string {
	t.Helper()
	for _, fragment := range p.of(t, "PolicyFragment") {
		if at(fragment, "id") == id {
			return fmt.Sprint(at(fragment, "value"))
		}
	}
	require.Fail(t, "no fragment "+id)
	return ""
}

func TestAMetadataProductsAPIsKeepNoText(t *testing.T) {
	everywhere(t, func(t *testing.T, p program) {
		found := false
		for _, diagnostic := range p.of(t, "ApiDiagnostic") {
			if !strings.HasPrefix(diagnostic.Name, "api-metadata-") {
				continue
			}
			found = true
			assert.Nil(t, at(diagnostic, "largeLanguageModel", "requests"), diagnostic.Name)
			assert.Nil(t, at(diagnostic, "largeLanguageModel", "responses"), diagnostic.Name)
			assert.Nil(t, at(diagnostic, "frontend", "request", "body"), diagnostic.Name)
			assert.Nil(t, at(diagnostic, "backend"), diagnostic.Name)
		}
		assert.True(t, found, "no metadata API")
	})
}

func TestAProductWithBodiesOfItsOwnHasAPIsOfItsOwn(t *testing.T) {
	p := changed(t, "dev", "      requestsPerMinute: 60\n", "      requestsPerMinute: 60\n      bodies: requests\n")
	body := map[string][2]bool{}
	for _, diagnostic := range p.of(t, "ApiDiagnostic") {
		body[diagnostic.Name] = [2]bool{at(diagnostic, "frontend", "request", "body") != nil, at(diagnostic, "backend", "response", "body") != nil}
		assert.Nil(t, at(diagnostic, "frontend", "response", "body"), diagnostic.Name)
	}
	assert.Equal(t, map[string][2]bool{
		"api-bodies-requests-openai": {true, false}, "api-bodies-requests-openai-v1": {true, false},
		"api-metadata-openai": {false, false}, "api-metadata-openai-v1": {false, false},
	}, body)
	assert.Contains(t, p.fragment(t, "caller"), `\"paths\": [\"bodies-requests/openai\", \"bodies-requests/openai/v1\"]`)

	p = changed(t, "dev", "    bodies: all\n", "    bodies: none\n")
	for _, diagnostic := range p.of(t, "ApiDiagnostic") {
		assert.Nil(t, at(diagnostic, "frontend", "request", "body"), diagnostic.Name)
		assert.Nil(t, at(diagnostic, "backend"), diagnostic.Name)
	}
}

func TestLoggedRequestsHideCredentials(t *testing.T) {
	everywhere(t, func(t *testing.T, p program) {
		for _, diagnostic := range append(p.of(t, "ApiDiagnostic"), p.of(t, "Diagnostic")...) {
			hidden := fmt.Sprint(at(diagnostic, "frontend", "request", "dataMasking"))
			for _, name := range []string{"Authorization", "api-key"} {
				assert.Contains(t, hidden, name, diagnostic.Name)
			}
		}
	})
}
