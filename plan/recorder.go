package plan

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"enterprise-openai/sdks/schema"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// Made-up identities that the program runs with.
const (
	SubscriptionID = "00000000-0000-4000-8000-00000000000a"
	TenantID       = "00000000-0000-4000-8000-00000000000b"
)

// keyMark begins every made-up key, so that a test can look for keys in the wrong places.
const keyMark = "KEY-OF-"

// recorder answers the program in place of the engine: every resource is written down, and has outputs that say where they
// come from, "${Account account-sweden.id}".
type recorder struct {
	project, stack string
	mode           Mode
	schema         *schema.Package

	mu        sync.Mutex
	resources []Resource
	problems  []error
}

func newRecorder(project, stack string, mode Mode) (*recorder, error) {
	types, err := schema.Load()
	if err != nil {
		return nil, err
	}
	return &recorder{project: project, stack: stack, mode: mode, schema: types}, nil
}

func (r *recorder) err() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return errors.Join(r.problems...)
}

// NewResource writes a resource down and returns its outputs.
func (r *recorder) NewResource(args pulumi.MockResourceArgs) (string, resource.PropertyMap, error) {
	rpc := args.RegisterRPC
	if rpc == nil {
		return "", nil, fmt.Errorf("%s %s is read, not declared; a plan cannot know it", args.TypeToken, args.Name)
	}
	declared := Resource{
		URN:         r.urn(rpc.GetParent(), args.TypeToken, args.Name),
		Type:        args.TypeToken,
		Name:        args.Name,
		Parent:      rpc.GetParent(),
		DependsOn:   slices.Sorted(slices.Values(rpc.GetDependencies())),
		Uses:        uses(rpc.GetPropertyDependencies()),
		DeletedWith: rpc.GetDeletedWith(),
		Retained:    rpc.GetRetainOnDelete(),
		Custom:      args.Custom,
		Aliases:     r.aliases(rpc, args),

		ReplaceOnChanges: rpc.GetReplaceOnChanges(), IgnoreChanges: rpc.GetIgnoreChanges(),
	}
	writer := &writer{}
	if inputs, ok := writer.value("", resource.NewProperty(args.Inputs)).(map[string]any); ok && len(inputs) > 0 {
		declared.Inputs = inputs
	}
	declared.Secrets = writer.secrets

	r.mu.Lock()
	r.resources = append(r.resources, declared)
	r.mu.Unlock()
	if !args.Custom {
		return "", args.Inputs, nil
	}
	symbol := shortType(args.TypeToken) + " " + args.Name
	if r.mode == Preview {
		id, outputs := previewed(symbol, args.Inputs)
		return id, outputs, nil
	}
	return "${" + symbol + ".id}", r.outputs(args.TypeToken, symbol, args.Inputs), nil
}

// aliases are the URNs that a resource may have had: what an alias leaves open is as it is now.
func (r *recorder) aliases(rpc *pulumirpc.RegisterResourceRequest, args pulumi.MockResourceArgs) []string {
	urns := slices.Clone(rpc.GetAliasURNs())
	for _, alias := range rpc.GetAliases() {
		spec := alias.GetSpec()
		if spec == nil {
			urns = append(urns, alias.GetUrn())
			continue
		}
		parent := cmp.Or(spec.GetParentUrn(), rpc.GetParent())
		if spec.GetNoParent() {
			parent = ""
		}
		urns = append(urns, urnOf(cmp.Or(spec.GetStack(), r.stack), cmp.Or(spec.GetProject(), r.project), parent,
			cmp.Or(spec.GetType(), args.TypeToken), cmp.Or(spec.GetName(), args.Name)))
	}
	return urns
}

// uses are the resources behind the inputs.
func uses(properties map[string]*pulumirpc.RegisterResourceRequest_PropertyDependencies) []string {
	var urns []string
	for _, p := range properties {
		urns = append(urns, p.GetUrns()...)
	}
	slices.Sort(urns)
	return slices.Compact(urns)
}

