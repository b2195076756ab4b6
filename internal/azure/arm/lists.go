package arm

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"enterprise-openai/internal/azure/resourcetypes"
)

// defaultPage is how many entries a list has on one page (Microsoft Learn: rest/api/resources/resources/list, $top: at most 1000).
const defaultPage = 1000

// page answers one page of a list; nextLink leads to the next.
func (s *Server) page(req *request, values []any) (*reply, *Error) {
	size := s.options.PageSize
	if size == 0 {
		size = defaultPage
	}
	skip := 0
	for name, into := range map[string]*int{"$top": &size, "$skiptoken": &skip} {
		if sent := req.parameter(name); sent != "" {
			n, err := strconv.Atoi(sent)
			if err != nil || n < 0 || n == 0 && name == "$top" {
				return nil, refusal(http.StatusBadRequest, "InvalidQueryParameter", "The value '%s' of the query parameter '%s' is not a number of entries.", sent, name)
			}
			*into = n
		}
	}
	from, to := min(skip, len(values)), min(skip+size, len(values))
	body := map[string]any{"value": append([]any{}, values[from:to]...)}
	if to < len(values) {
		query := url.Values{}
		for name, sent := range req.query {
			query[name] = sent
		}
		query.Set("$skiptoken", strconv.Itoa(to))
		body["nextLink"] = req.host + (&url.URL{Path: req.path}).EscapedPath() + "?" + query.Encode()
	}
	return &reply{status: http.StatusOK, body: body}, nil
}

// list answers the resources of one type directly below a parent, in a group or in the whole subscription: a path that ends in a type segment.
func (s *Server) list(req *request) (*reply, *Error) {
	probe, err := ParseID(req.path + "/x")
	if err != nil {
		return nil, refusal(http.StatusBadRequest, "InvalidRequestUri", "%v", err)
	}
	kind, refused := kindOf(req, probe)
	if refused != nil {
		return nil, refused
	}
	if refused := s.known(probe.Subscription); refused != nil {
		return nil, refused
	}
	everywhere := probe.Group == "" && probe.Scope == "" && kind.parentType() == "" && !kind.row.ARM.Extension
	if refused := s.place(probe, kind, "read"); refused != nil && !everywhere {
		return nil, refused
	}
	values := []any{}
	for _, r := range s.ofType(kind.Type, "") {
		if s.visible(r) && (everywhere || isWithin(r.ID, req.path)) {
			values = append(values, clone(r.Body))
		}
	}
	return s.page(req, values)
}

// known refuses another subscription than the one there is.
func (s *Server) known(subscription string) *Error {
	if strings.EqualFold(subscription, s.options.SubscriptionID) {
		return nil
	}
	return refusal(http.StatusNotFound, "SubscriptionNotFound", "The subscription '%s' could not be found.", subscription)
}

// ownLists are ARM's own, by their path with {} for a name (Microsoft Learn: rest/api/resources, subscriptions, tenants, resource groups, resources,
// providers).
var ownLists = []struct {
	path *regexp.Regexp
	list func(s *Server, names []string) ([]any, *Error)
}{
	{ownList(`/subscriptions`), func(s *Server, _ []string) ([]any, *Error) { return []any{s.subscription()}, nil }},
	{ownList(`/tenants`), func(s *Server, _ []string) ([]any, *Error) {
		return []any{map[string]any{"id": "/tenants/" + s.options.TenantID, "tenantId": s.options.TenantID, "displayName": "Rehearsal", "tenantCategory": "Home"}}, nil
	}},
	{ownList(`/subscriptions/{}/locations`), (*Server).locations},
	{ownList(`/subscriptions/{}/resourceGroups`), func(s *Server, _ []string) ([]any, *Error) { return s.bodies(groupType), nil }},
	{ownList(`/subscriptions/{}/resources`), func(s *Server, _ []string) ([]any, *Error) { return s.tracked(""), nil }},
	{ownList(`/subscriptions/{}/resourceGroups/{}/resources`), func(s *Server, names []string) ([]any, *Error) {
		group := "/subscriptions/" + names[0] + "/resourceGroups/" + names[1]
		if s.find(group) == nil {
			return nil, groupNotFound(names[1])
		}
		return s.tracked(group), nil
	}},
	{ownList(`/subscriptions/{}/providers`), func(s *Server, names []string) ([]any, *Error) {
		var out []any
		for _, namespace := range namespaces() {
			out = append(out, s.providerBody(names[0], namespace))
		}
		return out, nil
	}},
}

func ownList(path string) *regexp.Regexp {
	return regexp.MustCompile(`(?i)^` + strings.ReplaceAll(path, "{}", "([^/]+)") + `$`)
}

