package document_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/internal/azure/apim/csharp"
	"enterprise-openai/internal/azure/apim/document"
)

func parse(text string, format document.Format) (*document.Node, error) {
	return document.Parse(document.Source{File: "p.xml", Text: text, Format: format}, csharp.ScanRaw)
}

func TestExpressionsAreReadAsTheyAreWritten(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"quotes inside a quoted attribute": {`<p><w c="@(x["a"] == "b")"/></p>`, `@(x["a"] == "b")`},
		"less than and ampersands":         {`<p><w c="@(a < 3 && b > 1)"/></p>`, `@(a < 3 && b > 1)`},
		"a bracket in a string":            {`<p><w c="@(x == ")")"/></p>`, `@(x == ")")`},
		"generics":                         {`<p><w c="@(x.As<JObject>()["k"])"/></p>`, `@(x.As<JObject>()["k"])`},
		"single quotes around":             {`<p><w c='@(x["a"])'/></p>`, `@(x["a"])`},
		"a block":                          {"<p><w c=\"@{ var s = \"}\"; return s; }\"/></p>", `@{ var s = "}"; return s; }`},
		"entities are C# there":            {`<p><w c="@("a&amp;b")"/></p>`, `@("a&amp;b")`},
		"but not outside of strings":       {`<p><w c="@{ if (1 < 2) { return &quot;yes&quot;; } return &quot;a&amp;b&quot;; }"/></p>`, `@{ if (1 < 2) { return "yes"; } return "a&b"; }`},
		"nor around strings":               {`<p><w c="@(a &lt; 1 &amp;&amp; b == "x&quot;")"/></p>`, `@(a &lt; 1 &amp;&amp; b == "x&quot;")`},
		"an escaped bracket":               {`<p><w c="@(x < 1 ? &quot;a)&quot; : &#34;)b&#x22;)" d="@("e")"/></p>`, `@(x < 1 ? "a)" : ")b")`},
		"an escaped comment":               {`<p><w c="@(x < 1 ? &quot;https://a&quot; : &quot;it's&quot;)"/></p>`, `@(x < 1 ? "https://a" : "it's")`},
		"generics that are escaped":        {`<p><w c="@(x.As&lt;JObject&gt;()["k"] != null && 1 < 2)"/></p>`, `@(x.As<JObject>()["k"] != null && 1 < 2)`},
		"no entity":                        {`<p><w c="@(a &b && c &lt)"/></p>`, `@(a &b && c &lt)`},
	} {
		root, err := parse(c.text, document.RawXML)
		require.NoError(t, err, name)
		a, ok := root.Children[0].Attr("c")
		require.True(t, ok)
		assert.Equal(t, c.want, a.Value, name)
	}
}

func TestExpressionsBetweenTagsAreReadWhole(t *testing.T) {
	root, err := parse("<p><set-body>\n  @{\n var a = 1 < 2 ? \"<x>\" : \"</set-body>\";\n return a;\n}\n</set-body></p>", document.RawXML)
	require.NoError(t, err)
	body := root.Child("set-body")
	assert.Equal(t, "@{\n var a = 1 < 2 ? \"<x>\" : \"</set-body>\";\n return a;\n}", strings.TrimSpace(body.Text))
	assert.Equal(t, document.Pos{Line: 2, Column: 3}, body.TextPos)
}

func TestEscapedExpressionsBetweenTagsAreReadWhole(t *testing.T) {
	root, err := parse("<p><set-body>\n  @{ return 1 < 2 ? &quot;</set-body>)&quot; : &quot;}&quot;; }\n</set-body><w c=\"@(&quot;&lt;&quot;)\">&amp;</w></p>", document.RawXML)
	require.NoError(t, err)
	assert.Equal(t, `@{ return 1 < 2 ? "</set-body>)" : "}"; }`, strings.TrimSpace(root.Child("set-body").Text))
	w := root.Child("w")
	require.NotNil(t, w)
	a, _ := w.Attr("c")
	assert.Equal(t, `@("<")`, a.Value)
	assert.Equal(t, "&", w.Text)
}

