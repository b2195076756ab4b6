package models_test

import (
	"encoding/json"
	"reflect"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/internal/azure/models"
)

type tier string

type book struct {
	Pages   *int32   `json:"pages"`
	Weight  *float64 `json:"weight"`
	Printed any      `json:"printed"`
}

var shelves = models.OfStruct(reflect.TypeFor[shelfOnly](), map[reflect.Type][]string{reflect.TypeFor[tier](): {"Low", "High"}})

type shelfOnly struct {
	Shelf *shelfFields `json:"shelf"`
}

type shelfFields struct {
	Name   *string          `json:"name"`
	Tier   *tier            `json:"tier"`
	Books  []*book          `json:"books"`
	Labels map[string]*bool `json:"labels"`
	Notes  map[string]any   `json:"notes"`
}

func TestWhatDoesNotFitIsNamedWithItsPath(t *testing.T) {
	for body, expected := range map[string][]models.Problem{
		`{"shelf": {"name": "a", "tier": "low", "books": [{"pages": 3, "weight": 0.5, "printed": {"in": 2026}}], "labels": {"x": true}, "notes": {"x": [1]}}}`: nil,
		`{"shelf": {"unknown": null, "nothing": {}}}`: nil,
		`{"shelf": {"books": [{"pages": 1}, {"Pages": 1}]}}`: {
			{Path: "shelf.books[1].Pages", Message: "Could not find member 'Pages' on object of type 'shelfOnly'."},
		},
		`{"shelf": {"name": 1, "tier": "Middle", "unknown": 1, "books": [{"pages": 1.5}], "labels": {"x": "yes"}}}`: {
			{Path: "shelf.books[0].pages", Message: "1.5 is not an integer."},
			{Path: "shelf.labels.x", Message: "Error converting value: a boolean is expected, not a string."},
			{Path: "shelf.name", Message: "Error converting value: a string is expected, not a number."},
			{Path: "shelf.tier", Message: "'Middle' is not one of Low, High."},
		},
		`{"shelf": {"books": {"pages": 1}, "labels": [true], "notes": "text"}}`: {
			{Path: "shelf.books", Message: "Error converting value: an array is expected, not an object."},
			{Path: "shelf.labels", Message: "Error converting value: an object is expected, not an array."},
			{Path: "shelf.notes", Message: "Error converting value: an object is expected, not a string."},
		},
		`{"shelf": {"books": [{"pages": 2147483648}]}}`: {
			{Path: "shelf.books[0].pages", Message: "The body does not fit: 2.147483648e+09 is outside of int32."},
		},
	} {
		var decoded map[string]any
		require.NoError(t, json.Unmarshal([]byte(body), &decoded))
		assert.Equal(t, expected, shelves.Check("shelfOnly", decoded), body)
	}
}

func TestAPublishedTypeRefusesWhatItsModuleDoesNotHave(t *testing.T) {
	subnet := map[string]any{"properties": map[string]any{"addressPrefix": "10.0.0.0/24", "privateEndpointNetworkPolicies": "Off", "mask": 24.0}}
	assert.Equal(t, []models.Problem{{
		Path:    "properties.privateEndpointNetworkPolicies",
		Message: "'Off' is not one of Disabled, Enabled, NetworkSecurityGroupEnabled, RouteTableEnabled.",
	}}, models.Published().Check("armnetwork.Subnet", subnet))
	delete(subnet["properties"].(map[string]any), "privateEndpointNetworkPolicies")
	assert.Equal(t, []models.Problem{{Path: "properties.mask", Message: "Could not find member 'mask' on object of type 'Subnet'."}},
		models.Published().Check("armnetwork.Subnet", subnet))
}

func TestAnEnumWithoutValuesIsReported(t *testing.T) {
	assert.Equal(t, []string{"shelfFields.tier: tier"}, models.OfStruct(reflect.TypeFor[shelfOnly](), nil).Undescribed())
}
