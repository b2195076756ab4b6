//go:build published

// Package published reads Microsoft's Go models of Resource Manager. It is compiled with the build tag published only: the modules
// take a minute of processor time.
package published

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os/exec"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/apimanagement/armapimanagement/v3"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/cognitiveservices/armcognitiveservices"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/network/armnetwork/v6"

	"enterprise-openai/internal/azure/models"
)

// Roots are the types of bodies.
var Roots = []reflect.Type{
	reflect.TypeFor[armnetwork.VirtualNetwork](),
	reflect.TypeFor[armnetwork.Subnet](),
	reflect.TypeFor[armnetwork.SecurityGroup](),
	reflect.TypeFor[armnetwork.RouteTable](),
	reflect.TypeFor[armnetwork.PublicIPAddress](),
	reflect.TypeFor[armnetwork.PrivateEndpoint](),
	reflect.TypeFor[armnetwork.PrivateDNSZoneGroup](),
	reflect.TypeFor[armcognitiveservices.Account](),
	reflect.TypeFor[armcognitiveservices.Deployment](),
	reflect.TypeFor[armcognitiveservices.RaiPolicy](),
	reflect.TypeFor[armapimanagement.ServiceResource](),
	reflect.TypeFor[armapimanagement.APICreateOrUpdateParameter](),
	reflect.TypeFor[armapimanagement.OperationContract](),
	reflect.TypeFor[armapimanagement.PolicyContract](),
	reflect.TypeFor[armapimanagement.DiagnosticContract](),
	reflect.TypeFor[armapimanagement.BackendContract](),
	reflect.TypeFor[armapimanagement.GroupCreateParameters](),
	reflect.TypeFor[armapimanagement.IdentityProviderCreateContract](),
	reflect.TypeFor[armapimanagement.LoggerContract](),
	reflect.TypeFor[armapimanagement.NamedValueCreateContract](),
	reflect.TypeFor[armapimanagement.PolicyFragmentContract](),
	reflect.TypeFor[armapimanagement.ProductContract](),
	reflect.TypeFor[armapimanagement.SubscriptionCreateParameters](),
}

// Schema describes the roots and what they refer to.
func Schema() (schema *models.Schema, err error) {
	defer func() { // a type that the schema cannot express
		if r := recover(); r != nil {
			err = fmt.Errorf("models: %v", r)
		}
	}()
	s := &models.Schema{Modules: map[string]string{}, Types: map[string]map[string]string{}, Enums: map[string][]string{}}
	values := enumValues{}
	for _, root := range Roots {
		pkg := root.PkgPath()
		if s.Modules[pkg] == "" {
			if s.Modules[pkg], err = list("{{.Module.Version}}", pkg); err != nil {
				return nil, err
			}
		}
		models.Describe(s, root, fieldName, reflect.Type.String, values.of)
	}
	return s, nil
}

// fieldName is what a model writes a field as. The fields have no tags; a value in which only this field is set shows its name.
// AdditionalProperties are written without a name of their own.
func fieldName(t reflect.Type, field reflect.StructField) string {
	if field.Name == "AdditionalProperties" {
		return models.FreeNames
	}
	value := reflect.New(t)
	value.Elem().FieldByIndex(field.Index).Set(filled(field.Type))
	text, err := json.Marshal(value.Interface())
	if err != nil {
		panic(fmt.Sprintf("%v.%s: %v", t, field.Name, err))
	}
	var written map[string]any
	if err := json.Unmarshal(text, &written); err != nil || len(written) != 1 {
		panic(fmt.Sprintf("%v.%s is written as %s", t, field.Name, text))
	}
	for name := range written {
		return name
	}
	return ""
}

// filled is a value of a field that a model does not leave out.
func filled(t reflect.Type) reflect.Value {
	switch t.Kind() {
	case reflect.Pointer:
		return reflect.New(t.Elem())
	case reflect.Slice:
		return reflect.MakeSlice(t, 0, 0)
	case reflect.Map:
		return reflect.MakeMap(t)
	case reflect.Interface:
		return reflect.ValueOf("text")
	}
	panic(fmt.Sprintf("a field of kind %v", t))
}

// enumValues reads the constants of a package's string types, by package path and type.
type enumValues map[string]map[string][]string

func (e enumValues) of(t reflect.Type) []string {
	if e[t.PkgPath()] == nil {
		read, err := readEnums(t.PkgPath())
		if err != nil {
			panic(err)
		}
		e[t.PkgPath()] = read
	}
	values := e[t.PkgPath()][t.Name()]
	if len(values) == 0 {
		panic(fmt.Sprintf("%v has no constants", t))
	}
	return values
}

func readEnums(pkg string) (map[string][]string, error) {
	dir, err := list("{{.Dir}}", pkg)
	if err != nil {
		return nil, err
	}
	file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(dir, "constants.go"), nil, 0)
	if err != nil {
		return nil, err
	}
	found := map[string][]string{}
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || len(spec.Values) != 1 {
			return true
		}
		name, named := spec.Type.(*ast.Ident)
		literal, written := spec.Values[0].(*ast.BasicLit)
		if named && written {
			if text, err := strconv.Unquote(literal.Value); err == nil {
				found[name.Name] = append(found[name.Name], text)
			}
		}
		return true
	})
	return found, nil
}

// list is what `go list` prints of a package.
func list(format, pkg string) (string, error) {
	out, err := exec.Command("go", "list", "-f", format, pkg).Output() //nolint:noctx,gosec // a generator, one of three packages
	if err != nil {
		return "", fmt.Errorf("go list of %s: %w", pkg, err)
	}
	return strings.TrimSpace(string(out)), nil
}
