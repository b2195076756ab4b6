package arm

import (
	"net/http"
	"slices"
	"strings"

	"enterprise-openai/internal/azure/resourcetypes"
)

// What Azure does not do side by side. An operation holds locks while it runs; a write that needs one of them meanwhile is
// refused, or accepted and fails, as the service does it.

// lock is a thing that one operation at a time works on.
type lock struct{ kind, id string }

const (
	accountLock = string(resourcetypes.OnAccount)
	serviceLock = string(resourcetypes.OnService)
	apiLock     = string(resourcetypes.OnAPI)
	networkLock = string(resourcetypes.OnNetwork)
)

func lockOf(kind, id string) lock { return lock{kind, strings.ToLower(id)} }

// locks are what a write or a delete of a resource holds while it runs, by the overlap of its row.
func (s *Server) locks(armType string, id ID, body map[string]any) []lock {
	row, _ := resourcetypes.Of(armType)
	switch row.Overlap {
	case resourcetypes.OnAccount, resourcetypes.OnService, resourcetypes.OnNetwork:
		return []lock{lockOf(string(row.Overlap), prefixID(id, topLevel))}
	case resourcetypes.OnAPI:
		return []lock{lockOf(apiLock, serviceID(id)+"/apis/"+apiOf(armType, id))}
	case resourcetypes.OnNetworkAndOther:
		return s.endpointLocks(body)
	case resourcetypes.NoOverlap:
	}
	return nil
}

// endpointLocks: a private endpoint works on the network it sits in and on what it connects to.
func (s *Server) endpointLocks(body map[string]any) []lock {
	var out []lock
	props := object(body, "properties")
	if subnet, err := ParseID(text(props, "subnet", "id")); err == nil {
		if network, ok := subnet.Parent(); ok {
			out = append(out, lockOf(networkLock, network.text))
		}
	}
	for _, c := range connections(props) {
		if target := s.find(text(c, "properties", "privateLinkServiceId")); target != nil && target.Type == accountType {
			out = append(out, lockOf(accountLock, target.ID))
		}
	}
	return out
}

// apiOf is the API that a resource belongs to: what lives below it, and its links to products.
func apiOf(armType string, id ID) string {
	if armType == productType+"/apis" {
		return id.Name()
	}
	return id.Names[1]
}

// holder is the running operation that holds a lock.
func (s *Server) holder(l lock) *operation {
	for _, op := range s.running {
		if slices.Contains(op.Holds, l) {
			return op
		}
	}
	return nil
}

// checkOverlap refuses a write that Azure does not do beside another that has not ended. A template's own resources are
// ordered by the template, and wait for each other.
func checkOverlap(w *write) {
	if len(w.s.running) == 0 || w.req.template {
		return
	}
	w.refuse(w.s.overlaps(w.kind.Type, w.id, w.body))
	if w.refused != nil {
		return
	}
	if w.kind.Type == endpointType {
		w.failure = w.s.accountBusy(w.s.endpointLocks(w.body))
	}
	w.refuse(w.s.unfinishedReference(w))
}

// overlaps is the answer to a write or a delete while something else runs that it would collide with; nil when nothing does.
func (s *Server) overlaps(armType string, id ID, body map[string]any) *Error {
	for _, l := range s.needs(armType, id, body) {
		op := s.holder(l)
		if op == nil {
			continue
		}
		switch l.kind {
		case accountLock:
			return refusal(http.StatusConflict, "RequestConflict",
				"Another operation is being performed on the parent resource '%s'. Please try again later.", s.spelt(l.id))
		case serviceLock:
			return refusal(http.StatusConflict, "ServiceLocked",
				"The API Service %s is transitioning at this time. Please try the request again later.", id.Names[0])
		case apiLock:
			return refusal(http.StatusConflict, "PessimisticConcurrencyConflict", "Operation on the API is in progress")
		case networkLock:
			return refusal(http.StatusConflict, "AnotherOperationInProgress",
				"Another operation on this or dependent resource is in progress. To retrieve status of the operation use uri: "+
					"https://management.azure.com/subscriptions/%s/providers/Microsoft.Network/locations/global/operations/%s?api-version=2024-05-01.",
				id.Subscription, op.ID)
		}
	}
	return nil
}

// needs are the locks that must be free: those a write holds itself, the service above, and the account that a role is given on.
func (s *Server) needs(armType string, id ID, body map[string]any) []lock {
	if armType == endpointType { // the account's side is not refused, it fails
		return slices.DeleteFunc(s.endpointLocks(body), func(l lock) bool { return l.kind == accountLock })
	}
	out := s.locks(armType, id, body)
	if strings.HasPrefix(armType, serviceType+"/") {
		out = append(out, lockOf(serviceLock, serviceID(id)))
	}
	if armType == roleAssignmentType { // [M]: reported for deployments and roles side by side, without a reference
		out = append(out, lockOf(accountLock, assignmentScope(id)))
	}
	return out
}

// accountBusy is how the operation of a private endpoint ends whose account is being worked on.
func (s *Server) accountBusy(locks []lock) *Error {
	for _, l := range locks {
		if l.kind == accountLock && s.holder(l) != nil {
			return refusal(http.StatusConflict, "AccountProvisioningStateInvalid",
				"Call to Microsoft.CognitiveServices/accounts failed. Error message: Account %s in state Accepted", s.spelt(l.id))
		}
	}
	return nil
}

// spelt is an id as it was created.
func (s *Server) spelt(id string) string {
	if r := s.find(id); r != nil {
		return r.ID
	}
	return id
}

// unfinishedReference refuses to use a network resource whose own operation has not ended.
func (s *Server) unfinishedReference(w *write) *Error {
	kinds := w.kind.row.Uses
	if kinds == nil {
		return nil
	}
	for _, op := range s.running {
		used := s.find(op.Resource)
		if used == nil || !slices.Contains(kinds, used.Type) || !mentions(w.props, used.ID) {
			continue
		}
		return refusal(http.StatusBadRequest, "ReferencedResourceNotProvisioned",
			"Cannot proceed with operation because resource %s used by resource %s is not in Succeeded state. Resource is in %s state.",
			used.ID, w.id, text(used.props(), "provisioningState"))
	}
	return nil
}
