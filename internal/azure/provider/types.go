package provider

// Types are the property types of the published azure-native package.
type Types interface {
	// Resource returns the inputs and outputs of a resource type.
	Resource(token string) (Resource, bool)
	// Object returns a named object type.
	Object(ref string) (Object, bool)
}

// Resource is a resource type.
type Resource struct {
	// Inputs are what a program may set.
	Inputs Object
	// Outputs are what it gets back.
	Outputs Object
}

// Object is an object type.
type Object struct {
	// Properties by SDK name.
	Properties map[string]Property
	// Required names the properties that must be set.
	Required []string
}

// Property is the type of one property.
type Property struct {
	// Type is boolean, integer, number, string, array, object or any.
	Type string
	// Ref names the object type of an object; empty for a map.
	Ref string
	// Items is the type of an array's elements, Values of a map's.
	Items, Values *Property
	// Default is what Azure has when the property is left out; nil when the package does not say.
	Default any
	// Enum lists the values that Azure knows; empty when there is no list.
	Enum []string
}

const (
	typeAny     = "any"
	typeArray   = "array"
	typeObject  = "object"
	typeString  = "string"
	typeNumber  = "number"
	typeInteger = "integer"
	typeBoolean = "boolean"
)
