package csharp

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// counted is a body that is fetched when asked for, and counts.
func counted(text string) (*Body, *atomic.Int32) {
	var calls atomic.Int32
	return &Body{Load: func(context.Context) ([]byte, error) {
		calls.Add(1)
		return []byte(text), nil
	}}, &calls
}

func TestABodyIsConsumedUnlessItsContentIsPreserved(t *testing.T) {
	p := program(t, []Expression{
		expression(t, `@(context.Request.Body.As<string>(preserveContent: true))`, WantString),
		expression(t, `@(context.Request.Body.As<string>())`, WantString),
		expression(t, `@(context.Request.Body.As<JObject>())`, WantString),
	})
	ctx := context.Background()
	request := &Request{Body: &Body{Bytes: []byte("héllo")}}
	s := session(t, p, &Context{Request: request})

	for range 2 {
		v, effects, err := s.Eval(ctx, 0)
		require.NoError(t, err)
		assert.Equal(t, "héllo", v.String())
		assert.True(t, effects.RequestBodyRead)
		assert.False(t, effects.RequestBodyConsumed)
	}
	v, effects, err := s.Eval(ctx, 1)
	require.NoError(t, err)
	assert.Equal(t, "héllo", v.String())
	assert.True(t, effects.RequestBodyConsumed)

	request.Headers = map[string][]string{"X": {"changed"}}
	s.SetRequest(request)
	v, _, err = s.Eval(ctx, 0)
	require.NoError(t, err)
	assert.Empty(t, v.String(), "changing a header does not bring a consumed body back")
	_, _, err = s.Eval(ctx, 2)
	var failure *ExpressionError
	require.ErrorAs(t, err, &failure)
	assert.Equal(t, "Newtonsoft.Json.JsonReaderException", failure.Type)

	request.Body = &Body{Bytes: []byte("new")}
	s.SetRequest(request)
	v, _, err = s.Eval(ctx, 1)
	require.NoError(t, err)
	assert.Equal(t, "new", v.String(), "set-body makes another body")
}

func TestABodyIsFetchedOnlyWhenAnExpressionReadsIt(t *testing.T) {
	p := program(t, []Expression{
		expression(t, `@(context.Request.Method == "GET" ? "" : (string)context.Request.Body.As<JObject>(true)["model"])`, WantString),
		expression(t, `@{ context.Trace("once"); try { return context.Request.Body.As<string>() + context.Response.Body.As<string>(); } catch { return "swallowed"; } }`, WantString),
	})
	ctx := context.Background()
	request, asked := counted(`{"model":"m"}`)
	response, answered := counted("answer")
	s := session(t, p, &Context{Request: &Request{Method: "GET", Body: request}, Response: &Response{Body: response}})
	_, effects, err := s.Eval(ctx, 0)
	require.NoError(t, err)
	assert.Zero(t, asked.Load())
	assert.False(t, effects.RequestBodyRead)

	s.SetRequest(&Request{Method: "POST", Body: request})
	v, effects, err := s.Eval(ctx, 0)
	require.NoError(t, err)
	assert.Equal(t, "m", v.String())
	assert.EqualValues(t, 1, asked.Load())
	assert.Zero(t, answered.Load())
	assert.True(t, effects.RequestBodyRead)

	v, effects, err = s.Eval(ctx, 1)
	require.NoError(t, err)
	assert.Equal(t, `{"model":"m"}answer`, v.String(), "an evaluation that waited for a body starts again with nothing consumed")
	assert.Equal(t, []string{"once"}, effects.Traces)
	assert.True(t, effects.RequestBodyConsumed && effects.ResponseBodyConsumed)
	assert.EqualValues(t, 1, asked.Load())
	assert.EqualValues(t, 1, answered.Load())
}

func TestABodyThatCannotBeReadIsAnExpressionError(t *testing.T) {
	p := program(t, []Expression{expression(t, `@(context.Request.Body.As<string>())`, WantString)})
	broken := &Body{Load: func(context.Context) ([]byte, error) { return nil, errors.New("client went away") }}
	_, _, err := p.Eval(context.Background(), 0, &Context{Request: &Request{Body: broken}})
	var failure *ExpressionError
	require.ErrorAs(t, err, &failure)
	assert.Contains(t, failure.Message, "client went away")

	ctx, cancel := context.WithCancel(context.Background())
	slow := &Body{Load: func(ctx context.Context) ([]byte, error) { cancel(); return nil, ctx.Err() }}
	_, _, err = p.Eval(ctx, 0, &Context{Request: &Request{Body: slow}})
	require.ErrorIs(t, err, context.Canceled)
}

