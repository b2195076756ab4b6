package stacks

import (
	"errors"
	"fmt"
	"net/netip"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/internal/problem"
	"enterprise-openai/internal/words"
)

func TestDefaultsFillWhatIsLeftOut(t *testing.T) {
	s, err := Decode(decodable(map[string]string{"gateway": `{"publisherName": "A", "publisherEmail": "a@example.com"}`}), nil)
	require.NoError(t, err)
	assert.Equal(t, "aoai", s.Naming.Prefix)
	assert.Equal(t, netip.MustParsePrefix("10.20.0.0/22"), s.Network.AddressSpace)
	assert.Equal(t, SKUDeveloper, s.Gateway.SKU)
	assert.Equal(t, 1, s.Gateway.Units)
	assert.Empty(t, s.Gateway.Entra.Audiences, "no audience fits everybody")
	assert.Equal(t, 4, s.Gateway.Failover.MaxAttempts)
	assert.Equal(t, DeploymentStandard, s.Accounts[0].Deployments[0].SKU)
	assert.Equal(t, PeriodMonthly, s.Products[0].TokenQuota.Period)
	assert.Equal(t, "standard", s.Products[0].DisplayName, "the name when left out")
	assert.True(t, s.Logging.Messages)
	assert.Equal(t, 90, s.Logging.RetentionDays)
	assert.Nil(t, s.Alerts)
	assert.Nil(t, s.Network.Existing)
}

func TestAnExplicitValueBeatsItsDefault(t *testing.T) {
	s, err := Decode(decodable(map[string]string{
		"logging": `{"messages": false, "dailyCapGb": 0.5}`,
		"gateway": `{"publisherName": "A", "publisherEmail": "a@example.com", "entra": {"audiences": ["api://a"]}}`,
		"network": `{"gatewaySubnet": "10.20.2.0/27"}`,
	}), nil)
	require.NoError(t, err)
	assert.False(t, s.Logging.Messages)
	assert.InDelta(t, 0.5, s.Logging.DailyCapGB, 0)
	assert.Equal(t, []string{"api://a"}, s.Gateway.Entra.Audiences)
	assert.Equal(t, netip.MustParsePrefix("10.20.2.0/27"), s.Network.GatewaySubnet)
	assert.Equal(t, netip.MustParsePrefix("10.20.1.0/26"), s.Network.EndpointSubnet)
}

func TestAnEmptySectionOfPulumiYamlIsASectionLeftOut(t *testing.T) {
	s, err := Decode(decodable(map[string]string{"alerts": "{}", "edge": "{}", "egress": "{}", "naming": "{}", "teams": "[]"}), nil)
	require.NoError(t, err)
	assert.Nil(t, s.Alerts)
	assert.Nil(t, s.Edge)
	assert.Nil(t, s.Egress)
	assert.Equal(t, "aoai", s.Naming.Prefix)
}

