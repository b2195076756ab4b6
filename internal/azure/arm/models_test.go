package arm

import (
	"fmt"
	"reflect"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/apimanagement/armapimanagement/v3"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/cognitiveservices/armcognitiveservices"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/network/armnetwork/v6"
)

// modelTypes are the Go types that bodies are held against.
var modelTypes = []reflect.Type{
	reflect.TypeFor[groupModel](), reflect.TypeFor[deploymentModel](), reflect.TypeFor[stackModel](),
	reflect.TypeFor[zoneModel](), reflect.TypeFor[zoneLinkModel](), reflect.TypeFor[zoneRecordModel](),
	reflect.TypeFor[savedSearchModel](), reflect.TypeFor[workbookModel](), reflect.TypeFor[actionGroupModel](), reflect.TypeFor[queryRuleModel](), reflect.TypeFor[metricAlertModel](),
	reflect.TypeFor[workspaceModel](), reflect.TypeFor[componentModel](), reflect.TypeFor[diagnosticSettingModel](), reflect.TypeFor[roleAssignmentModel](),
	reflect.TypeFor[armnetwork.VirtualNetwork](), reflect.TypeFor[armnetwork.Subnet](), reflect.TypeFor[armnetwork.SecurityGroup](),
	reflect.TypeFor[armnetwork.RouteTable](), reflect.TypeFor[armnetwork.PublicIPAddress](), reflect.TypeFor[armnetwork.PrivateEndpoint](), reflect.TypeFor[armnetwork.PrivateDNSZoneGroup](),
	reflect.TypeFor[armcognitiveservices.Account](), reflect.TypeFor[armcognitiveservices.Deployment](), reflect.TypeFor[armcognitiveservices.RaiPolicy](),
	reflect.TypeFor[armapimanagement.ServiceResource](), reflect.TypeFor[armapimanagement.APICreateOrUpdateParameter](), reflect.TypeFor[armapimanagement.OperationContract](),
	reflect.TypeFor[armapimanagement.PolicyContract](), reflect.TypeFor[armapimanagement.DiagnosticContract](), reflect.TypeFor[armapimanagement.BackendContract](),
	reflect.TypeFor[armapimanagement.GroupCreateParameters](), reflect.TypeFor[armapimanagement.IdentityProviderCreateContract](), reflect.TypeFor[armapimanagement.LoggerContract](),
	reflect.TypeFor[armapimanagement.NamedValueCreateContract](), reflect.TypeFor[armapimanagement.PolicyFragmentContract](), reflect.TypeFor[armapimanagement.ProductContract](),
	reflect.TypeFor[armapimanagement.SubscriptionCreateParameters](),
}

// TestEveryEnumOfEveryModelIsKnown: a named string type without its values would let any text pass.
func TestEveryEnumOfEveryModelIsKnown(t *testing.T) {
	seen := map[reflect.Type]bool{}
	var walk func(reflect.Type)
	walk = func(x reflect.Type) {
		if seen[x] {
			return
		}
		seen[x] = true
		switch x.Kind() {
		case reflect.Pointer, reflect.Slice, reflect.Map:
			walk(x.Elem())
		case reflect.Struct:
			if x == timeType {
				return
			}
			for i := range x.NumField() {
				walk(x.Field(i).Type)
			}
		case reflect.String:
			if x.PkgPath() != "" && len(enums[x]) == 0 {
				t.Errorf("%s has no values in enums.go", fmt.Sprint(x))
			}
		}
	}
	for _, m := range modelTypes {
		walk(m)
	}
}
