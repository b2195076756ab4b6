package accounts

import "strings"

// Tokens that a function's definition costs besides its words (OpenAI Cookbook: How to count tokens with tiktoken, section 7,
// num_tokens_for_tools). Models before gpt-4o pay tokensPerOldTool instead of tokensPerTool.
const (
	tokensPerTool     = 7
	tokensPerOldTool  = 10
	tokensOfToolsEnd  = 12
	tokensOfMembers   = 3
	tokensPerMember   = 3
	tokensOfChoices   = -3
	tokensPerChoice   = 3
	maxDefinitionDeep = 64
)

// toolTokens counts a definition. The cookbook's formula knows one level of members, each with a type and a description; deeper
// levels are counted in the same way, and the grammar of a custom tool as its text [M] unverified.
func toolTokens(model string, t tool) int {
	total := tokensPerTool
	if old := strings.HasPrefix(model, "gpt-35") || strings.HasPrefix(model, "gpt-3.5") || strings.HasPrefix(model, "gpt-4-") || model == "gpt-4"; old {
		total = tokensPerOldTool
	}
	total += CountTokens(model, t.Name+":"+strings.TrimSuffix(t.Description, ".")) + tokensOfToolsEnd
	if !empty(t.Format) {
		total += CountTokens(model, string(t.Format))
	}
	if schema, err := parseJSON(t.Parameters); err == nil {
		total += memberTokens(model, schema, maxDefinitionDeep)
	}
	return total
}

// memberTokens counts the members of an object's schema, and of the schemas inside of it.
func memberTokens(model string, schema *jsonNode, deep int) int {
	if schema == nil || deep == 0 {
		return 0
	}
	total := 0
	if properties := schema.get("properties"); properties != nil && len(properties.members) > 0 {
		total += tokensOfMembers
		for _, m := range properties.members {
			total += tokensPerMember + memberLine(model, m) + memberTokens(model, m.value, deep-1)
		}
	}
	for _, keyword := range []string{"$defs", "definitions"} {
		if inside := schema.get(keyword); inside != nil {
			for _, m := range inside.members {
				total += memberLine(model, m) + memberTokens(model, m.value, deep-1)
			}
		}
	}
	for _, keyword := range []string{"anyOf", "oneOf", "allOf"} {
		if branches := schema.get(keyword); branches != nil {
			for _, branch := range branches.items {
				total += memberLine(model, jsonMember{"", branch}) + memberTokens(model, branch, deep-1)
			}
		}
	}
	if items := schema.get("items"); items != nil {
		total += memberLine(model, jsonMember{"", items}) + memberTokens(model, items, deep-1)
	}
	return total
}

// memberLine counts a member's name, type, description and values.
func memberLine(model string, m jsonMember) int {
	kind := ""
	if t := m.value.get("type"); t != nil {
		kind = strings.Trim(t.json(), `"`)
	}
	total := 0
	if choices := m.value.get("enum"); choices != nil {
		total += tokensOfChoices
		for _, choice := range choices.items {
			total += tokensPerChoice + CountTokens(model, strings.Trim(choice.json(), `"`))
		}
	}
	return total + CountTokens(model, m.name+":"+kind+":"+strings.TrimSuffix(m.value.get("description").str(), "."))
}
