package provider

import (
	"context"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// groupsVersion is the API version with which a resource group's location is asked for. The real provider asks with
// 2020-10-01; the answer is the same, and the embedded ARM knows one version of a type.
const groupsVersion = "2024-03-01"

// applyLocation fills in a location that the program left out: the one the resource has, else the configured one, else
// its resource group's. It does so for every type with a location, also for those that Azure accepts only as "global":
// private DNS zones, action groups and metric alerts need an explicit location.
func (p *Provider) applyLocation(ctx context.Context, s *subject, olds, news resource.PropertyMap) {
	if _, has := s.typ.Inputs.Properties["location"]; !has || s.kind.noLocation || s.kind.isParam("location") || news.HasValue("location") {
		return
	}
	if v, ok := p.location(ctx, olds, news); ok {
		news["location"] = v
	}
}

func (p *Provider) location(ctx context.Context, olds, news resource.PropertyMap) (resource.PropertyValue, bool) {
	if v, ok := olds["location"]; ok {
		return v, true
	}
	p.mu.Lock()
	configured := p.defaultLocation
	p.mu.Unlock()
	if configured != "" {
		return resource.NewStringProperty(configured), true
	}
	group, ok := news["resourceGroupName"]
	switch {
	case !ok:
		return resource.PropertyValue{}, false
	case group.ContainsUnknowns():
		return unknown(), true
	case !group.IsString():
		return resource.PropertyValue{}, false
	}
	location, ok := p.groupLocation(ctx, group.StringValue())
	return resource.NewStringProperty(location), ok
}

// groupLocation asks ARM once per resource group.
func (p *Provider) groupLocation(ctx context.Context, group string) (string, bool) {
	p.mu.Lock()
	location, ok := p.groupLocations[group]
	p.mu.Unlock()
	if ok {
		return location, true
	}
	id, err := p.expand("/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}", map[string]any{"resourceGroupName": group})
	if err != nil {
		return "", false
	}
	body, err := p.client.get(ctx, id, groupsVersion)
	if err != nil {
		return "", false
	}
	if location, ok = body["location"].(string); ok {
		p.mu.Lock()
		p.groupLocations[group] = location
		p.mu.Unlock()
	}
	return location, ok
}
