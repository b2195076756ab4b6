package stacks

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"enterprise-openai/infra"
)

// foundation is what the next update has to know of an environment: what Azure cannot change in place, and what needs a warning when it
// changes. It is a stack output, because a program cannot read the engine's state.
type foundation struct {
	// Fixed are settings that cannot change, by path; an account's by its name.
	Fixed map[string]string
	// Slow are settings whose change takes the gateway a long time, by path.
	Slow map[string]string
	// Products are the names of products. Shells are products that have left the settings: what is left of them in the gateway has no
	// keys and no APIs.
	Products []string
	Shells   []string
}

// FoundationOutput is the stack output in which the foundation is remembered.
const FoundationOutput = "foundation"

// foundationOf is the foundation of settings, with derived values: another subscription has another suffix.
func foundationOf(s Settings, names infra.Names, to target) foundation {
	f := foundation{
		Fixed: map[string]string{
			"location":               s.Location,
			"subscription":           to.SubscriptionID,
			"naming.prefix":          names.Prefix,
			"naming.suffix":          names.Suffix,
			"network.gatewaySubnet":  s.Network.GatewaySubnet.String(),
			"network.endpointSubnet": s.Network.EndpointSubnet.String(),
			"gateway.zones":          strings.Join(s.Gateway.Zones, ", "),
			"gateway.sku":            family(s.Gateway.SKU),
		},
		Slow: map[string]string{"gateway.sku": string(s.Gateway.SKU), "gateway.mode": string(s.Gateway.Mode)},
	}
	for _, a := range s.Accounts {
		f.Fixed[accountLocation(a.Name)] = a.Location
	}
	for _, p := range s.Products {
		f.Products = append(f.Products, p.Name)
	}
	return f
}

func accountLocation(name string) string { return "accounts." + name + ".location" }

// family is what a SKU belongs to; Azure scales within it, and not from one to the other.
func family(sku GatewaySKU) string {
	if sku.IsV2() {
		return "a v2 tier"
	}
	return "a classic tier"
}

// remedies are what to do instead of changing a fixed setting.
var remedies = map[string]string{
	"location":               "Azure moves neither networks nor gateways: deploy a stack of another name beside this one, move the callers, destroy this one",
	"subscription":           "log in to the subscription it was deployed to (az account set), or destroy the stack there first",
	"naming.prefix":          "every resource would be deleted first and made anew under another name: destroy the stack first, or deploy one of another name beside it",
	"naming.suffix":          "every resource would be deleted first and made anew under another name: destroy the stack first, or deploy one of another name beside it",
	"network.gatewaySubnet":  "a subnet cannot be moved or resized while something is in it, and the gateway is in this one",
	"network.endpointSubnet": "a subnet cannot be moved or resized while something is in it, and the accounts' endpoints are in this one",
	"gateway.zones":          "the gateway's public address keeps the zones it was made with", // [M]
	"gateway.sku":            "Azure does not scale between the two: deploy a stack of another name beside this one, move the callers, destroy this one",
}

// check compares an update with the last one, and refuses what Azure could not do, before anything is changed.
func (f foundation) check(last foundation, s Settings, locate Locator) error {
	problems := newProblemList(locate)
	for _, key := range sortedKeys(f.Fixed) {
		was, known := last.Fixed[key]
		if !known || strings.EqualFold(was, f.Fixed[key]) {
			continue
		}
		path, hint := key, remedies[key]
		if i := slices.IndexFunc(s.Accounts, func(a Account) bool { return accountLocation(a.Name) == key }); i >= 0 {
			path = at("accounts", i, "location")
			hint = "Azure does not move accounts: add one under another name, and remove this one in a later update"
		}
		if was == "" {
			was = "none"
		}
		problems.add(path, fmt.Sprintf("is %s since this environment was deployed, and cannot become %s", was, orName(f.Fixed[key], "none")), hint)
	}
	return problems.err()
}

