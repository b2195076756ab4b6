package stacks_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"enterprise-openai/plan"
)

func TestNoAccountTakesKeys(t *testing.T) {
	everywhere(t, func(t *testing.T, p program) {
		for _, account := range p.of(t, "Account") {
			assert.Equal(t, true, at(account, "properties", "disableLocalAuth"), account.Name)
			assert.NotEmpty(t, at(account, "properties", "customSubDomainName"), "%s: without a domain of its own it takes no Entra tokens", account.Name)
		}
	})
}

func TestDeploymentsOfOneAccountAreWrittenOneAfterTheOther(t *testing.T) {
	everywhere(t, func(t *testing.T, p program) {
		chains := map[any][]plan.Resource{}
		for _, deployment := range p.of(t, "Deployment") {
			account := at(deployment, "accountName")
			chains[account] = append(chains[account], deployment)
		}
		for account, deployments := range chains {
			for i, one := range deployments {
				for _, other := range deployments[i+1:] {
					assert.True(t, p.waits(one, other) || p.waits(other, one), "%v: %s and %s may be written at once", account, one.Name, other.Name)
				}
			}
		}
	})
}

func TestAnAccountsEndpointComesAfterItsDeployments(t *testing.T) {
	everywhere(t, func(t *testing.T, p program) {
		for _, endpoint := range p.of(t, "PrivateEndpoint") {
			account := at(endpoint, "privateLinkServiceConnections", 0, "privateLinkServiceId")
			for _, deployment := range p.of(t, "Deployment") {
				if strings.TrimSuffix(fmt.Sprint(at(deployment, "accountName")), ".name}") == strings.TrimSuffix(fmt.Sprint(account), ".id}") {
					assert.True(t, p.waits(endpoint, deployment), "%s may be written while %s is", endpoint.Name, deployment.Name)
				}
			}
		}
	})
}

func TestNothingBelowTheAccountsWaitsForTheGateway(t *testing.T) {
	everywhere(t, func(t *testing.T, p program) {
		service := p.of(t, "ApiManagementService")[0]
		for _, kind := range []string{"Account", "Deployment", "PrivateEndpoint", "PrivateDnsZoneGroup"} {
			for _, r := range p.of(t, kind) {
				assert.False(t, p.waits(r, service), "%s %s waits half an hour for the gateway", kind, r.Name)
			}
		}
		for _, account := range p.of(t, "Account") {
			assert.False(t, p.waits(service, account), "the gateway waits for account %s", account.Name)
		}
	})
}

func TestTheGatewayHasOneNarrowRoleOnEachAccountAndNothingElse(t *testing.T) {
	everywhere(t, func(t *testing.T, p program) {
		var scopes []any
		for _, role := range p.of(t, "RoleAssignment") {
			if strings.HasPrefix(role.Name, "export") {
				continue // see TestTheGatewayMaySendToTheHubAndNothingElse
			}
			if strings.HasSuffix(role.Name, "-files") {
				continue // see TestFilesGiveTheGatewayAnotherRoleOnTheirAccountsAlone
			}
			assert.Regexp(t, `/roleDefinitions/5e0bd9bd-7b93-4f28-af87-19fc36ad61bd$`, at(role, "roleDefinitionId"), "only Cognitive Services OpenAI User")
			assert.Equal(t, "ServicePrincipal", at(role, "principalType"), role.Name)
			assert.Equal(t, "${ApiManagementService gateway.identity.principalId}", at(role, "principalId"), role.Name)
			scopes = append(scopes, at(role, "scope"))
		}
		var accounts []any
		for _, account := range p.of(t, "Account") {
			accounts = append(accounts, "${Account "+account.Name+".id}")
		}
		assert.ElementsMatch(t, accounts, scopes)
	})
}
