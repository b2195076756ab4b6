package subscription

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/cognitiveservices/armcognitiveservices"
	"github.com/golang-jwt/jwt/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/doctor"
	"enterprise-openai/stacks"
)

func TestASubscriptionWithEverythingIsLeftAlone(t *testing.T) {
	found, unseen := newWorld(t).check(t)
	assert.Empty(t, found)
	assert.Empty(t, unseen)
}

func TestNothingInAzureIsChanged(t *testing.T) {
	// To a call that is refused like this, the SDK by itself would answer with a registration.
	w := newWorld(t, func(w *world) { w.azure.providers["Microsoft.ApiManagement"] = "NotRegistered" },
		fails("ServiceClient.Get", failure{status: http.StatusConflict, code: "MissingSubscriptionRegistration"}))
	w.check(t)
	asking := []string{"POST ServiceClient.CheckNameAvailability", "POST ManagementClient.CheckDomainAvailability", "POST " + checkPolicies}
	for _, call := range w.azure.calls {
		assert.True(t, strings.HasPrefix(call, "GET ") || slices.Contains(asking, call), call)
	}
	assert.Greater(t, len(w.azure.calls), 20)
}

// wrong is one thing that is wrong with a subscription, and the findings about it.
type wrong struct {
	name   string
	change func(*world)
	want   []string
}

func askAll(t *testing.T, cases []wrong) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			found, unseen := newWorld(t, c.change).check(t)
			assert.Equal(t, c.want, found)
			assert.Empty(t, unseen)
		})
	}
}

func TestProvidersThatAreNotRegisteredAreFound(t *testing.T) {
	const register = "az provider register --namespace Microsoft.ApiManagement --subscription " + subscriptionID
	askAll(t, []wrong{
		{"not registered", func(w *world) { w.azure.providers["Microsoft.ApiManagement"] = "NotRegistered" }, []string{
			"error azure-providers: Microsoft.ApiManagement is not registered (NotRegistered): Azure refuses its resources with MissingSubscriptionRegistration; " + register}},
		{"of an Event Hub that is not wanted", func(w *world) { w.azure.providers["Microsoft.EventHub"] = "NotRegistered" }, []string{}},
		{"of an Event Hub that is wanted", func(w *world) {
			w.azure.providers["Microsoft.EventHub"] = "NotRegistered"
			w.environment.Settings.Logging.EventHub = &stacks.EventHub{RetentionDays: 1}
		}, []string{
			"error azure-providers: Microsoft.EventHub is not registered (NotRegistered): Azure refuses its resources with MissingSubscriptionRegistration; " + strings.ReplaceAll(register, "ApiManagement", "EventHub")}},
		{"being registered", func(w *world) { w.azure.providers["Microsoft.ApiManagement"] = "Registering" }, []string{
			"warning azure-providers: Microsoft.ApiManagement is still being registered: its resources are refused until that is done; wait some minutes, or see " + register + " --wait"}},
	})
}

func TestRolesThatAreMissingAreFound(t *testing.T) {
	only := func(role, scope, condition string, actions, notActions []string) func(*world) {
		return func(w *world) {
			w.azure.assignments = nil
			w.azure.assign(role, scope, condition, actions, notActions)
		}
	}
	const (
		subscription = "/subscriptions/" + subscriptionID
		noRoles      = "error azure-roles: you may not give roles: pulumi up fails after everything else is made, when the gateway gets its role on the accounts; " +
			"get Owner, User Access Administrator or Role Based Access Control Administrator on the subscription, or activate it"
		all = "Microsoft.Resources/subscriptions/resourceGroups/write, Microsoft.Resources/deploymentStacks/write, Microsoft.Network/virtualNetworks/write, " +
			"Microsoft.OperationalInsights/workspaces/write, Microsoft.Insights/components/write, Microsoft.CognitiveServices/accounts/write, Microsoft.ApiManagement/service/write"
	)
	noDeployment := func(denied string) string {
		return "error azure-roles: you may not deploy: no active role of yours allows " + denied + "; get role Contributor, or activate it: az role assignment create --assignee " + me + " --role Contributor --scope " + subscription
	}
	contributor := []string{"Microsoft.Authorization/*/Delete", "Microsoft.Authorization/*/Write", "Microsoft.Authorization/elevateAccess/Action"}
	askAll(t, []wrong{
		{"Contributor", only("Contributor", subscription, "", []string{"*"}, contributor), []string{noRoles}},
		{"Reader", only("Reader", subscription, "", []string{"*/read"}, nil), []string{noDeployment(all), noRoles}},
		{"only the network", only("Network Contributor", subscription, "", []string{"microsoft.network/*"}, nil), []string{
			noDeployment(strings.ReplaceAll(all, "Microsoft.Network/virtualNetworks/write, ", "")), noRoles}},
		{"Owner of another resource group", only("Owner", subscription+"/resourceGroups/other", "", []string{"*"}, nil), []string{noDeployment(all), noRoles}},
		{"Owner of a management group above", only("Owner", "/providers/Microsoft.Management/managementGroups/x", "", []string{"*"}, nil), []string{}},
		{"Contributor and an administrator of roles", func(w *world) {
			only("Contributor", subscription, "", []string{"*"}, contributor)(w)
			w.azure.assign("Role Based Access Control Administrator", subscription, "", []string{"Microsoft.Authorization/roleAssignments/write", "*/read"}, nil)
		}, []string{}},
		{"an administrator under a condition", func(w *world) {
			only("Contributor", subscription, "", []string{"*"}, contributor)(w)
			w.azure.assign("Role Based Access Control Administrator", subscription, "@Request[…]", []string{"Microsoft.Authorization/roleAssignments/write"}, nil)
		}, []string{"warning azure-roles: you may give roles only under a condition: whether it allows Cognitive Services OpenAI User to a service principal cannot be seen from here; " +
			`read the condition of your assignment: az role assignment list --assignee ` + me + ` --query "[].condition"`}},
		{"the same role without the condition elsewhere", func(w *world) {
			only("Owner", subscription, "@Request[…]", []string{"*"}, nil)(w)
			w.azure.assign("Owner", "/", "", []string{"*"}, nil)
		}, []string{}},
	})
}

