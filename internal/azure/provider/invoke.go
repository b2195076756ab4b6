package provider

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"

	"enterprise-openai/internal/azure/resourcetypes"
)

const (
	gatewayVersion = "2024-06-01-preview"
	groupPath      = "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}"
	servicePath    = groupPath + "/providers/Microsoft.ApiManagement/service/{serviceName}"
)

// gatewayToken is the token of something in the module of API Management.
func gatewayToken(name string) string { return "azure-native:apimanagement/v20240601preview:" + name }

// function is a provider function that is a POST to a resource.
type function struct {
	path, apiVersion string
}

const clientConfig = "azure-native:authorization:getClientConfig"

// functions are the modelled ones. All answers are plain values, also keys: a program marks them secret itself.
var functions = map[string]function{
	gatewayToken("listSubscriptionSecrets"): {servicePath + "/subscriptions/{sid}/listSecrets", gatewayVersion},
	gatewayToken("listNamedValue"):          {servicePath + "/namedValues/{namedValueId}/listValue", gatewayVersion},
	"azure-native:cognitiveservices/v20241001:listAccountKeys": {
		groupPath + "/providers/Microsoft.CognitiveServices/accounts/{accountName}/listKeys", "2024-10-01",
	},
	"azure-native:operationalinsights/v20230901:getSharedKeys": {
		groupPath + "/providers/Microsoft.OperationalInsights/workspaces/{workspaceName}/sharedKeys", "2023-09-01",
	},
}

// Invoke runs a function.
func (p *Provider) Invoke(_ context.Context, req *pulumirpc.InvokeRequest) (*pulumirpc.InvokeResponse, error) {
	if req.GetTok() == clientConfig {
		return p.answer(map[string]any{
			"clientId": p.options.ClientID, "objectId": p.options.ObjectID,
			"subscriptionId": p.options.SubscriptionID, "tenantId": p.options.TenantID,
		})
	}
	f, ok := functions[req.GetTok()]
	if !ok {
		known := append(slices.Collect(maps.Keys(functions)), clientConfig)
		slices.Sort(known)
		return nil, fmt.Errorf("function %s is not modelled by the embedded Azure; modelled: %s", req.GetTok(), strings.Join(known, ", "))
	}
	args, err := plainInputs(req.GetArgs())
	if err != nil {
		return nil, err
	}
	var failures []*pulumirpc.CheckFailure
	for _, name := range resourcetypes.PathParams(f.path) {
		if !args.HasValue(resource.PropertyKey(name)) {
			failures = append(failures, &pulumirpc.CheckFailure{Property: name, Reason: fmt.Sprintf("missing required property '%s'", name)})
		}
	}
	if len(failures) > 0 {
		return &pulumirpc.InvokeResponse{Failures: failures}, nil
	}
	id, err := p.expand(f.path, plainMap(args))
	if err != nil {
		return nil, err
	}
	ctx, cancel := p.operation()
	defer cancel()
	out, err := p.client.post(ctx, id, f.apiVersion)
	if err != nil {
		return nil, fmt.Errorf("request failed %s: %w", id, err)
	}
	return p.answer(out)
}

func (p *Provider) answer(values map[string]any) (*pulumirpc.InvokeResponse, error) {
	out, err := marshal(resource.NewPropertyMapFromMap(values))
	return &pulumirpc.InvokeResponse{Return: out}, err
}