func TestBodiesAreSafeForAnyBytesAndAnySize(t *testing.T) {
	p := program(t, []Expression{
		expression(t, `@(context.Request.Body.As<byte[]>(true))`, WantAny),
		expression(t, `@(context.Request.Body.As<byte[]>(true).Length)`, WantInt),
		expression(t, `@(context.Request.Body.AsFormUrlEncodedContent(true)["a"][1])`, WantString),
		expression(t, `@(context.Request.Body.AsFormUrlEncodedContent(true).ToFormUrlEncodedContent() + "?" + context.Request.Body.AsFormUrlEncodedContent(true).ToQueryString())`, WantString),
	})
	ctx := context.Background()
	every := make([]byte, 256)
	for i := range every {
		every[i] = byte(i)
	}
	v, _, err := p.Eval(ctx, 0, &Context{Request: &Request{Body: &Body{Bytes: every}}})
	require.NoError(t, err)
	assert.Equal(t, every, v.Bytes)
	v, _, err = p.Eval(ctx, 1, &Context{Request: &Request{Body: &Body{Bytes: make([]byte, 5<<20)}}})
	require.NoError(t, err)
	assert.EqualValues(t, 5<<20, v.Int)
	form := &Context{Request: &Request{Body: &Body{Bytes: []byte("a=1&a=2+x&b=%26")}}}
	v, _, err = p.Eval(ctx, 2, form)
	require.NoError(t, err)
	assert.Equal(t, "2 x", v.String())
	v, _, err = p.Eval(ctx, 3, form)
	require.NoError(t, err)
	assert.Equal(t, "a=1&a=2+x&b=%26?a=1&a=2%20x&b=%26", v.String())
}

func TestEveryKindOfValueSurvivesBeingAVariable(t *testing.T) {
	sources := []string{`@(null)`, `@(true)`, `@(7)`, `@(7L)`, `@(0.1)`, `@("ü")`, `@(new byte[] {0, 255})`, `@(DateTime.UtcNow)`, `@(TimeSpan.FromHours(1))`,
		`@(Guid.Parse("11111111-2222-3333-4444-555555555555"))`, `@(1.50m)`, `@(JObject.Parse("{\"a\":1}"))`, `@('c')`, `@((byte)3)`, `@(new[] {"x"})`, `@(ProductState.Published)`}
	kinds := []ValueKind{Null, Bool, Int, Long, Double, String, Bytes, DateTime, TimeSpan, GUID, Decimal, Object, Object, Object, Object, Object}
	var expressions []Expression
	for _, source := range sources {
		expressions = append(expressions, expression(t, source, WantAny))
	}
	for _, source := range sources {
		original := source[2 : len(source)-1]
		same := `object.Equals(context.Variables["v"], ` + original + `)`
		switch source {
		case `@(new byte[] {0, 255})`, `@(new[] {"x"})`:
			same = `((System.Collections.Generic.IList<` + map[bool]string{true: "byte", false: "string"}[source[6] == 'b'] + `>)context.Variables["v"]).Count > 0`
		case `@(JObject.Parse("{\"a\":1}"))`:
			same = `(int)((JObject)context.Variables["v"])["a"] == 1`
		}
		expressions = append(expressions, expression(t, "@("+same+")", WantBool))
	}
	p := program(t, expressions)
	for i, source := range sources {
		s := session(t, p, &Context{})
		v, _, err := s.Eval(context.Background(), i)
		require.NoError(t, err, source)
		assert.Equal(t, kinds[i], v.Kind, source)
		require.NoError(t, s.SetVariable("v", v), source)
		v, _, err = s.Eval(context.Background(), len(sources)+i)
		require.NoError(t, err, source)
		assert.True(t, v.Bool, source)
	}
}

func TestAnObjectIsSharedWithinARequestAndNeverWithAnother(t *testing.T) {
	p := program(t, []Expression{
		expression(t, `@(new JObject())`, WantAny),
		expression(t, `@{ ((JObject)context.Variables["o"])["n"] = 5; return true; }`, WantBool),
		expression(t, `@(((JObject)context.Variables["o"])["n"])`, WantString),
	})
	ctx := context.Background()
	s := session(t, p, &Context{})
	v, _, err := s.Eval(ctx, 0)
	require.NoError(t, err)
	assert.Equal(t, "Newtonsoft.Json.Linq.JObject", v.Type)
	require.NoError(t, s.SetVariable("o", v))
	_, _, err = s.Eval(ctx, 1)
	require.NoError(t, err)
	got, _, err := s.Eval(ctx, 2)
	require.NoError(t, err)
	assert.Equal(t, "5", got.String())
	other := session(t, p, &Context{})
	_, _, err = other.Eval(ctx, 0)
	require.NoError(t, err)
	require.ErrorContains(t, other.SetVariable("o", v), "of another request cannot be put")
	require.ErrorContains(t, s.SetVariable("x", struct{}{}), "cannot hold")
}