// previewed are the inputs alone: what only Azure knows is unknown, the id, too. Only a connection string is made up, and by what the key of
// a subscription is asked for: the program marks both as secrets, and the SDK's mock monitor refuses a secret that is unknown ("malformed
// RPC secret").
func previewed(symbol string, inputs resource.PropertyMap) (id string, outputs resource.PropertyMap) {
	outputs = inputs.Copy()
	outputs["connectionString"] = resource.NewProperty("${" + symbol + ".connectionString}")
	if kind, _, _ := strings.Cut(symbol, " "); slices.Contains([]string{"ResourceGroup", "ApiManagementService", "Subscription"}, kind) {
		id = "${" + symbol + ".id}"
		outputs["name"] = resource.NewProperty("${" + symbol + ".name}")
	}
	return id, outputs
}

// Call answers the functions the program calls.
func (r *recorder) Call(args pulumi.MockCallArgs) (resource.PropertyMap, error) {
	switch args.Token {
	case "azure-native:authorization:getClientConfig":
		return resource.PropertyMap{
			"subscriptionId": resource.NewProperty(SubscriptionID),
			"tenantId":       resource.NewProperty(TenantID),
			"clientId":       resource.NewProperty(""),
			"objectId":       resource.NewProperty(""),
		}, nil
	case "pulumi:pulumi:readStackOutputs": // a plan is a first deployment: no update has left outputs
		return resource.PropertyMap{"outputs": resource.NewProperty(resource.PropertyMap{})}, nil
	case "azure-native:apimanagement/v20240601preview:listSubscriptionSecrets":
		sid := strings.Trim(args.Args["sid"].String(), "{}")
		return resource.PropertyMap{
			"primaryKey":   resource.NewProperty(keyMark + sid),
			"secondaryKey": resource.NewProperty(keyMark + sid),
		}, nil
	default:
		return nil, fmt.Errorf("the plan has no answer to %s", args.Token)
	}
}

// outputs are the inputs that come back as outputs, and a symbol for everything else that the schema promises.
func (r *recorder) outputs(token, symbol string, inputs resource.PropertyMap) resource.PropertyMap {
	described, ok := r.schema.Resource(token)
	if !ok {
		r.mu.Lock()
		r.problems = append(r.problems, fmt.Errorf("%s is not in sdks/resources.yaml", token))
		r.mu.Unlock()
		return inputs
	}
	return r.object(symbol, described.Properties, described.RequiredOutputs, inputs)
}

func (r *recorder) object(
	symbol string, properties map[string]schema.Property, required []string, inputs resource.PropertyMap,
) resource.PropertyMap {
	out := resource.PropertyMap{}
	for _, name := range slices.Sorted(maps.Keys(properties)) {
		key := resource.PropertyKey(name)
		given, has := inputs[key]
		if !has && !slices.Contains(required, name) && name != "identity" {
			continue
		}
		if value, ok := r.property(symbol+"."+name, properties[name], given); ok {
			out[key] = value
		}
	}
	return out
}

// property is one output: as given, completed where it is an object, a symbol where it is text.
func (r *recorder) property(symbol string, p schema.Property, given resource.PropertyValue) (resource.PropertyValue, bool) {
	if p.Ref != "" {
		described, ok := r.schema.Type(p.Ref)
		if !ok || len(described.Properties) == 0 {
			return given, !given.IsNull()
		}
		inner := resource.PropertyMap{}
		if given.IsObject() {
			inner = given.ObjectValue()
		}
		return resource.NewProperty(r.object(symbol, described.Properties, described.Required, inner)), true
	}
	switch {
	case !given.IsNull():
		return given, true
	case p.Type == "string":
		return resource.NewProperty("${" + symbol + "}"), true
	case p.Type == "array" && p.Items != nil && p.Items.Type == "string":
		return resource.NewProperty([]resource.PropertyValue{resource.NewProperty("${" + symbol + "[0]}")}), true
	default:
		return resource.PropertyValue{}, false
	}
}

// urn is the identity the engine would give.
func (r *recorder) urn(parent, token, name string) string {
	return urnOf(r.stack, r.project, parent, token, name)
}

func urnOf(stack, project, parent, token, name string) string {
	var parentType tokens.Type
	if p := resource.URN(parent); p != "" && p.QualifiedType() != resource.RootStackType {
		parentType = p.QualifiedType()
	}
	return string(resource.NewURN(tokens.QName(stack), tokens.PackageName(project), parentType, tokens.Type(token), name))
}

func shortType(token string) string { return token[strings.LastIndex(token, ":")+1:] }
