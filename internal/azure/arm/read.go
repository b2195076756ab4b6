package arm

import (
	"net/http"
	"strings"
)

// get answers a resource as it is, HEAD with 200 or 204 as ARM does for existence checks.
func (s *Server) get(req *request, id ID) (*reply, *Error) {
	if id.Type == subscriptionType {
		return &reply{status: http.StatusOK, body: map[string]any{"id": id.text, "subscriptionId": id.Subscription,
			"tenantId": s.options.TenantID, "displayName": "Rehearsal", "state": "Enabled"}}, nil
	}
	kind, refused := kindOf(id, req.version)
	if refused != nil {
		return nil, refused
	}
	r := s.find(id.text)
	if r == nil || !s.visible(r) {
		return nil, s.notFound(id, kind)
	}
	if req.method == http.MethodHead {
		return &reply{status: http.StatusNoContent}, nil
	}
	body := clone(r.Body)
	if isPolicy(kind) && len(req.query["format"]) > 0 && strings.EqualFold(req.query["format"][0], "rawxml") {
		object(body, "properties")["format"], object(body, "properties")["value"] = "rawxml", r.Private["value"]
	}
	return &reply{status: http.StatusOK, body: body}, nil
}

func (s *Server) notFound(id ID, kind *Kind) *Error {
	if kind.Type == groupType {
		return groupNotFound(id.Group)
	}
	if refused := s.place(id, kind, "read"); refused != nil && refused.Code != "ParentResourceNotFound" {
		return refused
	}
	switch kind.Type {
	case diagnosticSettingType:
		return refusal(http.StatusNotFound, "ResourceNotFound", "The diagnostic setting '%s' doesn't exist.", id.Name())
	case roleAssignmentType:
		return refusal(http.StatusNotFound, "RoleAssignmentNotFound", "The role assignment '%s' is not found.", id.Name())
	}
	if kind.row.ARM.Entity != "" {
		if top, _ := ParseID(serviceID(id)); s.find(top.text) != nil {
			return entityNotFound(kind)
		}
	}
	return resourceNotFound(id)
}

// list answers the resources of one type directly below a parent: a path that ends in a type segment.
func (s *Server) list(req *request) (*reply, *Error) {
	probe, err := ParseID(req.path + "/x")
	if err != nil {
		return nil, refusal(http.StatusBadRequest, "InvalidRequestUri", "%v", err)
	}
	kind, refused := kindOf(probe, req.version)
	if refused != nil {
		return nil, refused
	}
	if refused := s.place(probe, kind, "read"); refused != nil {
		if probe.Group != "" || kind.Type != groupType {
			return nil, refused
		}
	}
	values := []any{}
	for _, r := range s.ofType(kind.Type, "") {
		if s.visible(r) && isWithin(r.ID, req.path) {
			values = append(values, clone(r.Body))
		}
	}
	return &reply{status: http.StatusOK, body: map[string]any{"value": values}}, nil
}

// action answers POST <resourceId>/<action>.
func (s *Server) action(req *request) (*reply, *Error) {
	cut := strings.LastIndexByte(req.path, '/')
	id, err := ParseID(req.path[:cut])
	if err != nil {
		return nil, refusal(http.StatusBadRequest, "InvalidRequestUri", "%v", err)
	}
	kind, refused := kindOf(id, req.version)
	if refused != nil {
		return nil, refused
	}
	name := req.path[cut+1:]
	var run func(*Server, *record) (map[string]any, *Error)
	for action, f := range kind.actions {
		if strings.EqualFold(action, name) {
			run = f
		}
	}
	if run == nil {
		return nil, notModelled(http.StatusBadRequest, "InvalidResourceType", "The action '%s' of '%s' could not be found", name, kind.Type)
	}
	r := s.find(id.text)
	if r == nil {
		return nil, s.notFound(id, kind)
	}
	body, refused := run(s, r)
	if refused != nil {
		return nil, refused
	}
	return &reply{status: http.StatusOK, body: body}, nil
}