// warnings are printed before an update begins.
func (f foundation) warnings(last foundation, names infra.Names) []string {
	var all []string
	for _, key := range sortedKeys(f.Slow) {
		if was, known := last.Slow[key]; known && was != f.Slow[key] {
			all = append(all, fmt.Sprintf("%s changes from %s to %s: Azure takes 15 to 45 minutes, addresses may change, and a Developer gateway is down meanwhile",
				key, was, f.Slow[key]))
		}
	}
	purge := func(product string) string {
		return fmt.Sprintf("az apim product delete --resource-group %s --service-name %s --product-id %s --delete-subscriptions true",
			names.ResourceGroup(), names.Gateway(), product)
	}
	for _, product := range last.Products {
		if !slices.Contains(f.Products, product) {
			all = append(all, fmt.Sprintf("product %s leaves: its keys stop working, and an empty product stays in the gateway, because Azure refuses to delete it; "+
				"remove it afterwards with: %s", product, purge(product)))
		}
	}
	for _, product := range f.Products {
		if slices.Contains(last.Shells, product) {
			all = append(all, fmt.Sprintf("product %s was removed before: should this update stop with \"cannot create already existing resource\", "+
				"remove what was left of it and try again: %s", product, purge(product)))
		}
	}
	return all
}

// after is the foundation for the next update.
func (f foundation) after(last foundation) foundation {
	for _, product := range append(slices.Clone(last.Shells), last.Products...) {
		if !slices.Contains(f.Products, product) && !slices.Contains(f.Shells, product) {
			f.Shells = append(f.Shells, product)
		}
	}
	slices.Sort(f.Shells)
	return f
}

func (f foundation) output() pulumi.Map {
	return pulumi.Map{
		"fixed": pulumi.ToStringMap(f.Fixed), "slow": pulumi.ToStringMap(f.Slow),
		"products": pulumi.ToStringArray(f.Products), "shells": pulumi.ToStringArray(f.Shells),
	}
}

// checkFoundation refuses an update that changes what cannot be changed, warns of what is slow, and exports the foundation for the
// next update.
func checkFoundation(ctx *pulumi.Context, s Settings, names infra.Names, to target) error {
	last, err := lastFoundation(ctx)
	if err != nil {
		return err
	}
	locate := Locator(nowhere)
	if file, err := openStackFile(ctx); err == nil && file != nil {
		locate = file.locate
	}
	wanted := foundationOf(s, names, to)
	if err := wanted.check(last, s, locate); err != nil {
		return err
	}
	for _, warning := range wanted.warnings(last, names) {
		if err := ctx.Log.Warn(warning, nil); err != nil {
			return fmt.Errorf("warning: %w", err)
		}
	}
	ctx.Export(FoundationOutput, wanted.after(last).output())
	return nil
}

// lastFoundation reads this stack's own output of the last update; it is empty before the first. What pulumi.StackReference
// does is requested directly: a reference would be one more resource in every stack.
func lastFoundation(ctx *pulumi.Context) (foundation, error) {
	var read struct {
		Outputs map[string]any `pulumi:"outputs"`
	}
	stack := map[string]any{"name": strings.Join([]string{ctx.Organization(), ctx.Project(), ctx.Stack()}, "/")}
	if _, err := ctx.InvokePackageRaw("pulumi:pulumi:readStackOutputs", stack, &read, ""); err != nil {
		return foundation{}, fmt.Errorf("outputs of the last update: %w", err)
	}
	return readFoundation(read.Outputs[FoundationOutput]), nil
}

// readFoundation takes an output apart. What it does not find is not compared: an older program may have written it.
func readFoundation(output any) foundation {
	object, _ := output.(map[string]any)
	texts := func(key string) map[string]string {
		values := map[string]string{}
		inner, _ := object[key].(map[string]any)
		for name, value := range inner {
			values[name] = fmt.Sprint(value)
		}
		return values
	}
	list := func(key string) []string {
		var values []string
		inner, _ := object[key].([]any)
		for _, value := range inner {
			values = append(values, fmt.Sprint(value))
		}
		return values
	}
	return foundation{Fixed: texts("fixed"), Slow: texts("slow"), Products: list("products"), Shells: list("shells")}
}
