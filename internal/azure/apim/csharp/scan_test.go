package csharp

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAnExpressionEndsAtItsOwnBracket(t *testing.T) {
	for _, source := range []string{
		`@(1)`, `@()`, `@{return 1;}`, `@((1 + (2)))`, `@(a["x"].b(c[0]))`, `@{ if (a) { return "}"; } return ')'; }`,
		`@(a < b && c > "d")`, `@("a)b")`, `@("a\")b")`, `@(@"a\" + ")")`, `@(@"a"")b")`, `@($"{a(")")})")`, `@($"{{)" + 1)`, `@($@"{a["x"]})\" + 1)`, `@(@$")""")`,
		"@(1 // )\n)", `@(1 /* ) */)`, `@('\'' + ')')`, `@('"' + "(")`, `@("\\")`, "@(@\"a\nb)\")", `@($"{(a ? "(" : "{")}")`, `@(x => { return ")"; })`,
	} {
		end, err := Scan(source+`" other="@(2)">`, 0)
		require.NoError(t, err, source)
		assert.Equal(t, len(source), end, source)
		end, err = Scan("äöü"+source+")", len("äöü"))
		require.NoError(t, err, source)
		assert.Equal(t, len("äöü")+len(source), end, source)
	}
}

func TestWhatDoesNotEndIsSaidWhereItStarts(t *testing.T) {
	for source, want := range map[string]string{
		`@(1`:                "offset 1: '(' is not closed",
		`@{ if (x { }`:       "offset 6: '(' is not closed",
		`@(a]`:               `offset 3: ']' where ')' was expected`,
		`@("a)`:              "offset 2: string is not closed",
		"@(\"a\n\")":         "offset 2: string is not closed before the end of the line",
		`@(@"a)`:             "offset 2: string is not closed",
		`@(1 /* )`:           "offset 4: comment is not closed",
		"@(1 // )":           "offset 1: '(' is not closed",
		`@($"{a`:             "offset 4: '{' is not closed",
		"@" + deep("(", 600): "nested too deeply",
	} {
		_, err := Scan(source, 0)
		assert.ErrorContains(t, err, want, source)
	}
	for _, source := range []string{"", "@", "x", "@x", "@ (1)"} {
		_, err := Scan(source, 0)
		assert.ErrorIs(t, err, ErrNotExpression, source)
	}
	_, err := Scan("@(1)", 9)
	assert.ErrorIs(t, err, ErrNotExpression)
}

func deep(s string, n int) string { return strings.Repeat(s, n) }

func TestOnlyAValueThatIsAnExpressionFromEndToEndIsOne(t *testing.T) {
	for value, want := range map[string]string{"@(1)": "1", " \n@(a)\n ": "a", "@{ return 1; }": " return 1; "} {
		kind, text, ok, err := Parse(value)
		require.NoError(t, err)
		assert.True(t, ok, value)
		assert.Equal(t, want, text)
		assert.Equal(t, strings.Contains(value, "{"), kind == Block)
	}
	for _, literal := range []string{"", "true", "a@(1)", "@(1)b", "@(1)@(2)", "user@example.org", "@"} {
		_, _, ok, err := Parse(literal)
		require.NoError(t, err, literal)
		assert.False(t, ok, literal)
	}
	_, _, _, err := Parse(`@("a)`)
	require.Error(t, err)
}

func FuzzScan(f *testing.F) {
	for _, seed := range []string{`@(1)`, `@{return "}";}`, `@($"{a:x}{{")`, `@(@"""")`, `@('\'')`, "@(/**/)", `@($@"{(@"")")}")`, "@(//\n)", `@("\`, `@('`} {
		f.Add(seed, 0)
	}
	f.Add("xx@(1)", 2)
	f.Fuzz(func(t *testing.T, s string, at int) {
		end, err := Scan(s, at)
		if err != nil {
			return
		}
		if end <= at+2 || end > len(s) || s[at] != '@' || closing[s[at+1]] != s[end-1] {
			t.Fatalf("Scan(%q, %d) = %d", s, at, end)
		}
		if again, err := Scan(s[at:end], 0); err != nil || again != end-at {
			t.Fatalf("what Scan found in %q does not scan alone: %d, %v", s, again, err)
		}
		if _, _, ok, err := Parse(s[at:end]); !ok || err != nil {
			t.Fatalf("Parse(%q) disagrees with Scan", s[at:end])
		}
		e := Expression{Text: s[at+2 : end-1], Line: 1, Column: 1}
		if s[at+1] == '{' {
			e.Kind = Block
		}
		if source, err := csharpOf(0, e); err == nil && !strings.Contains(source, "E0") {
			t.Fatalf("no source for %q", s)
		}
	})
}

func TestTheClockKeepsColumnsAndSparesStrings(t *testing.T) {
	for source, want := range map[string]string{
		`@(DateTime.UtcNow)`:                      `Clock___.UtcNow`,
		`@(System.DateTimeOffset.Now.Ticks)`:      `System.ClockOffset___.Now.Ticks`,
		`@("DateTime.UtcNow" + DateTime.Now)`:     `"DateTime.UtcNow" + Clock___.Now`,
		`@(DateTime.Parse("x"))`:                  `DateTime.Parse("x")`,
		`@(MyDateTime.Now)`:                       `MyDateTime.Now`,
		`@($"{DateTime.Now}" /* DateTime.Now */)`: `$"{Clock___.Now}" /* DateTime.Now */`,
	} {
		l, err := lex(source, 0)
		require.NoError(t, err)
		got := asOnTheGateway(l)
		assert.Equal(t, want, got)
		assert.Len(t, got, len(source)-3)
	}
}
