package arm

import (
	"net/http"
	"strings"

	"enterprise-openai/internal/azure/resourcetypes"
)

func checkName(w *write) {
	why := w.kind.name.problem(w.id.Name())
	if why == "" {
		return
	}
	if w.kind.style.detail == "ValidationError" {
		w.bad("name", "Resource name '%s' is invalid: %s.", w.id.Name(), why)
		return
	}
	w.refuse(refusal(http.StatusBadRequest, "InvalidResourceName", "Resource name '%s' is invalid: %s.", w.id.Name(), why))
}

// checkPlace makes sure that the resource group, the parent or the target of an extension is there.
func checkPlace(w *write) {
	if sent := text(w.body, "name"); sent != "" && !strings.EqualFold(sent, w.id.Name()) && !strings.HasSuffix(strings.ToLower(sent), "/"+strings.ToLower(w.id.Name())) {
		w.refuse(refusal(http.StatusBadRequest, "InvalidRequestContent", "The name '%s' of the body is not the name '%s' of the address.", sent, w.id.Name()))
	}
	if missing := w.s.place(w.id, w.kind, "write"); missing != nil {
		w.refuse(missing)
	}
}

func (s *Server) place(id ID, kind *Kind, verb string) *Error {
	if id.Group != "" && kind.Type != groupType && s.find(groupID(id)) == nil {
		return groupNotFound(id.Group)
	}
	if kind.row.ARM.Extension {
		return s.placeExtension(id)
	}
	if id.Scope != "" {
		return notModelled(http.StatusBadRequest, "InvalidResourceType", "The resource type '%s' is not an extension of '%s'", kind.Type, id.Scope)
	}
	if id.Group == "" {
		return notModelled(http.StatusBadRequest, "InvalidRequestUri", "The resource type '%s' lives in a resource group, not in '%s'", kind.Type, id)
	}
	if kind.parentType() == "" {
		return nil
	}
	parent, ok := id.Parent()
	if !ok || s.find(parent.text) != nil {
		return nil
	}
	return s.missingParent(parent, kind, verb)
}

// missingParent is ARM's answer when the top resource is missing, and API Management's when something in between is. ARM answers for
// parents that have no row, too.
func (s *Server) missingParent(parent ID, kind *Kind, verb string) *Error {
	top := prefixID(parent, topLevel)
	if between := registry[strings.ToLower(parent.Type)]; between != nil && s.find(top) != nil {
		return entityNotFound(between)
	}
	return refusal(http.StatusNotFound, "ParentResourceNotFound",
		"Failed to perform '%s' on resource(s) of type '%s', because the parent resource '%s' could not be found.",
		verb, strings.TrimPrefix(kind.Type, strings.SplitN(kind.Type, "/", 2)[0]+"/"), top)
}

// entityNotFound is API Management's own 404 [M: text].
func entityNotFound(kind *Kind) *Error {
	return refusal(http.StatusNotFound, "ResourceNotFound", "%s not found.", kind.row.ARM.Entity)
}

func (s *Server) placeExtension(id ID) *Error {
	scope := id.Scope
	if scope == "" { // at subscription or group scope the id has no second "providers"
		return nil
	}
	target, err := ParseID(scope)
	if err != nil {
		return refusal(http.StatusBadRequest, "InvalidRequestUri", "%v", err)
	}
	if s.find(target.text) == nil {
		return resourceNotFound(target)
	}
	return nil
}

func groupID(id ID) string {
	return "/subscriptions/" + id.Subscription + "/resourceGroups/" + id.Group
}

func checkLocation(w *write) {
	location := text(w.body, "location")
	switch w.kind.row.Location {
	case resourcetypes.NoLocation:
		if location != "" && !w.kind.row.ARM.Extension && w.kind.parentType() == "" {
			w.refuse(refusal(http.StatusBadRequest, "InvalidDeployment", "The 'location' property is not allowed for '%s' at resource group scope.", w.id.Name()))
		}
		return
	case resourcetypes.OptionalRegion:
		if location == "" {
			return
		}
	case resourcetypes.GlobalOnly:
		// Without it the provider injects its default region, and Azure has none of these types there.
		if !strings.EqualFold(location, "global") {
			w.refuse(refusal(http.StatusBadRequest, "LocationNotAvailableForResourceType",
				"The provided location '%s' is not available for resource type '%s'. List of available regions for the resource type is 'global'.", location, w.kind.Type))
			return
		}
	case resourcetypes.AnyRegion:
		if location == "" {
			w.refuse(refusal(http.StatusBadRequest, "LocationRequired", "The location property is required for this definition."))
			return
		}
		if !knownRegion(location) {
			w.refuse(refusal(http.StatusBadRequest, "LocationNotAvailableForResourceType",
				"The provided location '%s' is not available for resource type '%s'.", location, w.kind.Type))
			return
		}
	}
	if w.prev == nil || sameRegion(text(w.prev.Body, "location"), location) {
		return
	}
	if w.kind.Type == groupType {
		w.refuse(refusal(http.StatusConflict, "InvalidResourceGroupLocation",
			"Invalid resource group location '%s'. The Resource group already exists in location '%s'.", location, text(w.prev.Body, "location")))
		return
	}
	w.refuse(refusal(http.StatusConflict, "InvalidResourceLocation",
		"The resource '%s' already exists in location '%s' in resource group '%s'. A resource with the same name cannot be created in location '%s'. Please select a new resource name.",
		w.id.Name(), text(w.prev.Body, "location"), w.id.Group, location))
}

func normalRegion(location string) string {
	return strings.ToLower(strings.ReplaceAll(location, " ", ""))
}

func sameRegion(a, b string) bool { return normalRegion(a) == normalRegion(b) }
