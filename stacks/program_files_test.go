package stacks_test

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/plan"
	"enterprise-openai/stacks"
)

// plannedFiles is dev with a further account that none of the products with files uses, and with what its first product allows.
func plannedFiles(t *testing.T, endpoints ...stacks.EndpointKind) map[string]plan.Resource {
	t.Helper()
	made, err := plan.Of(t.Context(), "..", "dev", plan.Update, func(ctx *pulumi.Context) error {
		s, err := stacks.LoadSettings(ctx)
		if err != nil {
			return err
		}
		elsewhere := s.Accounts[1]
		elsewhere.Name, elsewhere.Location, elsewhere.Priority = "norway", "norwayeast", 3
		elsewhere.Deployments = []stacks.Deployment{elsewhere.Deployments[0]}
		elsewhere.Deployments[0].Name = "other"
		s.Accounts = append(s.Accounts, elsewhere)
		s.Products[0].Endpoints = endpoints
		s.Products[1].Deployments = []string{"gpt-5.4", "other"}
		return stacks.DeploySettings(ctx, s)
	})
	require.NoError(t, err)
	all := map[string]plan.Resource{}
	for _, r := range made.Resources {
		if r.Custom {
			all[r.Type+" "+r.Name] = r
		}
	}
	return all
}

func TestFilesGiveTheGatewayAnotherRoleOnTheirAccountsAlone(t *testing.T) {
	const role = "azure-native:authorization/v20220401:RoleAssignment access-"
	before := plannedFiles(t, stacks.EndpointChat)
	after := plannedFiles(t, stacks.EndpointChat, stacks.EndpointFiles)
	var more []string
	for name := range after {
		if _, was := before[name]; !was {
			more = append(more, name)
		}
	}
	const gateway = "azure-native:apimanagement/v20240601preview:"
	assert.ElementsMatch(t, []string{
		role + "sweden-files", role + "france-files", gateway + "Subscription policies-file-key", gateway + "NamedValue policies-file-key",
		gateway + "PolicyFragment file", gateway + "PolicyFragment attached", gateway + "PolicyFragment transfer", gateway + "PolicyFragment fileids",
		gateway + "ApiOperation api-openai-Files_Upload", gateway + "ApiOperation api-openai-Files_Get", gateway + "ApiOperation api-openai-Files_Delete",
		gateway + "ApiOperation api-openai-Files_GetContent", gateway + "ApiOperation api-openai-v1-createFile", gateway + "ApiOperation api-openai-v1-retrieveFile",
		gateway + "ApiOperation api-openai-v1-deleteFile", gateway + "ApiOperation api-openai-v1-downloadFile",
		gateway + "ApiOperation api-metadata-openai-Files_Upload", gateway + "ApiOperation api-metadata-openai-Files_Get", gateway + "ApiOperation api-metadata-openai-Files_Delete",
		gateway + "ApiOperation api-metadata-openai-Files_GetContent", gateway + "ApiOperation api-metadata-openai-v1-createFile", gateway + "ApiOperation api-metadata-openai-v1-retrieveFile",
		gateway + "ApiOperation api-metadata-openai-v1-deleteFile", gateway + "ApiOperation api-metadata-openai-v1-downloadFile",
	}, more)
	assert.Regexp(t, "/roleDefinitions/a001fd3d-188f-4b5d-821b-7da978bf7442$", at(after[role+"sweden-files"], "roleDefinitionId"))
	key := after[gateway+"NamedValue policies-file-key"]
	assert.Equal(t, plan.Secret, at(key, "value"), "the key of file ids in plain text")
	assert.Equal(t, true, at(key, "secret"))
	assert.Equal(t, "suspended", at(after[gateway+"Subscription policies-file-key"], "state"), "a key that opens something")
}