// TestDecodeSaysWhatIsWrong compares whole lines: they are the product's words.
func TestDecodeSaysWhatIsWrong(t *testing.T) {
	gateway := func(extra string) string {
		return `{"publisherName": "A", "publisherEmail": "a@example.com", ` + extra + `}`
	}
	for _, c := range []struct {
		name, key, value string
		want             []string
	}{
		{"misspelt key", "gateway", gateway(`"skus": "Premium"`), []string{`gateway.skus: unknown setting; did you mean "sku"?`}},
		{"key in another case", "gateway", gateway(`"SKU": "Premium"`), []string{`gateway.SKU: unknown setting; did you mean "sku"?`}},
		{"misspelt key in a list", "accounts", `[{"name": "a1", "location": "x", "deployments": [{"name": "a", "modle": "b", "version": "1", "capacity": 1}]}]`, []string{
			"accounts[0].deployments[0].model: required setting is missing",
			`accounts[0].deployments[0].modle: unknown setting; did you mean "model"?`,
		}},
		{"unknown key", "naming", `{"colour": "red"}`, []string{"naming.colour: unknown setting; use one of prefix, suffix"}},
		{"misspelt top-level key", "acounts", "[]", []string{`acounts: unknown setting; did you mean "accounts"?`}},
		{"odd top-level key", "a b", "1", []string{
			`["a b"]: unknown setting; use one of location, naming, tags, network, gateway, accounts, products, teams, logging, alerts, edge, egress`,
		}},
		{"key given twice", "naming", `{"prefix": "a", "prefix": "b"}`, []string{"naming.prefix: given twice; keep one of them"}},
		{"tag given twice", "tags", `{"a.b": "1", "a.b": "2"}`, []string{`tags["a.b"]: given twice; keep one of them`}},
		{"text for a number", "gateway", gateway(`"units": "3"`), []string{`gateway.units: wanted a number, got the text "3"; write it without quotes`}},
		{"fraction for a whole number", "gateway", gateway(`"units": 1.5`), []string{`gateway.units: wanted a whole number, got "1.5"`}},
		{"far too large", "gateway", gateway(`"units": 1e400`), []string{`gateway.units: wanted a whole number, got "1e400"`}},
		{"number for text", "naming", `{"suffix": 2024}`, []string{"naming.suffix: wanted text, got the number \"2024\"; put it in quotes"}},
		{"boolean for text", "naming", `{"suffix": true}`, []string{`naming.suffix: wanted text, got "true"; put it in quotes`}},
		{"text for a boolean", "logging", `{"messages": "yes"}`, []string{`logging.messages: wanted true or false, got the text "yes"; write it without quotes`}},
		{"list for an object", "gateway", `[]`, []string{"gateway: wanted an object, got a list"}},
		{"text for an object", "gateway", `Premium`, []string{`gateway: wanted an object, got the text "Premium"`}},
		{"text for a list", "gateway", gateway(`"zones": "1"`), []string{`gateway.zones: wanted a list, got the text "1"; start each entry with a dash`}},
		{"number in a list of texts", "gateway", gateway(`"zones": [1]`), []string{`gateway.zones[0]: wanted text, got the number "1"; put it in quotes`}},
		{"empty entry", "teams", `[null]`, []string{"teams[0]: the list has an empty entry; fill it or remove it"}},
		{"object for text", "location", `{"a": 1}`, []string{"location: wanted text, got an object"}},
		{"enumeration", "gateway", gateway(`"mode": "Internal"`), []string{`gateway.mode: unknown value "Internal"; did you mean "internal"?`}},
		{"a switch for an enumeration", "logging", `{"bodies": true}`, []string{`logging.bodies: unknown value "true"; use one of none, requests, all`}},
		{"not a CIDR", "network", `{"addressSpace": "10.20.0.0"}`, []string{`network.addressSpace: wanted a CIDR such as 10.20.0.0/22, got "10.20.0.0"`}},
		{"not an address", "egress", `{"firewallAddress": "fw"}`, []string{`egress.firewallAddress: wanted an address such as 10.20.0.4, got "fw"`}},
		{"empty CIDR", "edge", `{"subnet": ""}`, []string{`edge.subnet: wanted a CIDR such as 10.20.0.0/22, got ""`}},
		{"required key missing", "location", "", []string{"location: required setting is missing"}},
		{"required key without value", "products", "null", []string{"products: required setting is missing"}},
		{"required text empty", "gateway", `{"publisherName": " ", "publisherEmail": "a@example.com"}`, []string{"gateway.publisherName: must not be empty"}},
		{"required list empty", "accounts", "[]", []string{"accounts: must not be empty"}},
		{"section with required settings left out", "gateway", "", []string{
			"gateway.publisherEmail: required setting is missing", "gateway.publisherName: required setting is missing",
		}},
		{"required in an optional section", "alerts", `{"emails": null}`, []string{"alerts.emails: required setting is missing"}},
		{"not JSON", "gateway", `{"sku": }`, []string{"gateway: not valid JSON at byte 8: a value was expected"}},
		{"more than JSON", "gateway", `{} {}`, []string{"gateway: not valid JSON at byte 4: more text after the value"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Decode(decodable(map[string]string{c.key: c.value}), nil)
			assert.Equal(t, c.want, messages(err))
		})
	}
}

