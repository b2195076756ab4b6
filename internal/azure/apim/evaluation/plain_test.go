package evaluation_test

import (
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/internal/azure/apim"
	"enterprise-openai/internal/azure/apim/apimtest"
	"enterprise-openai/internal/azure/apim/csharp"
)

// script makes documents and calls of bytes: each byte is one choice.
type script struct {
	bytes []byte
	depth int
}

func (s *script) choose(n int) int {
	if len(s.bytes) == 0 {
		return 0
	}
	b := int(s.bytes[0])
	s.bytes = s.bytes[1:]
	return b % n
}

func pick[T any](s *script, list ...T) T { return list[s.choose(len(list))] }

func (s *script) variable() string { return pick(s, "a", "b", "c", "d") }

// expression is C#. What it reads may be missing or of another type: then most of them give the exception's text.
func (s *script) expression() string {
	text := s.source()
	if body, ok := strings.CutPrefix(text, "@("); ok && s.choose(5) != 4 {
		return "@{ try { return " + strings.TrimSuffix(body, ")") + "; } catch (Exception e) { return e.Message; } }"
	}
	return text
}

func (s *script) source() string {
	v, w := s.variable(), s.variable()
	return pick(s,
		`@("1")`, `@(7)`, `@(5L)`, `@(null)`, `@(2.5)`,
		`@(context.Request.Headers.GetValueOrDefault("x-in", "none"))`,
		`@(string.Join(",", context.Request.Headers.Keys))`,
		`@(context.Request.Headers["x-in"][0])`,
		`@{ var list = context.Request.Headers["x-in"]; list[0] = list[0] + "!"; return list[0]; }`,
		`@(context.Request.Body.As<string>(preserveContent: true))`,
		`@(context.Request.Body.As<string>())`,
		`@(context.Request.Body.As<JObject>(preserveContent: true))`,
		`@(context.Request.Body == null)`,
		`@(new Dictionary<string, string[]> { { "k", new [] { "v" + context.Request.MatchedParameters["id"] } } })`,
		`@(new List<string> { "x" })`,
		fmt.Sprintf(`@((string)context.Variables["%s"] + "+")`, v),
		fmt.Sprintf(`@(context.Variables.GetValueOrDefault<string>("%s", "-") + context.Variables.GetValueOrDefault<object>("%s"))`, v, w),
		fmt.Sprintf(`@((int)context.Variables["%s"] + 1)`, v),
		fmt.Sprintf(`@(context.Variables.ContainsKey("%s") ? "has" : "lacks")`, v),
		fmt.Sprintf(`@(((Dictionary<string, string[]>)context.Variables["%s"])["k"][0])`, v),
		fmt.Sprintf(`@{ var map = (Dictionary<string, string[]>)context.Variables["%s"]; map["k"] = new [] { map["k"][0] + "~" }; return map.Count; }`, v),
		fmt.Sprintf(`@{ var list = (List<string>)context.Variables["%s"]; list.Add("y"); return string.Join("", list); }`, v),
		fmt.Sprintf(`@(((List<string>)context.Variables["%s"]).Count)`, v),
		fmt.Sprintf(`@((string)((JObject)context.Variables["%s"])["n"])`, v),
		fmt.Sprintf(`@{ ((JObject)context.Variables["%s"])["n"] = "changed"; return 1; }`, v),
		fmt.Sprintf(`@(context.Variables["%s"])`, v),
		fmt.Sprintf(`@(object.ReferenceEquals(context.Variables["%s"], context.Variables["%s"]))`, v, w),
		fmt.Sprintf(`@{ try { return ((int)context.Variables["%s"]).ToString(); } catch (Exception) { return "no int"; } }`, v),
		`@(int.Parse("x"))`,
		`@{ context.Trace("traced"); return "t"; }`,
		`@(context.Response == null ? "none" : context.Response.StatusCode.ToString())`,
		`@(context.Response.Body.As<string>(preserveContent: true))`,
		`@(context.Response.Headers.GetValueOrDefault("x-back", "none") + string.Join("", context.Response.Headers.Keys).Length)`,
		`@(context.LastError == null ? "fine" : context.LastError.Reason)`,
		`@((int)context.Elapsed.TotalSeconds)`,
		`@(context.Request.Url.Path + context.Request.Url.QueryString + context.Request.OriginalUrl.Path)`,
		`@(context.Request.Method + context.Operation.Id + context.Api.Name)`,
	)
}

