package provider

import (
	"net/http"
	"testing"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// created is a network in the state and in Azure.
func created(t *testing.T, token string, inputs props) (*fixture, string, *pulumirpc.ReadRequest) {
	t.Helper()
	f := newFixture(t)
	r, err := f.Create(t.Context(), &pulumirpc.CreateRequest{Urn: urnOf(token, "x"), Properties: wire(t, inputs)})
	require.NoError(t, err)
	return f, r.GetId(), &pulumirpc.ReadRequest{Urn: urnOf(token, "x"), Id: r.GetId(), Properties: r.GetProperties(), Inputs: wire(t, inputs)}
}

func TestARefreshOfWhatDidNotChangeChangesNothing(t *testing.T) {
	inputs := props{
		"resourceGroupName": "rg", "virtualNetworkName": "v", "location": "West Europe",
		"addressSpace": props{"addressPrefixes": []any{"10.0.0.0/16"}},
	}
	f, id, req := created(t, vnetToken, inputs)
	stored := f.azure.bodies[lower(id)]
	stored["properties"].(props)["subnets"] = []any{props{"name": "made elsewhere"}} // a Subnet resource of its own
	r, err := f.Read(t.Context(), req)
	require.NoError(t, err)
	assert.Equal(t, inputs, unwire(t, r.GetInputs()))
	assert.Len(t, unwire(t, r.GetProperties())["subnets"], 1)
}

func TestARefreshTakesDriftIntoTheInputs(t *testing.T) {
	f, id, req := created(t, accountToken, props{
		"resourceGroupName": "rg", "accountName": "acc", "location": "l",
		"properties": props{"publicNetworkAccess": "Disabled", "networkAcls": props{"defaultAction": "Deny"}},
	})
	inside := f.azure.bodies[lower(id)]["properties"].(props)
	inside["publicNetworkAccess"] = "Enabled"
	inside["endpoint"] = "https://only-an-output"
	r, err := f.Read(t.Context(), req)
	require.NoError(t, err)
	got := unwire(t, r.GetInputs())
	assert.Equal(t, props{"publicNetworkAccess": "Enabled", "networkAcls": props{"defaultAction": "Deny"}}, got["properties"])
}

func TestARefreshKeepsWhatAzureNeverReturns(t *testing.T) {
	f, id, req := created(t, gatewayToken("NamedValue"), service(props{"namedValueId": "n", "displayName": "n", "secret": true, "value": "hidden"}))
	delete(f.azure.bodies[lower(id)]["properties"].(props), "value")
	// The state was read after the PUT and has no value either.
	state := unwire(t, req.GetProperties())
	delete(state, "value")
	req.Properties = wire(t, state)
	r, err := f.Read(t.Context(), req)
	require.NoError(t, err)
	assert.Equal(t, "hidden", unwire(t, r.GetInputs())["value"])
}

func TestARefreshOfWhatIsGoneSaysSo(t *testing.T) {
	f, id, req := created(t, groupToken, props{"resourceGroupName": "rg", "location": "l"})
	delete(f.azure.bodies, lower(id))
	r, err := f.Read(t.Context(), req)
	require.NoError(t, err)
	assert.Empty(t, r.GetId())
}

func TestALinkIsRefreshedByItsPresence(t *testing.T) {
	f, id, req := created(t, gatewayToken("ProductApi"), service(props{"productId": "p", "apiId": "a"}))
	r, err := f.Read(t.Context(), req)
	require.NoError(t, err)
	assert.Equal(t, id, r.GetId())
	assert.Zero(t, f.azure.count("GET"))
	delete(f.azure.bodies, lower(id))
	r, err = f.Read(t.Context(), req)
	require.NoError(t, err)
	assert.Empty(t, r.GetId())
}

func TestAnImportTakesEverythingAndTheNamesFromTheID(t *testing.T) {
	f := newFixture(t)
	id := servicePrefix + "/groups/readers"
	f.azure.bodies[lower(id)] = props{"id": id, "name": "readers", "properties": props{"displayName": "Readers", "builtIn": false}}
	r, err := f.Read(t.Context(), &pulumirpc.ReadRequest{Urn: urnOf(gatewayToken("Group"), "x"), Id: id})
	require.NoError(t, err)
	assert.Equal(t, service(props{"groupId": "readers", "displayName": "Readers"}), unwire(t, r.GetInputs()))
}

func TestFunctionsReturnPlainValues(t *testing.T) {
	f := newFixture(t)
	f.azure.answer = func(method, path string, _ int) *http.Response {
		if method == http.MethodPost && path == servicePrefix+"/subscriptions/team/listSecrets" {
			return answer(200, props{"primaryKey": "one", "secondaryKey": "two"})
		}
		return refuse(404, "ResourceNotFound", "no such thing")
	}
	for name, c := range map[string]struct {
		token     string
		args      props
		want      props
		wantErr   string
		wantCheck string
	}{
		"client config": {
			token: "azure-native:authorization:getClientConfig",
			want:  props{"clientId": "client", "objectId": "object", "subscriptionId": testSubscription, "tenantId": "tenant"},
		},
		"keys": {
			token: gatewayToken("listSubscriptionSecrets"), args: service(props{"sid": "team"}),
			want: props{"primaryKey": "one", "secondaryKey": "two"},
		},
		"missing argument": {
			token: gatewayToken("listSubscriptionSecrets"), args: service(nil), wantCheck: "missing required property 'sid'",
		},
		"refused": {
			token: gatewayToken("listSubscriptionSecrets"), args: service(props{"sid": "other"}),
			wantErr: `request failed ` + servicePrefix + `/subscriptions/other/listSecrets: Status=404 Code="ResourceNotFound" Message="no such thing"`,
		},
		"not modelled": {
			token:   "azure-native:compute:getVirtualMachine",
			wantErr: "function azure-native:compute:getVirtualMachine is not modelled by the embedded Azure",
		},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := f.Invoke(t.Context(), &pulumirpc.InvokeRequest{Tok: c.token, Args: wire(t, c.args)})
			if c.wantErr != "" {
				require.ErrorContains(t, err, c.wantErr)
				return
			}
			require.NoError(t, err)
			if c.wantCheck != "" {
				assert.Equal(t, c.wantCheck, r.GetFailures()[0].GetReason())
				return
			}
			assert.Equal(t, c.want, unwire(t, r.GetReturn()))
		})
	}
}

func TestAnUnmodelledTypeIsRefusedByName(t *testing.T) {
	f := newFixture(t)
	_, err := f.Check(t.Context(), &pulumirpc.CheckRequest{Urn: urnOf("azure-native:compute:VirtualMachine", "vm")})
	assert.ErrorContains(t, err, "resource type azure-native:compute:VirtualMachine is not modelled by the embedded Azure")
}

func TestAServerListensOnThisMachineOnlyAndStops(t *testing.T) {
	types, err := PublishedTypes()
	require.NoError(t, err)
	s, err := Serve(t.Context(), Options{ARM: newAzure(), Types: types, SubscriptionID: testSubscription})
	require.NoError(t, err)
	assert.Positive(t, s.Port)
	s.Close()
	s.Close() // harmless
}

func TestMissingOptionsAreReportedTogether(t *testing.T) {
	_, err := Serve(t.Context(), Options{})
	assert.ErrorContains(t, err, "ARM is nil")
	assert.ErrorContains(t, err, "Types is nil")
	assert.ErrorContains(t, err, "SubscriptionID is empty")
}
