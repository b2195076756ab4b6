package accounts_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"enterprise-openai/internal/azure/accounts"
)

// satisfies checks a value with a validator that other people wrote.
func satisfies(schema, value string) error {
	compiled, err := jsonschema.CompileString("schema.json", schema)
	if err != nil {
		return fmt.Errorf("schema: %w", err)
	}
	var v any
	if err := json.Unmarshal([]byte(value), &v); err != nil {
		return fmt.Errorf("value: %w", err)
	}
	return compiled.Validate(v) //nolint:wrapcheck // a test's own helper
}

func TestASmallValueOfASchema(t *testing.T) {
	for schema, want := range map[string]string{
		`{"const":"<b> & \n"}`: `"<b> & \n"`,
		`{"type":"object"}`:    `{}`,
		`{"type":"object","properties":{"b":{"type":"string"},"a":{"type":"integer"},"c":{"type":"null"}},"required":["a","b"]}`: `{"b":"text","a":0}`,
		`{"type":"object","required":["x"],"additionalProperties":{"type":"boolean"}}`:                                           `{"x":false}`,
		`{"type":["string","null"]}`:                                                  `"text"`,
		`{"enum":["red","green"]}`:                                                    `"red"`,
		`{"type":"string","enum":[1,"green"]}`:                                        `"green"`,
		`{"const":{"a":[1,null]}}`:                                                    `{"a":[1,null]}`,
		`{"type":"array","items":{"type":"number"}}`:                                  `[]`,
		`{"type":"array","items":{"type":"number","minimum":2.5},"minItems":2}`:       `[2.5,2.5]`,
		`{"type":"array","items":{"type":"integer"},"minItems":3,"uniqueItems":true}`: `[0,1,2]`,
		`{"type":"array","prefixItems":[{"type":"string"},{"type":"null"}],"minItems":3,"items":{"type":"boolean"}}`:                 `["text",null,false]`,
		`{"type":"integer","minimum":7,"maximum":9}`:                                                                                 `7`,
		`{"type":"integer","exclusiveMinimum":7}`:                                                                                    `8`,
		`{"type":"integer","maximum":-3,"multipleOf":2}`:                                                                             `-4`,
		`{"type":"number","exclusiveMinimum":0,"exclusiveMaximum":1}`:                                                                `0.5`,
		`{"type":"number","minimum":0.25,"multipleOf":0.1}`:                                                                          `0.3`,
		`{"type":"string","minLength":6}`:                                                                                            `"textaa"`,
		`{"type":"string","maxLength":2}`:                                                                                            `"te"`,
		`{"type":"string","format":"date"}`:                                                                                          `"2026-01-01"`,
		`{"type":"string","pattern":"^[A-Z]{2}-\\d+$"}`:                                                                              `"AA-0"`,
		`{"type":"string","pattern":"^\\d+$","minLength":4}`:                                                                         `"0000"`,
		`{"$ref":"#/$defs/p~1q","$defs":{"p/q":{"type":"boolean"}}}`:                                                                 `false`,
		`{"anyOf":[{"type":"object","properties":{"n":{"$ref":"#"}},"required":["n"]},{"type":"null"}]}`:                             `null`,
		`{"allOf":[{"type":"object","required":["a"]},{"properties":{"a":{"type":"string"}}},{"properties":{"a":{"maxLength":1}}}]}`: `{"a":"t"}`,
		`{"type":"object","propertyNames":{"type":"string"},"additionalProperties":{"type":"number"}}`:                               `{}`,
		`{"type":"object","minProperties":2,"properties":{"a":{"type":"null"}}}`:                                                     `{"a":null,"member1":null}`,
		`{"properties":{"é":{"enum":["ü"]}},"required":["é"]}`:                                                                       `{"é":"ü"}`,
		`{}`: `null`, `true`: `null`,
	} {
		got, err := accounts.Sample(schema)
		require.NoError(t, err, schema)
		assert.Equal(t, want, got, schema)
		assert.NoError(t, satisfies(schema, got), schema)
	}
}