func TestWhoIsLoggedInIsReadFromTheToken(t *testing.T) {
	for name, credential := range map[string]login{
		"no object id": loggedInAs(t, jwt.MapClaims{"sub": "x"}),
		"no token":     {"opaque"},
	} {
		t.Run(name, func(t *testing.T) {
			found, unseen := newWorld(t, func(w *world) { w.options.Credential = credential }).check(t)
			assert.Empty(t, found)
			assert.Equal(t, []string{"Whether you may deploy: the login's token does not say who you are."}, unseen)
		})
	}
}

func TestNamesThatADeletionHoldsAreFound(t *testing.T) {
	purged := time.Date(2026, 7, 10, 9, 30, 0, 0, time.UTC)
	askAll(t, []wrong{
		{"the gateway's", func(w *world) {
			name := w.name(doctor.KindGateway)
			w.azure.taken[name] = "taken too, but reported once"
			w.azure.deletedServices = []map[string]any{
				{"name": "another", "location": "swedencentral"},
				{"name": strings.ToUpper(name), "location": "swedencentral", "properties": map[string]any{"scheduledPurgeDate": purged}},
			}
		}, []string{
			"error azure-deleted naming: a deleted API Management service still holds the name AOAI-TEST-APIM-ABC123, until 2026-07-10 09:30 UTC: Azure answers 409 ServiceAlreadyExistsInSoftDeletedState; " +
				"az apim deletedservice purge --service-name AOAI-TEST-APIM-ABC123 --location swedencentral, or set naming.suffix to another one"}},
		{"an account's", func(w *world) {
			w.azure.deletedAccounts = []*armcognitiveservices.Account{{
				Name: to.Ptr("aoai-test-oai-france-abc123"), Location: to.Ptr("francecentral"),
				ID:         to.Ptr("/subscriptions/" + subscriptionID + "/providers/Microsoft.CognitiveServices/locations/francecentral/resourceGroups/aoai-test-rg-abc123/deletedAccounts/aoai-test-oai-france-abc123"),
				Properties: &armcognitiveservices.AccountProperties{ScheduledPurgeDate: to.Ptr("2026-07-10T09:30:00Z")},
			}}
		}, []string{
			"error azure-deleted accounts[1].name: a deleted Azure OpenAI account and its subdomain still holds the name aoai-test-oai-france-abc123, until 2026-07-10T09:30:00Z: Azure answers 409 FlagMustBeSetForRestore; " +
				"az cognitiveservices account purge --name aoai-test-oai-france-abc123 --resource-group aoai-test-rg-abc123 --location francecentral, or set naming.suffix to another one"}},
	})
}

func TestNamesThatSomebodyHasAreFound(t *testing.T) {
	askAll(t, []wrong{
		{"the gateway's", func(w *world) { w.azure.taken["aoai-test-apim-abc123"] = "already exists." }, []string{
			"error azure-names naming: the name aoai-test-apim-abc123 of the API Management service is taken (already exists); set naming.suffix to another one"}},
		{"an account's", func(w *world) { w.azure.taken["aoai-test-oai-sweden-abc123"] = "" }, []string{
			"error azure-names accounts[0].name: the name aoai-test-oai-sweden-abc123 of the Azure OpenAI account and its subdomain is taken; set naming.suffix to another one"}},
		{"the address's", func(w *world) { w.azure.taken["label aoai-test-apim-abc123"] = "" }, []string{
			"error azure-names naming: the name aoai-test-apim-abc123 of the DNS label of the public address is taken; set naming.suffix to another one"}},
		{"by this very environment", func(w *world) {
			w.azure.gateway = true
			w.azure.accounts["aoai-test-oai-sweden-abc123"] = nil
			for _, name := range []string{"aoai-test-apim-abc123", "aoai-test-oai-sweden-abc123", "label aoai-test-apim-abc123"} {
				w.azure.taken[name] = "by ourselves"
			}
		}, []string{}},
	})
}

