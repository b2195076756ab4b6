package provider

import (
	"fmt"
	"strings"

	"github.com/google/uuid"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"

	"enterprise-openai/internal/azure/resourcetypes"
)

// autoname is how a resource gets its name when the program gives none.
type autoname int

const (
	// notNamed: the path does not end with a parameter.
	notNamed autoname = iota
	// namedRandom: the logical name and eight hex digits, without a separator.
	namedRandom
	// namedCopy: the logical name.
	namedCopy
	// namedUUID: a UUID.
	namedUUID
)

// createBeforeDelete is the input that remembers that the name is the provider's own, so that a replacement may exist
// beside what it replaces.
const createBeforeDelete = resource.PropertyKey("__createBeforeDelete")

// autonameOf decides by the path alone (provider/pkg/resources AutoNamer): a top-level resource has to be unique among
// others' and gets a random name; a child's name is a copy of the logical name.
func autonameOf(path string) autoname {
	if !strings.HasSuffix(path, "}") {
		return notNamed
	}
	switch params := resourcetypes.PathParams(path); params[len(params)-1] {
	case "roleAssignmentName", "roleDefinitionId":
		return namedUUID
	case "endpointName", "customDomainName":
		return namedRandom
	}
	lower := strings.ToLower(path)
	last := strings.LastIndex(lower, "microsoft.")
	if last < 0 || strings.Count(lower[last:], "{") == 1 {
		return namedRandom
	}
	return namedCopy
}

// applyName names a resource that the program did not name. A name that the resource has already is kept.
func applyName(s *subject, req *pulumirpc.CheckRequest, olds, news resource.PropertyMap) error {
	if s.kind.naming == notNamed {
		return nil
	}
	key := resource.PropertyKey(s.kind.params[len(s.kind.params)-1])
	if news.HasValue(key) {
		return nil
	}
	if old, ok := olds[key]; ok {
		news[key] = old
		if flag, ok := olds[createBeforeDelete]; ok && flag.IsBool() && flag.BoolValue() {
			news[createBeforeDelete] = flag
		}
		return nil
	}
	name, random, err := newName(s, req)
	if err != nil || name == "" {
		return err
	}
	news[key] = resource.NewStringProperty(name)
	if random {
		news[createBeforeDelete] = resource.NewBoolProperty(true)
	}
	return nil
}

// newName makes up a name. It is empty when the project's pulumi:autonaming setting forbids that; Check then reports the
// missing name.
func newName(s *subject, req *pulumirpc.CheckRequest) (name string, random bool, err error) {
	if a := req.GetAutonaming(); a != nil {
		switch a.GetMode() {
		case pulumirpc.CheckRequest_AutonamingOptions_DISABLE:
			return "", false, nil
		case pulumirpc.CheckRequest_AutonamingOptions_ENFORCE:
			return a.GetProposedName(), true, nil
		case pulumirpc.CheckRequest_AutonamingOptions_PROPOSE:
			if s.kind.naming != namedUUID {
				return a.GetProposedName(), true, nil
			}
		}
	}
	switch s.kind.naming {
	case namedRandom:
		name, err = resource.NewUniqueName(req.GetRandomSeed(), s.name, 8, 0, nil)
		random = true
	case namedUUID:
		var hex string
		if hex, err = resource.NewUniqueName(req.GetRandomSeed(), "", 32, 0, nil); err == nil {
			var id uuid.UUID
			id, err = uuid.Parse(hex)
			name = id.String()
		}
		random = true
	default:
		name = s.name
	}
	if err != nil {
		return "", false, fmt.Errorf("name of %s: %w", s.name, err)
	}
	return name, random, nil
}