func (s *script) condition() string {
	return pick(s, `@(context.Request.Headers.GetValueOrDefault("x-in", "") == "1")`, `@(context.Request.MatchedParameters["id"] == "7")`, `@(true)`,
		fmt.Sprintf(`@(context.Variables.GetValueOrDefault<object>("%s") == null)`, s.variable()), `@(context.Response != null && context.Response.StatusCode >= 500)`)
}

// policies are some policies of a section.
func (s *script) policies(section string) string {
	var out strings.Builder
	s.depth++
	for range 1 + s.choose(6-min(s.depth, 4)) {
		out.WriteString(s.policy(section))
	}
	s.depth--
	return out.String()
}

func (s *script) policy(section string) string {
	set := func() string {
		return fmt.Sprintf(`<set-variable name="%s" value="%s" />`, s.variable(), escaped(s.expression()))
	}
	switch kind := s.choose(14); {
	case kind < 5:
		return set()
	case kind == 5:
		return fmt.Sprintf(`<set-variable name="%s" value="%s" />`, s.variable(), pick(s, "literal", "other"))
	case kind == 6:
		return fmt.Sprintf(`<set-header name="%s" exists-action="%s"><value>%s</value></set-header>`, pick(s, "x-in", "x-out"), pick(s, "override", "append", "delete"), escaped(s.expression()))
	case kind == 7 && s.depth < 4:
		return fmt.Sprintf(`<choose><when condition="%s">%s</when><when condition="%s">%s</when><otherwise>%s</otherwise></choose>`,
			escaped(s.condition()), s.policies(section), escaped(s.condition()), s.policies(section), s.policies(section))
	case kind == 8:
		return fmt.Sprintf(`<set-body>%s</set-body>`, escaped(s.expression()))
	case kind == 9:
		return fmt.Sprintf(`<trace source="s"><message>%s</message></trace>`, escaped(s.expression()))
	case kind == 10 && s.depth < 4:
		return fmt.Sprintf(`<retry count="2" interval="%d" condition="%s">%s</retry>`, s.choose(3), escaped(s.condition()), s.policies(section))
	case kind == 11:
		return fmt.Sprintf(`<cache-lookup-value key="k" variable-name="%s" default-value="cold" /><cache-store-value key="k" value="%s" duration="5" />`, s.variable(), escaped(s.expression()))
	case kind == 12:
		return fmt.Sprintf(`<send-request mode="new" response-variable-name="%s" ignore-error="true"><set-url>https://side.test/</set-url></send-request>`, s.variable())
	case kind == 13 && s.choose(4) == 3:
		return fmt.Sprintf(`<return-response><set-body>%s</set-body></return-response>`, escaped(s.expression()))
	default:
		return set()
	}
}

