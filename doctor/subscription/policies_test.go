package subscription

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestWhatAzurePolicyDeniesIsFoundBeforeADeployment(t *testing.T) {
	const remedy = "; ask the owner of the assignment for an exemption, or change the setting that definition allowed-locations objects to"
	denied := func(name string) func(*world) {
		return func(w *world) { w.azure.denials = map[string]string{name: "eu-only"} }
	}
	askAll(t, []wrong{
		{"nothing", func(*world) {}, []string{}},
		{"an account", denied("aoai-test-oai-france-abc123"), []string{"error azure-policy accounts[1]: Azure Policy denies aoai-test-oai-france-abc123: assignment eu-only" + remedy}},
		{"the gateway", denied("aoai-test-apim-abc123"), []string{"error azure-policy gateway: Azure Policy denies aoai-test-apim-abc123: assignment eu-only" + remedy}},
	})
}

func TestWhoeverMayNotAskAzurePolicyIsShownWhatWasNotChecked(t *testing.T) {
	w := newWorld(t)
	w.azure.failures[checkPolicies] = &failure{status: http.StatusForbidden, code: "AuthorizationFailed"}
	found, unseen := w.check(t)
	assert.Empty(t, found)
	assert.Contains(t, unseen, "What Azure Policy denies: the login may not look (AuthorizationFailed); it needs Microsoft.PolicyInsights/checkPolicyRestrictions/read, which role Contributor has.")
}
