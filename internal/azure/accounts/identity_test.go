package accounts_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/internal/azure/accounts"
	"enterprise-openai/internal/azure/entra"
)

func TestOnlyAValidTokenOfAnIdentityWithARoleReachesAModel(t *testing.T) {
	clock := newClock()
	directory, err := entra.New(entra.Options{Clock: clock})
	require.NoError(t, err)
	require.NoError(t, directory.AddTenant(entra.Tenant{ID: tenant}))
	require.NoError(t, directory.AddTenant(entra.Tenant{ID: stranger}))
	for _, id := range []string{gateway, stranger} {
		require.NoError(t, directory.PutManagedIdentity(entra.ManagedIdentity{TenantID: tenant, PrincipalID: id, ClientID: id}))
	}
	s, err := accounts.New([]accounts.Account{account(closed, keyless)}, accounts.Deps{Clock: clock, Tokens: directory})
	require.NoError(t, err)
	call := func(identity, resource string, spoil ...entra.Spoil) int {
		token, err := directory.ManagedIdentityToken(identity, resource, spoil...)
		require.NoError(t, err)
		return do(t, s, http.MethodPost, chatPath, hello, "Authorization", "Bearer "+token.Access).status
	}
	const cognitive, foundry = "https://cognitiveservices.azure.com", "https://ai.azure.com"
	assert.Equal(t, 200, call(gateway, cognitive))
	assert.Equal(t, 200, call(gateway, cognitive+"/"))
	assert.Equal(t, 200, call(gateway, foundry))
	assert.Equal(t, 401, call(gateway, "https://management.azure.com"), "a token for another resource")
	assert.Equal(t, 401, call(stranger, cognitive), "an identity without the role")
	assert.Equal(t, 401, call(gateway, cognitive, entra.Expired(time.Second)))
	assert.Equal(t, 401, call(gateway, cognitive, entra.WrongKey()))
	assert.Equal(t, 401, call(gateway, cognitive, entra.Unsigned()))
	assert.Equal(t, 400, call(gateway, cognitive, entra.WithTenant(stranger)), "a token of another tenant")
}
