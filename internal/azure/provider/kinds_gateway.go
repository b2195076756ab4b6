package provider

const (
	gatewayVersion = "2024-06-01-preview"
	servicePath    = groupPath + "/providers/Microsoft.ApiManagement/service/{serviceName}"
)

var (
	serviceName = limit{min: 1, max: 50, pattern: `^[a-zA-Z](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?$`}
	entityID    = limit{min: 1, max: 256}
	shortID     = limit{min: 1, max: 80}
	plainID     = limit{max: 256, pattern: `^[^*#&+:<>?]+$`}
)

// gatewayKinds are an API Management service and what is in it. Everything but the service itself is named by the
// program: without an explicit id the provider uses the logical name (autoname.go).
func gatewayKinds() []kind {
	return append([]kind{
		{
			token: gatewayToken("ApiManagementService"), apiVersion: gatewayVersion, path: servicePath,
			async: true, asyncDelete: true, limits: map[string]limit{"serviceName": serviceName},
		},
		api(),
		child("ApiOperation", "/apis/{apiId}/operations/{operationId}", map[string]limit{
			"operationId": shortID, "displayName": {min: 1, max: 300}, "urlTemplate": {min: 1, max: 1000}, "description": {max: 1000},
		}),
		child("ApiPolicy", "/apis/{apiId}/policies/{policyId}", nil),
		child("ApiOperationPolicy", "/apis/{apiId}/operations/{operationId}/policies/{policyId}", nil),
		child("ApiDiagnostic", "/apis/{apiId}/diagnostics/{diagnosticId}",
			map[string]limit{"diagnosticId": {min: 1, max: 80, pattern: `^[^*#&+:<>?]+$`}}),
		child("Backend", "/backends/{backendId}", map[string]limit{
			"backendId": shortID, "url": {min: 1, max: 2000}, "title": {min: 1, max: 300}, "description": {min: 1, max: 2000},
		}),
		child("Diagnostic", "/diagnostics/{diagnosticId}", map[string]limit{"diagnosticId": {min: 1, max: 80, pattern: `^[^*#&+:<>?]+$`}}),
		child("Group", "/groups/{groupId}", map[string]limit{"groupId": entityID, "displayName": {min: 1, max: 300}}),
		child("IdentityProvider", "/identityProviders/{identityProviderName}", nil),
		child("Logger", "/loggers/{loggerId}", map[string]limit{"loggerId": plainID, "description": {max: 256}}),
		async(child("NamedValue", "/namedValues/{namedValueId}", map[string]limit{
			"namedValueId": plainID, "displayName": {min: 1, max: 256, pattern: `^[A-Za-z0-9-._]+$`}, "value": {max: 4096},
		})),
		globalPolicy(),
		async(child("PolicyFragment", "/policyFragments/{id}", map[string]limit{
			"id": {min: 1, max: 80, pattern: `(^[\w]+$)|(^[\w][\w\-]+[\w]$)`}, "description": {max: 1000},
		})),
	}, productKinds()...)
}

// productKinds are products and who may use them.
func productKinds() []kind {
	// There is no GET for links, only HEAD, and their PUT has no body.
	link := func(k kind) kind { k.head = true; return k }
	subscription := child("Subscription", "/subscriptions/{sid}", map[string]limit{
		"sid": plainID, "displayName": {min: 1, max: 100}, "primaryKey": {min: 1, max: 256}, "secondaryKey": {min: 1, max: 256},
	})
	subscription.query = []string{"notify", "appType"}
	return []kind{
		child("Product", "/products/{productId}", map[string]limit{"displayName": {min: 1, max: 300}, "description": {min: 1, max: 1000}}),
		link(child("ProductApi", "/products/{productId}/apis/{apiId}", nil)),
		link(child("ProductGroup", "/products/{productId}/groups/{groupId}", map[string]limit{"groupId": entityID})),
		child("ProductPolicy", "/products/{productId}/policies/{policyId}", nil),
		subscription,
	}
}

func gatewayToken(name string) string { return "azure-native:apimanagement/v20240601preview:" + name }

// child is something inside a service. All its properties are inside `properties`.
func child(name, path string, limits map[string]limit) kind {
	k := kind{
		token: gatewayToken(name), apiVersion: gatewayVersion, path: servicePath + path,
		nested: topLevel, limits: map[string]limit{"serviceName": serviceName},
	}
	for _, param := range pathParams(path) {
		switch param {
		case "apiId":
			k.limits[param] = limit{min: 1, max: 256, pattern: `^[^*#&+:<>?]+$`}
		case "productId":
			k.limits[param] = entityID
		}
	}
	for name, l := range limits {
		k.limits[name] = l
	}
	return k
}

func async(k kind) kind {
	k.async = true
	return k
}

// api renames what the API description calls type and apiType.
func api() kind {
	k := async(child("Api", "/apis/{apiId}", map[string]limit{
		"path": {max: 400}, "displayName": {min: 1, max: 300}, "apiRevision": {min: 1, max: 100}, "apiVersion": {max: 100},
		"serviceUrl": {max: 2000},
	}))
	k.names = map[string]string{"apiType": "type", "soapApiType": "apiType"}
	return k
}

// globalPolicy exists as soon as the service does.
func globalPolicy() kind {
	k := child("Policy", "/policies/{policyId}", nil)
	k.defaultBody = isDefaultPolicy
	return k
}