func TestAllProblemsAreReportedAtOnceInTheOrderOfTheFile(t *testing.T) {
	file, err := readStackFile("Pulumi.dev.yaml", []byte(`config:
  enterprise-openai:gateway:
    publisherName: A
    skus: Premium
    units: three
  enterprise-openai:location: swedencentral
  enterprise-openai:tags:
    a.b: 1
  enterprise-openai:accounts:
    - name: sweden
      deployments:
        - name: gpt-4o
          model: gpt-4o
          version: 1
          capacity: 10
`), project)
	require.NoError(t, err)
	_, err = Decode(decodable(map[string]string{
		"gateway": `{"publisherName": "A", "skus": "Premium", "units": "three"}`, "tags": `{"a.b": 1}`,
		"accounts": `[{"name": "sweden", "deployments": [{"name": "gpt-4o", "model": "gpt-4o", "version": 1, "capacity": 10}]}]`,
	}), file.locate)
	assert.Equal(t, `Pulumi.dev.yaml:2: gateway.publisherEmail: required setting is missing
Pulumi.dev.yaml:4: gateway.skus: unknown setting; did you mean "sku"?
Pulumi.dev.yaml:5: gateway.units: wanted a number, got the text "three"; write it without quotes
Pulumi.dev.yaml:8: tags["a.b"]: wanted text, got the number "1"; put it in quotes
Pulumi.dev.yaml:10: accounts[0].location: required setting is missing
Pulumi.dev.yaml:14: accounts[0].deployments[0].version: wanted text, got the number "1"; put it in quotes`, err.Error())
}

func TestProblemsCanBeTakenApart(t *testing.T) {
	here := problem.Place{File: "here", Line: 1}
	_, err := Decode(decodable(map[string]string{"location": "", "naming": `{"prefx": "a"}`}), func(string) problem.Place { return here })
	wrapped := fmt.Errorf("settings: %w", err)
	assert.Equal(t, []Problem{
		{Path: "location", Where: here, Message: "required setting is missing"},
		{Path: "naming.prefx", Where: here, Message: "unknown setting", Hint: `did you mean "prefix"?`},
	}, Problems(wrapped))
	var one Problem
	assert.ErrorAs(t, wrapped, &one)
	assert.Nil(t, Problems(errors.New("another error")))
	assert.Nil(t, Problems(nil))
}

func TestValuesOfSecretSettingsAreNotShown(t *testing.T) {
	for _, path := range []string{"edge.apiKey", "a.clientSecret", "a.password", "a.keys[3]"} {
		assert.Equal(t, "a value that is not shown", show(path, "hunter2"), path)
	}
	for _, path := range []string{"products[0].tokensPerMinute", "gateway.sku", "teams[0].name"} {
		assert.Equal(t, `"x"`, show(path, "x"), path)
	}
	assert.Less(t, len(show("a", string(make([]byte, 5000)))), 400, "a long value is shortened")
}

func TestPositionsSortAsNumbers(t *testing.T) {
	l := newProblemList(func(path string) problem.Place {
		return map[string]problem.Place{"a": {File: "f", Line: 10}, "b": {File: "f", Line: 9}}[path]
	})
	for _, path := range []string{"a", "b", "x[10]", "x[9]", "x"} {
		l.add(path, "m", "")
	}
	var order []string
	for _, p := range Problems(l.err()) {
		order = append(order, p.Path)
	}
	assert.Equal(t, []string{"x", "x[9]", "x[10]", "b", "a"}, order)
}

func TestNearestNameIsAGuessOnlyWhenItIsClose(t *testing.T) {
	names := []string{"sku", "units", "publisherName", "mode"}
	for word, want := range map[string]string{
		"skus": "sku", "SKU": "sku", "publishrName": "publisherName", "publisher_name": "publisherName",
		"unit": "units", "colour": "", "": "", "xy": "", "abc": "",
	} {
		assert.Equal(t, want, words.Nearest(word, names), word)
	}
}