func TestChangesBetweenEvaluationsAreSeen(t *testing.T) {
	p := program(t, []Expression{
		expression(t, `@((context.Response == null ? "-" : context.Response.StatusCode.ToString()) + (context.LastError?.Reason ?? "-") + context.Variables.GetValueOrDefault("v", "-"))`, WantString),
	})
	s := session(t, p, &Context{})
	see := func() string {
		v, _, err := s.Eval(context.Background(), 0)
		require.NoError(t, err)
		return v.String()
	}
	assert.Equal(t, "---", see())
	s.SetResponse(&Response{StatusCode: 503})
	require.NoError(t, s.SetVariable("v", "x"))
	assert.Equal(t, "503-x", see())
	s.SetResponse(nil)
	s.SetLastError(&LastError{Reason: "Timeout"})
	require.NoError(t, s.SetVariable("v", "y"))
	assert.Equal(t, "-Timeouty", see())
}

func TestEachExpressionOfAnExchangeIsEvaluatedAsAtItsTurn(t *testing.T) {
	ahead := []struct {
		source, variable string
		want             string // "-" is too early
	}{
		{`@(context.Variables["first"] + "2")`, "second", "12"},
		{`@(context.Variables["second"] + "3")`, "", "123"},
		{`@(int.Parse("x"))`, "second", "-"},
		{`@{ try { return context.RequestId.ToString(); } catch (Exception) { return "caught"; } }`, "second", "-"},
		{`@{ context.Trace("seen"); return 1; }`, "", "-"},
		{`@(context.Request.Body.As<string>())`, "", "-"},
		{`@(context.Request.Body.As<string>(preserveContent: true))`, "", "body"},
		{`@(context.Response.Body.As<string>(preserveContent: true))`, "", "-"},
		{`@(((List<string>)context.Variables["list"]).Count)`, "", "2"},
		{`@{ var list = (List<string>)context.Variables["list"]; list.Add("c"); return list.Count; }`, "", "-"},
		{`@{ var list = (List<string>)context.Variables["list"]; list.Add("c"); list.Remove("c"); return list.Count; }`, "", "2"},
		{`@{ var map = (Dictionary<string, string[]>)context.Variables["map"]; map["a"][0] = "y"; return map["a"][0]; }`, "", "-"},
		{`@{ var map = (Dictionary<string, string[]>)context.Variables["map"]; map["a"] = new [] { "x" }; return 1; }`, "", "-"},
		{`@(object.ReferenceEquals(context.Variables["map"], context.Variables["map"]) + ((Dictionary<string, string[]>)context.Variables["map"])["a"][0])`, "", "Truex"},
		{`@{ var o = (JObject)context.Variables["object"]; o["a"] = 2; return 1; }`, "", "-"},
		{`@((int)((JObject)context.Variables["object"])["a"])`, "", "1"},
		{`@(((JToken)context.Variables["inside"]).Parent == null)`, "", "-"},
		{`@{ context.Request.Headers["x-many"][0] = "changed"; return 1; }`, "", "1"},
		{`@(context.Request.Headers["x-many"][0])`, "", "a"},
		{`@{ context.Request.Url.Query["q"][0] = "changed"; return 1; }`, "", "1"},
		{`@(context.Request.Url.Query["q"][0])`, "", "v"},
		{`@(new List<string>())`, "", "-"},
		{`@(context.Variables["second"] + "|" + context.Variables["given"])`, "", "12|7"},
	}
	list := []Expression{expression(t, `@("1")`, WantAny)}
	for _, a := range ahead {
		list = append(list, expression(t, a.source, WantAny))
	}
	made := len(list)
	for _, source := range []string{`@(new List<string> { "a", "b" })`, `@(new Dictionary<string, string[]> { { "a", new [] { "x" } } })`, `@(JObject.Parse("{\"a\":1}"))`,
		`@(((JObject)context.Variables["object"])["a"])`, `@(string.Join("", (List<string>)context.Variables["list"]) + ((Dictionary<string, string[]>)context.Variables["map"])["a"][0] +
			context.Variables["object"] + context.Request.Headers["x-many"][0] + context.Request.Url.Query["q"][0] + context.Variables.ContainsKey("first") + context.Variables.ContainsKey("second") + context.Variables.ContainsKey("given") +
			context.Request.Body.As<string>())`} {
		list = append(list, expression(t, source, WantAny))
	}
	body, _ := counted("body")
	response, loads := counted("answer")
	p := program(t, list)
	s := session(t, p, &Context{Request: &Request{Body: body, Headers: map[string][]string{"x-many": {"a"}}, URL: URL{Query: map[string][]string{"q": {"v"}}}}, Response: &Response{Body: response}})
	_, _, err := s.Eval(context.Background(), 7) // the body is there
	require.NoError(t, err)
	for i, name := range []string{"list", "map", "object", "inside"} {
		v, _, err := s.Eval(context.Background(), made+i)
		require.NoError(t, err)
		require.NoError(t, s.SetVariable(name, v))
	}
	steps := []Step{}
	for i, a := range ahead {
		steps = append(steps, Step{1 + i, a.variable})
	}
	results, effects, err := s.Evaluate(context.Background(), Step{0, "first"}, Ahead{Variables: map[string]any{"given": 7}, Steps: steps})
	require.NoError(t, err)
	require.Len(t, results, made)
	for i, a := range ahead {
		r := results[1+i]
		require.NoError(t, r.Err, a.source)
		if assert.Equal(t, a.want == "-", r.TooEarly, a.source) && !r.TooEarly {
			assert.Equal(t, a.want, r.Value.String(), a.source)
		}
	}
	assert.Empty(t, effects.Traces)
	assert.False(t, effects.RequestBodyConsumed)
	assert.Zero(t, loads.Load(), "no body is fetched ahead")
	v, _, err := s.Eval(context.Background(), len(list)-1)
	require.NoError(t, err)
	assert.Equal(t, "abx{\n  \"a\": 1\n}avFalseFalseFalsebody", strings.ReplaceAll(v.String(), "\r", ""), "nothing of it left a trace")
	_, _, err = s.Evaluate(context.Background(), Step{ID: len(list)}, Ahead{})
	require.ErrorContains(t, err, "does not exist")
}

