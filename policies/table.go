package policies

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
)

// value is what a place of a document is filled with.
type value interface {
	// fill is the value as it stands in the document. It fails where the value would need escaping there.
	fill() (string, error)
}

// plain is what may stand both in an XML attribute and in a C# string without any escaping. Names, GUIDs, numbers and
// addresses need no more; anything else is refused rather than escaped, because the two languages escape differently.
var plain = regexp.MustCompile(`^[A-Za-z0-9 ._:/|;=,@*-]*$`)

// text is a value that stands in the document as it is.
type text string

func (t text) fill() (string, error) {
	if !plain.MatchString(string(t)) {
		return "", fmt.Errorf("has characters a policy document cannot hold there: %q", string(t))
	}
	return string(t), nil
}

// table is a JSON object that a policy expression reads by name. It stands in a string of C#: JObject.Parse("$(products)").
// Its members keep their order, which decides where two products would do.
type table []member

// member is a name with a text, a number, a boolean, a list of texts or another table.
type member struct {
	name  string
	value any
}

// inString writes JSON into a string of C#. Nothing else needs escaping: every text of the table is plain.
var inString = strings.NewReplacer(`"`, `\"`)

func (t table) fill() (string, error) {
	object, err := t.object()
	return inString.Replace(object), err
}

// object is the JSON. Braces have a space between them: two of them would be a reference to a named value.
func (t table) object() (string, error) {
	members := make([]string, 0, len(t))
	for _, m := range t {
		name, err := scalar(m.name)
		if err != nil {
			return "", err
		}
		value, err := written(m.value)
		if err != nil {
			return "", err
		}
		members = append(members, name+": "+value)
	}
	return "{ " + strings.Join(members, ", ") + " }", nil
}

func written(value any) (string, error) {
	switch value := value.(type) {
	case table:
		return value.object()
	case []string:
		entries := make([]string, 0, len(value))
		for _, entry := range value {
			one, err := scalar(entry)
			if err != nil {
				return "", err
			}
			entries = append(entries, one)
		}
		return "[" + strings.Join(entries, ", ") + "]", nil
	default:
		return scalar(value)
	}
}

// scalar is the JSON of a text, a number or a boolean.
func scalar(value any) (string, error) {
	if s, ok := value.(string); ok {
		if _, err := text(s).fill(); err != nil {
			return "", err
		}
	}
	written, err := json.Marshal(value)
	return string(written), err
}
