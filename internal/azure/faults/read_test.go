package faults

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAScriptSaysWhatTheFileSays(t *testing.T) {
	rules, err := Parse("faults.yaml", []byte(`
faults:
  - fault: throttled
    type: microsoft.cognitiveservices/accounts/deployments
    retryAfter: 30s
    each: true
  - fault: refused
    method: put
    name: "*-france-*"
    nth: 2
    count: 4
    status: 400
    code: InvalidParameters
    message: no
`))
	require.NoError(t, err)
	assert.Equal(t, []Rule{
		{Fault: Throttled, Type: "microsoft.cognitiveservices/accounts/deployments", RetryAfter: 30 * time.Second, Each: true, Line: 3},
		{Fault: Refused, Method: "put", Name: "*-france-*", Nth: 2, Count: 4, Status: 400, Code: "InvalidParameters", Message: "no", Line: 7},
	}, rules)
}

func TestEverythingWrongInAScriptIsSaidWithItsFileLineAndKey(t *testing.T) {
	_, err := Parse("faults.yaml", []byte(`faults:
  - fault: lots
    typ: Microsoft.Network/virtualNetworks
    type: Microsoft.Network/loadBalancers
  - type: Microsoft.Network/virtualNetworks
    nth: 0
    retryAfter: soon
  - fault: lost
    fault: lost
    status: 500
    code: Oops
    name: "["
  - lost
  - fault: failed
    method: DELETE
  - fault: throttled
    retryAfter: 5ms
  - fault: refused
    status: 200
    method: FETCH
    each: often
    retryAfter: 5s
more: true
`))
	require.Error(t, err)
	assert.Equal(t, `faults.yaml:3: typ: no such key; a rule has fault, method, type, name, nth, count, each, status, code, message, retryAfter
faults.yaml:6: nth: "0" is no whole number from 1
faults.yaml:7: retryAfter: "soon" is no duration, which is written 30s or 2m
faults.yaml:5: fault: is missing; there are throttled, refused, broken, timed-out, lost, failed, stuck, killed, killed-after
faults.yaml:9: fault: is given twice
faults.yaml:13: a rule is a mapping, for example {fault: lost, type: Microsoft.Network/virtualNetworks}
faults.yaml:21: each: "often" is not what belongs here
faults.yaml:23: more: no such key; the script has one, faults
faults.yaml:2: fault: "lots" is none; there are throttled, refused, broken, timed-out, lost, failed, stuck, killed, killed-after
faults.yaml:2: type: "Microsoft.Network/loadBalancers" is not modelled; the types are listed in docs/rehearsal.md
faults.yaml:8: name: "[" is no pattern: syntax error in pattern
faults.yaml:8: status: only a request that is refused has one
faults.yaml:8: code: only what is refused or failed has a code and a message
faults.yaml:14: method: only a PUT starts an operation that can end in failed
faults.yaml:16: retryAfter: 5ms is less than a second, which Azure cannot say
faults.yaml:18: method: "FETCH" is no method of Azure Resource Manager; there are GET, HEAD, PUT, PATCH, POST, DELETE
faults.yaml:18: retryAfter: only a request that is throttled has one
faults.yaml:18: status: 200 is no refusal`, err.Error())
}

func TestAScriptThatIsNoneIsRefused(t *testing.T) {
	for text, want := range map[string]string{
		"":               "f.yaml:1: the script is empty; it is a list under the key faults",
		"- fault: lost":  "f.yaml:1: the script is a list under the key faults",
		"faults: []":     "f.yaml:1: faults: a list of rules belongs here",
		"{}":             "f.yaml:1: the script is a list under the key faults",
		"faults: [{a: }": "f.yaml: line 1: did not find expected ',' or ']'",
	} {
		_, err := Parse("f.yaml", []byte(text))
		assert.EqualError(t, err, want, text)
	}
}

func TestAScriptIsReadFromItsFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "faults.yaml")
	_, err := Read(file)
	require.ErrorContains(t, err, "script of faults: open "+file)
	require.NoError(t, os.WriteFile(file, []byte("faults: [{fault: lost}]"), 0o600))
	s, err := Read(file)
	require.NoError(t, err)
	assert.Equal(t, "line 1, lost: never matched", s.Outcomes()[0].String())
}

func TestTheExampleOfTheDocumentationIsAScript(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "..", "docs", "faults.md"))
	require.NoError(t, err)
	_, rest, found := strings.Cut(string(text), "```yaml\n")
	require.True(t, found)
	example, _, _ := strings.Cut(rest, "```")
	rules, err := Parse("docs/faults.md", []byte(example))
	require.NoError(t, err)
	assert.Len(t, rules, 3)
	for _, kind := range Kinds() {
		assert.Contains(t, string(text), "| `"+string(kind)+"` |", "a fault that nobody is told of")
	}
	for _, key := range keys {
		assert.Contains(t, string(text), "`"+key+"`", "a key that nobody is told of")
	}
}