func TestAnExceptionEndsTheExchange(t *testing.T) {
	p := program(t, []Expression{expression(t, `@(int.Parse("x"))`, WantAny), expression(t, `@(1)`, WantAny)})
	results, _, err := session(t, p, &Context{}).Evaluate(context.Background(), Step{ID: 0}, Ahead{Steps: []Step{{ID: 1}}})
	require.NoError(t, err)
	assert.ErrorContains(t, results[0].Err, "System.FormatException")
	assert.True(t, results[1].TooEarly)
}

func TestABodyOfAnyLengthDoesNotDisturbTheExpressionsAfterIt(t *testing.T) {
	p := program(t, []Expression{
		expression(t, `@(context.Request.Body.As<string>(preserveContent: true).Length)`, WantAny),
		expression(t, `@(context.Request.Method)`, WantString),
		expression(t, `@(context.Request.Body.As<byte[]>(preserveContent: true).Length)`, WantAny),
	})
	for _, size := range []int{0, 1, 50, 100, 200, 1000, 100_000} {
		request, _ := counted(strings.Repeat("x", size))
		s := session(t, p, &Context{Request: &Request{Method: "PATCH", Body: request}})
		results, _, err := s.Evaluate(context.Background(), Step{ID: 0}, Ahead{Steps: []Step{{ID: 1}, {ID: 2}, {ID: 1}, {ID: 0}}})
		require.NoError(t, err)
		for i, r := range results {
			require.False(t, r.TooEarly, "expression %d beside a body of %d", i, size)
		}
		assert.EqualValues(t, size, results[0].Value.Int)
		assert.Equal(t, "PATCH", results[1].Value.String())
		assert.EqualValues(t, size, results[2].Value.Int)
		assert.EqualValues(t, size, results[4].Value.Int)
	}
}

func TestWhatACacheKeepsIsUsableInAnotherRequest(t *testing.T) {
	p := program(t, []Expression{
		expression(t, `@(new JArray(new JObject { { "name", "west" }, { "until", DateTime.UtcNow } }))`, WantPortable),
		expression(t, `@(((JArray)context.Variables["list"])[0].Value<DateTime>("until") <= DateTime.Now && (string)((JArray)context.Variables["list"])[0]["name"] == "west")`, WantBool),
		expression(t, `@(42)`, WantPortable),
		expression(t, `@(new Uri("https://a.example/"))`, WantPortable),
		expression(t, `@(context.Variables["list"] is int)`, WantBool),
	})
	ctx := context.Background()
	for id, check := range map[int]int{0: 1, 2: 4} {
		kept, _, err := p.Eval(ctx, id, &Context{})
		require.NoError(t, err)
		v, _, err := p.Eval(ctx, check, &Context{Variables: map[string]any{"list": kept}})
		require.NoError(t, err)
		assert.True(t, v.Bool, "expression %d", id)
	}
	v, _, err := p.Eval(ctx, 3, &Context{})
	require.NoError(t, err)
	assert.Equal(t, String, v.Kind)
	assert.Equal(t, "https://a.example/", v.Text)
}