func (s *Server) routeOwnList(req *request) (*reply, *Error, bool) {
	if req.method != http.MethodGet {
		return nil, nil, false
	}
	for _, l := range ownLists {
		names := l.path.FindStringSubmatch(req.path)
		if names == nil {
			continue
		}
		if refused := ownVersion(req); refused != nil {
			return nil, refused, true
		}
		if len(names) > 1 {
			if refused := s.known(names[1]); refused != nil {
				return nil, refused, true
			}
		}
		values, refused := l.list(s, names[1:])
		if refused == nil {
			values, refused = filtered(values, req.parameter("$filter"))
		}
		if refused != nil {
			return nil, refused, true
		}
		answer, refused := s.page(req, values)
		return answer, refused, true
	}
	return nil, nil, false
}

func (s *Server) subscription() map[string]any {
	return map[string]any{"id": "/subscriptions/" + s.options.SubscriptionID, "subscriptionId": s.options.SubscriptionID, "tenantId": s.options.TenantID,
		"displayName": "Rehearsal", "state": "Enabled", "authorizationSource": "RoleBased", "managedByTenants": []any{},
		"subscriptionPolicies": map[string]any{"locationPlacementId": "Public_2014-09-01", "quotaId": "EnterpriseAgreement_2014-09-01", "spendingLimit": "Off"}}
}

func (s *Server) bodies(armType string) []any {
	values := []any{}
	for _, r := range s.ofType(armType, "") {
		values = append(values, clone(r.Body))
	}
	return values
}

// regions are those that offer models or in which something is: every name that looks like a region is taken for one, so there is no list of all.
func (s *Server) regions() []string {
	seen := map[string]bool{}
	for region := range s.options.Offers {
		seen[normalRegion(region)] = true
	}
	for _, r := range s.records {
		if region := normalRegion(text(r.Body, "location")); region != "" && region != "global" {
			seen[region] = true
		}
	}
	return sortedKeys(seen)
}

func (s *Server) locations([]string) ([]any, *Error) {
	values := []any{}
	for _, region := range s.regions() {
		values = append(values, map[string]any{"id": "/subscriptions/" + s.options.SubscriptionID + "/locations/" + region, "name": region, "type": "Region",
			"displayName": region, "regionalDisplayName": region, "metadata": map[string]any{"regionType": "Physical"}})
	}
	return values, nil
}

// tracked are the resources that ARM itself lists: those with a location (Microsoft Learn: azure-resource-manager/management/overview, tracked
// resources). The list has no properties.
func (s *Server) tracked(group string) []any {
	values := []any{}
	for _, r := range s.sorted() {
		row, _ := resourcetypes.Of(r.Type)
		if row.ARM.Extension || text(r.Body, "location") == "" || strings.HasPrefix(r.Type, "Microsoft.Resources/") || group != "" && !isWithin(r.ID, group) {
			continue
		}
		id := r.id()
		entry := map[string]any{"id": r.ID, "name": strings.Join(id.Names, "/"), "type": r.Type}
		for _, key := range []string{"location", "tags", "kind", "sku", "identity", "managedBy", "plan", "zones"} {
			if value, there := r.Body[key]; there {
				entry[key] = cloneValue(value)
			}
		}
		values = append(values, entry)
	}
	return values
}

var filterTerm = regexp.MustCompile(`(?i)^\s*\(?\s*(resourceType|name|location|resourceGroup)\s+eq\s+'([^']*)'\s*\)?\s*$`)

// filtered keeps what a $filter names. Of the filter's language equality joined by "and" is modelled.
func filtered(values []any, filter string) ([]any, *Error) {
	if filter == "" {
		return values, nil
	}
	for _, term := range regexp.MustCompile(`(?i)\s+and\s+`).Split(filter, -1) {
		parts := filterTerm.FindStringSubmatch(term)
		if parts == nil {
			return nil, notModelled(http.StatusBadRequest, "InvalidFilterInQueryString",
				"Invalid $filter '%s': resourceType, name, location and resourceGroup eq '…' can be joined by and", filter)
		}
		values = slices.DeleteFunc(values, func(v any) bool {
			entry, _ := v.(map[string]any)
			id, _ := ParseID(text(entry, "id")) // what is not an id has no group
			got := map[string]string{"resourcetype": text(entry, "type"), "name": text(entry, "name"), "location": text(entry, "location"), "resourcegroup": id.Group}
			return !strings.EqualFold(got[strings.ToLower(parts[1])], parts[2])
		})
	}
	return values, nil
}