func TestASchemaWithoutAValueIsRefusedWithTheReason(t *testing.T) {
	wide := `{"$defs":{`
	for i := range 20 {
		wide += fmt.Sprintf(`"d%d":{"type":"object","required":["a","b"],"properties":{"a":{"$ref":"#/$defs/d%d"},"b":{"$ref":"#/$defs/d%d"}}},`, i, i+1, i+1)
	}
	for schema, want := range map[string]string{
		`false`: "no value satisfies it",
		`{"type":"object","required":["me"],"properties":{"me":{"$ref":"#"}}}`:                                                   "no finite value",
		`{"$ref":"#/$defs/a","$defs":{"a":{"$ref":"#/$defs/b"},"b":{"type":"array","minItems":1,"items":{"$ref":"#/$defs/a"}}}}`: "no finite value",
		`{"$ref":"https://example.com/other"}`:                                                                                   "leads nowhere",
		`{"type":"string","minLength":5,"maxLength":2}`:                                                                          "no value satisfies it",
		`{"type":"integer","minimum":1,"maximum":2,"multipleOf":7}`:                                                              "no value satisfies it",
		`{"type":"string","enum":[1]}`:                                                                                           "no value satisfies it",
		`{"type":"object","additionalProperties":false,"required":["x"]}`:                                                        "no value satisfies it",
		`{"type":"string","pattern":"(?=a)b"}`:                                                                                   "cannot be read",
		`{"type":"string","allOf":[{"pattern":"^a"},{"pattern":"b$"}]}`:                                                          "no text was found",
		`{"not":{"type":"string"}}`:                                                                                              "not modelled",
		`{"type":"array","minItems":100000000}`:                                                                                  "too large",
		`{"type":"string","minLength":100000000}`:                                                                                "too large",
		`{"type":"array","minItems":3,"uniqueItems":true,"items":{"type":"null"}}`:                                               "must differ",
		wide + `"d20":{"type":"null"}},"$ref":"#/$defs/d0"}`:                                                                     "too large",
	} {
		_, err := accounts.Sample(schema)
		assert.ErrorContains(t, err, want, schema)
	}
}

// drawSchema draws a schema that has values.
func drawSchema(t *rapid.T, depth int) string {
	kinds := []string{"string", "integer", "number", "boolean", "null", "enum", "const", "length", "pattern", "range"}
	if depth > 0 {
		kinds = append(kinds, "object", "array", "anyOf", "allOf", "ref", "optional")
	}
	inner := func() string { return drawSchema(t, depth-1) }
	n := rapid.IntRange(0, 9).Draw(t, "n")
	switch kind := rapid.SampledFrom(kinds).Draw(t, "kind"); kind {
	case "enum":
		return `{"enum":["a",null,7,{"b":[]}]}`
	case "const":
		return fmt.Sprintf(`{"const":%d}`, n)
	case "length":
		return fmt.Sprintf(`{"type":"string","minLength":%d,"maxLength":%d}`, n, n+rapid.IntRange(0, 5).Draw(t, "more"))
	case "pattern":
		return fmt.Sprintf(`{"type":"string","pattern":%q}`, rapid.SampledFrom([]string{`^[a-f0-9]{8}$`, `^(yes|no)\.?$`, `^\w+@\w+\.com$`, `^[^a-z]*x$`, `.+`}).Draw(t, "pattern"))
	case "range":
		word := rapid.SampledFrom([]string{"minimum", "exclusiveMinimum"}).Draw(t, "word")
		return fmt.Sprintf(`{"type":%q,%q:%d,"maximum":%d}`, rapid.SampledFrom([]string{"integer", "number"}).Draw(t, "type"), word, n-5, n+5)
	case "object":
		strict := rapid.SampledFrom([]string{``, `,"additionalProperties":false`}).Draw(t, "strict")
		return `{"type":"object","properties":{"one":` + inner() + `,"two":` + inner() + `},"required":["two","one"]` + strict + `}`
	case "optional":
		return `{"type":"object","properties":{"one":` + inner() + `,"two":` + inner() + `},"required":["two"]}`
	case "array":
		return fmt.Sprintf(`{"type":"array","minItems":%d,"items":%s}`, n%3, inner())
	case "anyOf":
		return `{"anyOf":[` + inner() + `,` + inner() + `]}`
	case "allOf":
		return `{"allOf":[` + inner() + `,{"description":"more"}]}`
	case "ref":
		return `{"$ref":"#/$defs/node"}`
	default:
		return `{"type":"` + kind + `"}`
	}
}

func TestEveryValueSatisfiesItsSchema(t *testing.T) {
	node := `{"type":"object","properties":{"value":{"type":"number"},"next":{"anyOf":[{"$ref":"#/$defs/node"},{"type":"null"}]},"all":{"type":"array","items":{"$ref":"#/$defs/node"}}},"required":["value","next","all"],"additionalProperties":false}`
	rapid.Check(t, func(t *rapid.T) {
		schema := strings.TrimSuffix(drawSchema(t, 3), "}") + `,"$defs":{"node":` + node + `}}`
		value, err := accounts.Sample(schema)
		if err != nil {
			t.Fatalf("%s: %v", schema, err)
		}
		if err := satisfies(schema, value); err != nil {
			t.Fatalf("%s is no value of %s: %v", value, schema, err)
		}
	})
}
