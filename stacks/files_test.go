package stacks

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// withFiles lets the first product have files.
func withFiles(s *Settings) {
	s.Products[0].Endpoints = []EndpointKind{EndpointChat, EndpointResponses, EndpointFiles}
}

func TestFilesGoToTheAccountsWithMostOfAProductsDeployments(t *testing.T) {
	s := devSettings(withFiles)
	takers, first := s.fileTakers(s.Products[0])
	assert.Equal(t, []string{"sweden", "france"}, takers)
	assert.Equal(t, 1, first, "france has a lower priority")
	s.Accounts[1].Priority = 1
	_, first = s.fileTakers(s.Products[0])
	assert.Equal(t, 2, first)
	s.Accounts[1].Deployments = append(s.Accounts[1].Deployments, s.Accounts[1].Deployments[0])
	s.Accounts[1].Deployments[1].Name = "more"
	s.Products[0].Deployments = []string{"gpt-4o", "more"}
	takers, first = s.fileTakers(s.Products[0])
	assert.Equal(t, []string{"france", "sweden"}, takers)
	assert.Equal(t, 1, first)
	takers, _ = s.fileTakers(s.Products[1])
	assert.Empty(t, takers, "a product without files")
}

func TestFilesNeedAProductThatKeepsTextAndIdsOfTheGateway(t *testing.T) {
	judge(t, []wrong{
		{"no text is kept", func(s *Settings) { s.Products[1].Endpoints = []EndpointKind{EndpointChat, EndpointFiles} }, []string{
			"products[1].endpoints: allows files, and privacy metadata keeps no text: an account keeps a file until it is deleted; leave files out, or choose privacy full"}},
		{"the account's own ids", func(s *Settings) {
			withFiles(s)
			s.Products[1].Tools.Allow = []string{"web_search", "files"}
		}, []string{
			"products[1].tools.allow[1]: opens every file of an account by the account's own id, and the products' callers have files there; leave it out, and allow files in the product's endpoints"}},
	})
}
