package csharp

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTypesOutsideMicrosoftsListAreRefusedAtTheirPlace(t *testing.T) {
	cases := map[string]struct {
		source, message string
		column          int
	}{
		"files":          {`@(System.IO.File.ReadAllText("x"))`, "Usage of type 'System.IO.File' is not supported within expressions", 13},
		"processes":      {`@(System.Diagnostics.Process.Start("x").Id)`, "Usage of type 'System.Diagnostics.Process' is not supported within expressions", 22},
		"environment":    {`@(Environment.GetEnvironmentVariable("HOME"))`, "Usage of type 'System.Environment' is not supported within expressions", 3},
		"threads":        {`@{ System.Threading.Thread.Sleep(1); return 1; }`, "Usage of type 'System.Threading.Thread' is not supported within expressions", 21},
		"typeof":         {`@(typeof(string).Name)`, "Usage of type 'System.Type' is not supported within expressions", 1},
		"reflection":     {`@("".GetType().Assembly.Location)`, "Usage of type 'System.Type' is not supported within expressions", 1},
		"console":        {`@{ Console.WriteLine("x"); return 1; }`, "Usage of type 'System.Console' is not supported within expressions", 4},
		"culture":        {`@(1.ToString(System.Globalization.CultureInfo.InvariantCulture))`, "Usage of type 'System.Globalization.CultureInfo' is not supported within expressions", 35},
		"constants":      {`@(int.Parse("1", System.Globalization.NumberStyles.Any))`, "Usage of type 'System.Globalization.NumberStyles' is not supported within expressions", 39},
		"sockets":        {`@(new System.Net.WebClient().DownloadString("x"))`, "Usage of type 'System.Net.WebClient' is not supported within expressions", 18},
		"garbage":        {`@{ GC.Collect(); return 1; }`, "Usage of type 'System.GC' is not supported within expressions", 4},
		"locks":          {`@{ lock ("") { return 1; } }`, "Usage of type 'System.Threading.Monitor' is not supported within expressions", 1},
		"in a lambda":    {`@(new[] {"x"}.Select(f => System.IO.File.Exists(f)).Count())`, "Usage of type 'System.IO.File' is not supported within expressions", 37},
		"local function": {`@{ bool f(string s) => System.IO.File.Exists(s); return f("x"); }`, "Usage of type 'System.IO.File' is not supported within expressions", 34},
		"iterators":      {`@{ IEnumerable<int> f() { yield return System.Environment.TickCount; } return f().First(); }`, "Usage of type 'System.Environment' is not supported within expressions", 47},
		"escaped":        {`@(System.IO.\u0046ile.Exists("x"))`, "Usage of type 'System.IO.File' is not supported within expressions", 1},
		"var":            {`@{ var f = new System.IO.FileInfo("x"); return f.Length; }`, "Usage of type 'System.IO.FileInfo' is not supported within expressions", 26},
		"a member":       {`@(context.Timestamp.ToFileTime())`, "Usage of member 'ToFileTime' of type 'System.DateTime' is not supported within expressions", 21},
		"regex escape":   {`@(Regex.Escape("a"))`, "Usage of member 'Escape' of type 'System.Text.RegularExpressions.Regex' is not supported within expressions", 9},
		"loading XML":    {`@(XDocument.Load("/etc/x").Root.Value)`, "Usage of member 'Load' of type 'System.Xml.Linq.XDocument' is not supported within expressions", 13},
		"serializers":    {`@{ JsonConvert.PopulateObject("{}", context); return 1; }`, "Usage of member 'PopulateObject' of type 'Newtonsoft.Json.JsonConvert' is not supported within expressions", 16},
		"body types":     {`@(context.Request.Body.As<Uri>().Host)`, "Usage of type 'System.Uri' is not supported within expressions", 27},
		"the host":       {`@(ApiManagement.Clock.Now)`, "'Clock' is inaccessible due to its protection level", 17},
		"directives":     {"@{ \n#line 7 \"x\"\n return 1; }", "preprocessor directives are not supported within expressions", 1},
	}
	var names []string
	var expressions []Expression
	for name, test := range cases {
		names = append(names, name)
		expressions = append(expressions, expression(t, test.source, WantAny))
	}
	problems := compileError(t, expressions...).Problems
	for id, name := range names {
		var found []string
		for _, p := range problems {
			if p.ID == id {
				found = append(found, fmt.Sprintf("%d:%d %s", p.Line, p.Column, p.Message))
			}
		}
		line := 1 + strings.Count(strings.SplitAfter(cases[name].source, "#")[0], "\n")
		assert.Contains(t, found, fmt.Sprintf("%d:%d %s", line, cases[name].column, cases[name].message), name)
	}
}

func TestDynamicInvocationIsRefused(t *testing.T) {
	refused := compileError(t, expression(t, `@{ dynamic x = "a"; return x.Length; }`, WantAny))
	require.Len(t, refused.Problems, 1)
	require.Equal(t, "Dynamic member invocation is not supported", refused.Problems[0].Message)
}

func TestProblemsHaveTheirPlaceInTheDocument(t *testing.T) {
	typo := expression(t, `@(context.Request.Headrs.Count)`, WantAny)
	typo.File, typo.Line, typo.Column, typo.Element = "products/gold.xml", 12, 30, "set-header"
	block := expression(t, "@{\n\tvar a = 1;\n\t\treturn b;\n}", WantAny)
	block.Line, block.Column = 20, 5
	refused := compileError(t, expression(t, `@(1)`, WantAny), typo, block)
	require.Len(t, refused.Problems, 2)
	first, second := refused.Problems[0], refused.Problems[1]
	assert.Equal(t, 1, first.ID)
	assert.Equal(t, []int{12, 30 + len("@(context.Request.")}, []int{first.Line, first.Column})
	assert.True(t, strings.HasPrefix(first.Detail(), "Error in element 'set-header' on line 12, column 48: "), first.Detail())
	assert.Contains(t, first.Message, "'Headrs'")
	assert.NotContains(t, first.Message, "`")
	assert.Equal(t, []int{22, 10}, []int{second.Line, second.Column}, "columns count tabs as one character")
	assert.Contains(t, refused.Error(), "products/gold.xml:12:48: ")
}

func TestAllProblemsAreReportedAtOnce(t *testing.T) {
	refused := compileError(t,
		expression(t, `@(1 +)`, WantAny),
		expression(t, `@(missing)`, WantAny),
		expression(t, `@("x")`, WantBool),
		expression(t, `@(System.IO.File.Exists("x"))`, WantAny),
		expression(t, `@{ if (true) { } }`, WantAny),
		Expression{File: "policy.xml", Line: 3, Column: 2, Text: `1) + (2`, Element: "choose"},
		expression(t, `@(1)`, WantAny))
	ids := map[int]string{}
	for _, p := range refused.Problems {
		ids[p.ID] = p.Message
	}
	require.Len(t, ids, 6, refused.Error())
	assert.Contains(t, ids[1], "'missing' does not exist")
	assert.Contains(t, ids[2], "'string' to 'bool'")
	assert.Contains(t, ids[3], "System.IO.File")
	assert.Contains(t, ids[4], "not all code paths return a value")
	assert.Contains(t, ids[5], "ends before its closing bracket", "an expression cannot close the method around it")
}