func TestWellFormedXMLIsDecoded(t *testing.T) {
	const text = `<p><w c="@(a &lt; 3 &amp;&amp; b == &quot;x&quot;)">&#65;<![CDATA[<b>]]></w></p>`
	for _, f := range []document.Format{document.XML, document.Detect} {
		root, err := parse(text, f)
		require.NoError(t, err)
		a, _ := root.Children[0].Attr("c")
		assert.Equal(t, `@(a < 3 && b == "x")`, a.Value)
		assert.Equal(t, `A<b>`, root.Children[0].Text)
	}
}

func TestXMLIsStrictWhereRawXMLIsNot(t *testing.T) {
	_, err := parse(`<p><w c="@(x["a"] < 1)"/></p>`, document.XML)
	require.Error(t, err)
	_, err = parse(`<p><w c="@(x["a"] < 1)"/></p>`, document.Detect)
	require.NoError(t, err, "what is no XML is taken as raw")
}

func TestPositionsCountCharacters(t *testing.T) {
	root, err := parse("<p>\n  <!-- ünïcode -->\n  <é/><w\n    c=\"ä\" d='2'/>\n</p>", document.RawXML)
	require.NoError(t, err)
	w := root.Child("w")
	require.NotNil(t, w)
	assert.Equal(t, document.Pos{Line: 3, Column: 7}, w.Pos)
	d, _ := w.Attr("d")
	assert.Equal(t, document.Pos{Line: 4, Column: 11}, d.Pos)
	assert.Equal(t, document.Pos{Line: 4, Column: 14}, d.ValuePos)
}

func TestErrorsSayWhereAndWhat(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"empty", "", "p.xml:1:1: Error on line 1, column 1: The document is empty; a document starts with <policies> or <fragment>"},
		{"text first", "hello", "p.xml:1:1: Error on line 1, column 1: Data at the root level is invalid; a document starts with <policies> or <fragment>\n  | hello\n  | ^"},
		{"two roots", "<a/><b/>", "p.xml:1:5: Error in element 'a' on line 1, column 5: Text after the end of the root element; a document has one root element\n  | <a/><b/>\n  |     ^"},
		{"not closed", "<a><b></a>", "p.xml:1:7: Error in element 'b' on line 1, column 7: The start tag 'b' on line 1 does not match the end tag 'a'\n  | <a><b></a>\n  |       ^"},
		{"no end", "<a>\n <b>", "p.xml:2:2: Error in element 'b' on line 2, column 2: The element has no end tag; close it with </b>\n  |  <b>\n  |  ^"},
		{"no quotes", "<a b=1/>", "p.xml:1:6: Error in element 'a' on line 1, column 6: The value of 'b' has no quotes; quote the value\n  | <a b=1/>\n  |      ^"},
		{"twice", `<a b="1" b="2"/>`, "p.xml:1:10: Error in element 'a' on line 1, column 10: 'b' is a duplicate attribute name\n  | <a b=\"1\" b=\"2\"/>\n  |          ^"},
		{"open expression", `<a b="@(1 + (2"/>`, "does not end"},
		{"no equals", `<a b/>`, "'=' is expected after 'b'"},
		{"stray", `<a ="1"/>`, "'=' is an unexpected token"},
		{"angle", `<a><1></a>`, ""},
		{"comment", `<a><!-- </a>`, "The comment does not end"},
		{"cdata", `<a><![CDATA[ </a>`, "The CDATA section does not end"},
		{"no closing quote", `<a b="1/>`, "has no closing quote"},
		{"less than", `<a b="1<2"/>`, "'<' is an invalid attribute character"},
		{"cut tag", `<a b="1"`, "Unexpected end of file in the tag"},
	} {
		_, err := parse(c.text, document.RawXML)
		require.Error(t, err, c.name)
		if strings.HasPrefix(c.want, "p.xml") {
			assert.Equal(t, c.want, err.Error(), c.name)
		} else {
			assert.Contains(t, err.Error(), c.want, c.name)
		}
		var e *document.Error
		assert.ErrorAs(t, err, &e, c.name)
	}
}

