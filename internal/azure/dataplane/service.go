package dataplane

import (
	"fmt"
	"strings"

	"enterprise-openai/internal/azure/apim"
	"enterprise-openai/internal/azure/apim/document"
	"enterprise-openai/internal/azure/arm"
	"enterprise-openai/internal/azure/entra"
)

const serviceType = "Microsoft.ApiManagement/service"

// Configuration is the one API Management service as the gateway takes it.
func Configuration(server *arm.Server, tenantID string) (apim.Configuration, error) {
	configuration, _, err := readService(server)
	configuration.Service.TenantID = tenantID
	return configuration, err
}

// readService is the one API Management service as the gateway's configuration, and its identity.
func readService(server *arm.Server) (apim.Configuration, entra.ManagedIdentity, error) {
	services := server.Resources(serviceType)
	if len(services) != 1 {
		return apim.Configuration{}, entra.ManagedIdentity{}, fmt.Errorf("%d API Management services are deployed; a rehearsal serves exactly one", len(services))
	}
	service := services[0]
	r := reader{server, service}
	configuration := apim.Configuration{
		Service: apim.Service{
			Name:       service.Name,
			ResourceID: service.ID,
			Region:     body(service).at("location").text(),
			SKU:        body(service).at("sku", "name").text(),
			Units:      int(body(service).at("sku", "capacity").number()),
			HostName:   gatewayHost(service),
			HostNames:  gatewayHosts(service),
		},
		APIs:          r.apis(),
		Products:      r.products(),
		Subscriptions: r.subscriptions(),
		Groups:        r.groups(),
		NamedValues:   r.namedValues(),
		Fragments:     r.fragments(),
		Loggers:       r.loggers(),
		Diagnostics:   r.diagnostics("diagnostics"),
		Policy:        r.policy("policies", service.ID),
	}
	var err error
	if configuration.Backends, err = r.backends(); err != nil {
		return apim.Configuration{}, entra.ManagedIdentity{}, err
	}
	identity := entra.ManagedIdentity{
		PrincipalID: body(service).at("identity", "principalId").text(),
		ClientID:    body(service).at("identity", "principalId").text(),
		ResourceID:  service.ID,
	}
	return configuration, identity, nil
}

// reader reads the children of one service.
type reader struct {
	server  *arm.Server
	service arm.Resource
}

func (r reader) apis() []apim.API {
	var apis []apim.API
	for _, resource := range below(r.server, r.service, "apis") {
		p := properties(resource)
		api := apim.API{
			ID:                   resource.Name,
			Name:                 p.at("displayName").text(),
			Path:                 p.at("path").text(),
			Protocols:            p.at("protocols").texts(),
			ServiceURL:           p.at("serviceUrl").text(),
			Revision:             p.at("apiRevision").text(),
			Version:              p.at("apiVersion").text(),
			SubscriptionRequired: p.at("subscriptionRequired").flag(),
			KeyParameter: apim.KeyParameter{
				Header: p.at("subscriptionKeyParameterNames", "header").text(),
				Query:  p.at("subscriptionKeyParameterNames", "query").text(),
			},
			Policy:      r.policy("apis/policies", resource.ID),
			Diagnostics: r.diagnosticsOf("apis/diagnostics", resource.ID),
		}
		for _, operation := range below(r.server, r.service, "apis/operations") {
			if within(operation.ID, resource.ID) {
				api.Operations = append(api.Operations, r.operation(operation))
			}
		}
		apis = append(apis, api)
	}
	return apis
}

func (r reader) operation(resource arm.Resource) apim.Operation {
	p := properties(resource)
	return apim.Operation{
		ID:          resource.Name,
		Name:        p.at("displayName").text(),
		Method:      p.at("method").text(),
		URLTemplate: p.at("urlTemplate").text(),
		Policy:      r.policy("apis/operations/policies", resource.ID),
	}
}

// policy is the document of a scope as it was sent: what GET shows has been rewritten.
func (r reader) policy(kind, scope string) *apim.Policy {
	for _, resource := range below(r.server, r.service, kind) {
		parent, _, _ := strings.Cut(strings.ToLower(resource.ID), "/policies/")
		if parent == strings.ToLower(scope) {
			document := documentOf(resource)
			return &document
		}
	}
	return nil
}

func documentOf(resource arm.Resource) apim.Policy {
	private := node{resource.Private}
	policy := apim.Policy{File: shortName(resource.ID), Format: document.Format(private.at("format").text()), Text: private.at("value").text()}
	if policy.Text == "" {
		policy.Format, policy.Text = document.XML, properties(resource).at("value").text()
	}
	return policy
}

// shortName is a resource id from the service on, as errors name documents.
func shortName(id string) string {
	if _, rest, ok := strings.Cut(id, "/service/"); ok {
		if _, child, ok := strings.Cut(rest, "/"); ok {
			return child
		}
	}
	return id
}

func (r reader) products() []apim.Product {
	var products []apim.Product
	for _, resource := range below(r.server, r.service, "products") {
		p := properties(resource)
		product := apim.Product{
			ID:                   resource.Name,
			Name:                 p.at("displayName").text(),
			Published:            p.at("state").text() == "published",
			SubscriptionRequired: p.at("subscriptionRequired").flag(),
			ApprovalRequired:     p.at("approvalRequired").flag(),
			Policy:               r.policy("products/policies", resource.ID),
		}
		for _, link := range below(r.server, r.service, "products/apis") {
			if within(link.ID, resource.ID) {
				product.APIs = append(product.APIs, link.Name)
			}
		}
		for _, link := range below(r.server, r.service, "products/groups") {
			if within(link.ID, resource.ID) {
				product.Groups = append(product.Groups, link.Name)
			}
		}
		products = append(products, product)
	}
	return products
}

func (r reader) subscriptions() []apim.Subscription {
	var subscriptions []apim.Subscription
	for _, resource := range below(r.server, r.service, "subscriptions") {
		p, private := properties(resource), node{resource.Private}
		subscriptions = append(subscriptions, apim.Subscription{
			ID:           resource.Name,
			Name:         p.at("displayName").text(),
			Scope:        p.at("scope").text(),
			State:        p.at("state").text(),
			OwnerID:      p.at("ownerId").text(),
			AllowTracing: p.at("allowTracing").flag(),
			PrimaryKey:   private.at("primaryKey").text(),
			SecondaryKey: private.at("secondaryKey").text(),
		})
	}
	return subscriptions
}

func (r reader) groups() []apim.Group {
	var groups []apim.Group
	for _, resource := range below(r.server, r.service, "groups") {
		p := properties(resource)
		groups = append(groups, apim.Group{ID: resource.Name, Name: p.at("displayName").text(), ExternalID: p.at("externalId").text()})
	}
	return groups
}

func (r reader) namedValues() []apim.NamedValue {
	var values []apim.NamedValue
	for _, resource := range below(r.server, r.service, "namedValues") {
		p := properties(resource)
		value := apim.NamedValue{ID: resource.Name, Name: p.at("displayName").text(), Value: p.at("value").text(), Secret: p.at("secret").flag()}
		if value.Secret {
			value.Value = node{resource.Private}.at("value").text()
		}
		values = append(values, value)
	}
	return values
}

func (r reader) fragments() []apim.Fragment {
	var fragments []apim.Fragment
	for _, resource := range below(r.server, r.service, "policyFragments") {
		fragments = append(fragments, apim.Fragment{ID: resource.Name, Policy: documentOf(resource)})
	}
	return fragments
}
