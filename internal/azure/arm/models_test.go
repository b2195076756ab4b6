package arm

import (
	"reflect"
	"testing"

	"github.com/stretchr/testify/assert"

	"enterprise-openai/internal/azure/models"
)

// structModels are the Go types of this package that bodies are compared with.
var structModels = []reflect.Type{
	reflect.TypeFor[groupModel](), reflect.TypeFor[deploymentModel](), reflect.TypeFor[stackModel](), reflect.TypeFor[zoneModel](),
	reflect.TypeFor[zoneLinkModel](), reflect.TypeFor[zoneRecordModel](), reflect.TypeFor[savedSearchModel](), reflect.TypeFor[workbookModel](),
	reflect.TypeFor[actionGroupModel](), reflect.TypeFor[queryRuleModel](), reflect.TypeFor[metricAlertModel](), reflect.TypeFor[workspaceModel](),
	reflect.TypeFor[componentModel](), reflect.TypeFor[diagnosticSettingModel](), reflect.TypeFor[roleAssignmentModel](),
	reflect.TypeFor[namespaceModel](), reflect.TypeFor[hubModel](), reflect.TypeFor[tableModel](),
}

// TestEveryEnumOfEveryModelIsKnown: a named string type without its values would let any text pass.
func TestEveryEnumOfEveryModelIsKnown(t *testing.T) {
	for _, model := range structModels {
		assert.Empty(t, models.OfStruct(model, enums).Undescribed(), "%v has fields whose values are not in enums.go", model)
	}
	assert.Empty(t, models.Published().Undescribed())
}