func TestNestingHasALimit(t *testing.T) {
	_, err := parse(strings.Repeat("<a>", 1000), document.RawXML)
	assert.ErrorContains(t, err, "nested more than")
}

func TestNamedValuesArePutInAsText(t *testing.T) {
	root, err := parse(`<p><w a="x-{{one}}" b='@("{{two}}".Length)'>{{one}}{{one}}</w><set-body><q>{{one}}</q></set-body></p>`, document.RawXML)
	require.NoError(t, err)
	require.NoError(t, document.Substitute(root, func(n string) (document.NamedValue, bool) {
		v, ok := map[string]document.NamedValue{"one": {Text: "1"}, "two": {Text: "s3cret", Secret: true}}[n]
		return v, ok
	}))
	w := root.Child("w")
	a, _ := w.Attr("a")
	b, _ := w.Attr("b")
	assert.Equal(t, "x-1", a.Value)
	assert.False(t, a.Secret)
	assert.Equal(t, `@("s3cret".Length)`, b.Value)
	assert.True(t, b.Secret, "what holds a secret is marked, so that nobody caches it")
	assert.Equal(t, "11", w.Text)
	assert.Equal(t, "<q>1</q>", root.Child("set-body").Inner)
	assert.Equal(t, []string{"one", "two"}, document.References("{{one}} {{two}} {{one}} {{ no }}"))
}

func TestAMissingNamedValueIsNamedWithItsPlace(t *testing.T) {
	root, err := parse("<p>\n <w a=\"{{gone}}\"/></p>", document.RawXML)
	require.NoError(t, err)
	err = document.Substitute(root, func(string) (document.NamedValue, bool) { return document.NamedValue{}, false })
	var errs document.Errors
	require.ErrorAs(t, err, &errs)
	assert.Equal(t, "Error in element 'w' on line 2, column 8: Cannot find a property 'gone'", errs[0].Detail())
}

func TestOnlyAWholeValueIsAnExpression(t *testing.T) {
	for v, want := range map[string]bool{"@(1)": true, "\t@{return 1;}\n": true, "x@(1)": false, "@(1)x": false, "@": false, "": false} {
		assert.Equal(t, want, document.IsExpression(v), v)
	}
}

func TestTheCaretStaysInSightOnLongLines(t *testing.T) {
	_, err := parse("<a>"+strings.Repeat("x", 500)+"<b></c></a>", document.RawXML)
	require.Error(t, err)
	for _, line := range strings.Split(err.Error(), "\n")[1:] {
		assert.LessOrEqual(t, len(line), 130)
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{
		`<policies><inbound><base /></inbound></policies>`, `<a b="@(x["y"] < 1 && z)"/>`, "<a>@{ return \"}\"; }</a>", "<a><![CDATA[x]]></a>",
		`<a b='&#x41;&lt;'/>`, "<?xml version=\"1.0\"?><!-- c --><a/>", "\uFEFF<a/>", "<a b=\"@(", "<a>&", "</", "<a b='@{'/>", "{{x}}", "<a>{{x}}</a>", "\xff<a/>",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, format := range []document.Format{document.RawXML, document.XML, document.Detect} {
			root, err := parse(text, format)
			if err != nil {
				if err.Error() == "" {
					t.Error("an error without words")
				}
				continue
			}
			lines := strings.Count(text, "\n") + 1
			root.Walk(func(n *document.Node) {
				if n.Pos.Line < 1 || n.Pos.Line > lines || n.Pos.Column < 1 {
					t.Errorf("element %q at %v", n.Name, n.Pos)
				}
			})
			_ = document.Substitute(root, func(string) (document.NamedValue, bool) { return document.NamedValue{Text: "v"}, true })
		}
	})
}
