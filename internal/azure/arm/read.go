package arm

import (
	"net/http"
	"strings"
)

// get answers a resource as it is, HEAD with 200 or 204 as ARM does for existence checks.
func (s *Server) get(req *request, id ID) (*reply, *Error) {
	if id.Type == subscriptionType {
		if refused := ownVersion(req); refused != nil {
			return nil, refused
		}
		return &reply{status: http.StatusOK, body: s.subscription()}, nil
	}
	kind, refused := kindOf(req, id)
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
	return &reply{status: http.StatusOK, header: etagHeader(r), body: body}, nil
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

// action answers POST <resourceId>/<action>.
func (s *Server) action(req *request) (*reply, *Error) {
	cut := strings.LastIndexByte(req.path, '/')
	id, err := ParseID(req.path[:cut])
	if err != nil {
		return nil, refusal(http.StatusBadRequest, "InvalidRequestUri", "%v", err)
	}
	kind, refused := kindOf(req, id)
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