// nobody is a machine without a login; the text is that of the SDK.
type nobody struct{}

func (nobody) GetToken(context.Context, policy.TokenRequestOptions) (azcore.AccessToken, error) {
	return azcore.AccessToken{}, errors.New("DefaultAzureCredential: failed to acquire a token.\nAttempted credentials:\n\tEnvironmentCredential: missing environment variable AZURE_TENANT_ID\n" +
		"\tAzureCLICredential: Please run 'az login' to set up an account\n\tAzureDeveloperCLICredential: executable not found on path")
}

func TestWithoutALoginItSaysOnceWhatToRun(t *testing.T) {
	w := newWorld(t, func(w *world) { w.options.Credential = nobody{} })
	found, unseen := w.check(t)
	assert.Equal(t, []string{
		"error azure-login: Azure was not queried: nobody is logged in on this machine, or the login has expired (AzureCLICredential: Please run 'az login' to set up an account); " +
			"run az login, with --tenant for a directory that is not your default; a pipeline sets AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET"}, found)
	assert.Empty(t, unseen)
	assert.Empty(t, w.azure.calls, "nothing is queried without a login")
}

func TestTheSubscriptionIsTheOneThatPulumiUses(t *testing.T) {
	t.Setenv("PATH", t.TempDir()) // no az
	t.Setenv("ARM_SUBSCRIPTION_ID", "")
	t.Setenv("AZURE_SUBSCRIPTION_ID", "")
	_, err := Find(context.Background(), "", "")
	require.ErrorIs(t, err, ErrNoSubscription)
	for i, want := range []string{"from-azure", "from-arm", "from-the-stack", "from-the-flag"} {
		named, configured := "", ""
		switch i {
		case 0:
			t.Setenv("AZURE_SUBSCRIPTION_ID", want)
		case 1:
			t.Setenv("ARM_SUBSCRIPTION_ID", want)
		case 2:
			configured = want
		case 3:
			named, configured = want, "from-the-stack"
		}
		got, err := Find(context.Background(), named, configured)
		require.NoError(t, err)
		assert.Equal(t, want, got)
	}
}

func TestWithoutASubscriptionItSaysHowToChooseOne(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	t.Setenv("ARM_SUBSCRIPTION_ID", "")
	t.Setenv("AZURE_SUBSCRIPTION_ID", "")
	got, err := ThisMachine(context.Background(), newWorld(t).environment, "")
	require.NoError(t, err)
	assert.Equal(t, []doctor.Finding{{
		Check: "azure-login", Severity: doctor.Error, Settings: []doctor.Place{{}}, Message: "Azure was not queried: no subscription is chosen",
		Remedy: "run az login; choose with --subscription ID, ARM_SUBSCRIPTION_ID, or az account set --subscription NAME",
	}}, got.Findings)
}

func TestEveryCheckIsDocumentedAndSeen(t *testing.T) {
	var documented []string
	for _, c := range Checks() {
		assert.NotEmpty(t, c.Looks, c.ID)
		assert.NotEmpty(t, c.Source, c.ID)
		documented = append(documented, c.ID)
	}
	w := newWorld(t, func(w *world) {
		w.azure.providers["Microsoft.Network"] = "NotRegistered"
		w.azure.assignments = nil
		w.azure.taken["aoai-test-apim-abc123"] = "x"
		w.azure.usages["francecentral"][1] = used(dataZoneUsage, 500, 500)
		w.azure.models["swedencentral"] = nil
		w.azure.denials = map[string]string{"aoai-test-apim-abc123": "eu-only"}
		w.azure.models["francecentral"][0].Model.Deprecation = &armcognitiveservices.ModelDeprecationInfo{Inference: to.Ptr("2026-01-01T00:00:00Z")}
		w.azure.deletedAccounts = []*armcognitiveservices.Account{{Name: to.Ptr("aoai-test-oai-france-abc123")}}
		w.azure.machines = []*armcognitiveservices.ModelCapacityListResultValueItem{
			{Location: to.Ptr("swedencentral"), Properties: &armcognitiveservices.ModelSKUCapacityProperties{SKUName: to.Ptr("ProvisionedManaged"), AvailableCapacity: to.Ptr[float32](1)}}}
	}, first(func(d *stacks.Deployment) { d.SKU, d.TokensPerUnit = "ProvisionedManaged", 4750 }))
	found, _ := w.check(t)
	nobodys, _ := newWorld(t, func(w *world) { w.options.Credential = nobody{} }).check(t)
	var seen []string
	for _, line := range append(nobodys, found...) {
		if check := strings.TrimSuffix(strings.Fields(line)[1], ":"); !slices.Contains(seen, check) {
			seen = append(seen, check)
		}
	}
	assert.ElementsMatch(t, documented, seen)
}