// FuzzDecode: whatever is written, Decode and Validate answer with settings or with problems that have a path.
func FuzzDecode(f *testing.F) {
	for key, value := range decodable(nil) {
		f.Add(key, value)
	}
	for _, seed := range []string{
		"", "null", "{}", "[]", "[[[[", `{"a":`, `{"sku":"Premium","units":9223372036854775807,"zones":["1",null]}`, "{\"\xff\":1}", "1e999", `"x"`,
		`[{"name":"a1","capacity":-1,"deployments":[{"capacity":9223372036854775807}]}]`, `{"addressSpace":"::/0","gatewaySubnet":"0.0.0.0/0"}`,
	} {
		for _, key := range []string{"gateway", "accounts", "network", "products"} {
			f.Add(key, seed)
		}
	}
	f.Fuzz(func(t *testing.T, key, value string) {
		values := decodable(nil)
		values[key] = value
		s, err := Decode(values, nil)
		if err == nil {
			err = Validate(s, "dev", nil)
		}
		if err == nil {
			return
		}
		problems := Problems(err)
		if len(problems) == 0 {
			t.Fatalf("an error without a problem: %v", err)
		}
		for _, p := range problems {
			if p.Path == "" || p.Message == "" {
				t.Fatalf("a problem without path or message: %#v", p)
			}
		}
	})
}

func TestNumbersMayBeWrittenAsYAMLWritesThem(t *testing.T) {
	s, err := Decode(decodable(map[string]string{
		"gateway": `{"publisherName": "A", "publisherEmail": "a@example.com", "units": 2.0, "failover": {"maxAttempts": 1e1}}`,
		"logging": `{"dailyCapGb": 3}`,
	}), nil)
	require.NoError(t, err)
	assert.Equal(t, 2, s.Gateway.Units)
	assert.Equal(t, 10, s.Gateway.Failover.MaxAttempts)
	assert.InDelta(t, 3, s.Logging.DailyCapGB, 0)

	_, err = Decode(decodable(map[string]string{"logging": `{"dailyCapGb": 1e999}`, "network": `{"addressSpace": 10}`}), nil)
	assert.Equal(t, []string{
		`logging.dailyCapGb: wanted a number, got "1e999"`,
		`network.addressSpace: wanted text, got the number "10"; put it in quotes`,
	}, messages(err))
}

// TestScalarsAtTheTopComeAsText: Pulumi passes every top-level scalar as bare text, whatever its type.
func TestScalarsAtTheTopComeAsText(t *testing.T) {
	for text, want := range map[string]kind{"3": kindNumber, "0.5": kindNumber, "x": kindText} {
		assert.Equal(t, want, topLevelScalar(&node{kind: kindText, text: text}, reflect.TypeFor[int]()).kind, text)
	}
	for text, want := range map[string]kind{"true": kindBoolean, "false": kindBoolean, "yes": kindText} {
		assert.Equal(t, want, topLevelScalar(&node{kind: kindText, text: text}, reflect.TypeFor[bool]()).kind, text)
	}
	assert.Equal(t, kindText, topLevelScalar(&node{kind: kindText, text: "3"}, reflect.TypeFor[string]()).kind)
}

func TestADefaultThatDoesNotFitIsAProblemAndNoPanic(t *testing.T) {
	var broken struct {
		Units int               `json:"units" default:"many"`
		Tags  map[string]string `json:"tags" default:"a"`
		Pipe  chan int          `json:"pipe"`
	}
	d := &decoder{problemList: newProblemList(nil)}
	n, err := parseJSON(`{"pipe": 1}`)
	require.NoError(t, err)
	d.object(reflect.ValueOf(&broken).Elem(), n, "")
	assert.Equal(t, []string{
		"pipe: a setting of type chan int cannot be read; correct it in settings.go",
		`tags: default "a" does not fit the setting; correct its tag in settings.go`,
		`units: default "many" does not fit the setting; correct its tag in settings.go`,
	}, messages(d.err()))
}

func TestADocumentThatNestsWithoutEndIsRefused(t *testing.T) {
	_, err := Decode(decodable(map[string]string{"teams": strings.Repeat("[", 5000)}), nil)
	assert.ErrorContains(t, err, "nested more than 32 levels deep")
}