func escaped(expression string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", `"`, "&quot;").Replace(expression)
}

func (s *script) document() string {
	dump := `<set-header name="x-vars" exists-action="override"><value>@(string.Join(";", new [] { "a", "b", "c", "d" }.Select(name => context.Variables.GetValueOrDefault&lt;object>(name))))</value></set-header>`
	return "<policies><inbound><base />" + s.policies("inbound") + dump + `</inbound><backend><retry count="2" interval="1" condition="@(context.Response == null || context.Response.StatusCode >= 500)">` +
		s.policies("backend") + `<forward-request buffer-request-body="true" /></retry></backend><outbound><base />` + s.policies("outbound") + dump +
		"</outbound><on-error><base />" + s.policies("on-error") + dump + "</on-error></policies>"
}

// play runs the calls of a script and gives everything that can be seen of them. The script stays as it is.
func (s *script) play(t testing.TB, expressions func(...csharp.Option) apim.Expressions) (seen []string, exchanges int) {
	t.Helper()
	original := *s
	defer func() { *s = original }()
	cfg := apim.Configuration{
		Service: apim.Service{Name: "contoso", Region: "westeurope", SKU: "Developer"},
		APIs: []apim.API{{ID: "echo", Name: "Echo", Path: "echo", ServiceURL: "https://a.test/base", Policy: &apim.Policy{File: "fuzz.xml", Text: s.document()},
			Operations: []apim.Operation{{ID: "get", Method: "GET", URLTemplate: "/things/{id}"}, {ID: "post", Method: "POST", URLTemplate: "/things/{id}"}}}},
	}
	var made atomic.Int64
	run := apimtest.RunT(t, cfg, func(d *apim.Deps) {
		d.Expressions = expressions(csharp.WithClock(d.Clock.Now), csharp.WithWorkers(1), csharp.WithExchanges(func([]csharp.Step) { made.Add(1) }))
	})
	for i := range 12 {
		var answers []apimtest.Handler
		for range 2 {
			answers = append(answers, pick(s, apimtest.Respond(200, fmt.Sprint("ok ", i), "x-back", "b"), apimtest.Respond(503, "busy"), apimtest.Fail("reset")))
		}
		run.Backends.On("a.test", append(answers, apimtest.Respond(200, "last"))...)
		run.Backends.On("side.test", pick(s, apimtest.Respond(200, "side"), apimtest.Fail("reset")))
		before := len(run.Backends.Seen())
		body := pick(s, `{"n":"1"}`, fmt.Sprintf(`{"n":"%d"}`, i), "no JSON", "")
		got := run.Do(pick(s, "POST", "POST", "GET"), "/echo/things/"+pick(s, "7", "8")+pick(s, "", "?q=1"), body, "x-in", pick(s, "1", "2"))
		seen = append(seen, fmt.Sprint(got.Status, got.Body, headers(got.Header)))
		for _, b := range run.Backends.Seen()[before:] {
			seen = append(seen, fmt.Sprint(b.Method, b.URL, headers(b.Header), b.Body))
		}
		record := run.Records.Wait(i + 1)[i]
		for _, trace := range record.Traces {
			seen = append(seen, trace.Source+trace.Message)
		}
		if record.LastError != nil {
			seen = append(seen, fmt.Sprint(record.LastError.Reason, record.LastError.Message, record.LastError.Path, record.LastError.Section))
		}
		run.Clock.Advance(time.Duration(s.choose(3)) * time.Second)
	}
	for i := range seen {
		seen[i] = activity.ReplaceAllString(seen[i], "ACTIVITY")
	}
	return seen, int(made.Load())
}

// activity is the id of a call, which no two have in common.
var activity = regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`)

// headers are those that do not tell one run from another.
func headers(h http.Header) string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(h)) {
		if name != "Date" {
			out = append(out, fmt.Sprint(name, h[name]))
		}
	}
	return strings.Join(out, " ")
}

// FuzzLikeThePlainPath compares a gateway that recalls and evaluates ahead with one that evaluates every expression at its turn.
func FuzzLikeThePlainPath(f *testing.F) {
	f.Add([]byte("a document of the alphabet"))
	f.Fuzz(func(t *testing.T, bytes []byte) {
		if len(bytes) > 400 {
			t.Skip("longer than any script")
		}
		s := script{bytes: bytes}
		plain, _ := s.play(t, apim.PlainCSharp)
		clever, _ := s.play(t, apim.CSharp)
		require.Equal(t, plain, clever, s.document())
	})
}

func TestTheScriptsOfTheFuzzTestTakeFewerExchanges(t *testing.T) {
	s := script{bytes: []byte("\x00\x05\x09\x00\x00\x00\x0f\x00\x01\x00\x00\x10\x01\x02")}
	plain, all := s.play(t, apim.PlainCSharp)
	clever, some := s.play(t, apim.CSharp)
	assert.Equal(t, plain, clever)
	assert.Less(t, some, all/2, "%d exchanges instead of %d", some, all)
}
