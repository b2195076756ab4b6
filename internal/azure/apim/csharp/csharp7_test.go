package csharp

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Values are those of the C# 7 specification (dotnet/csharplang, proposals/csharp-7.0).
func TestExpressionsAreCSharp7(t *testing.T) {
	evalAll(t, fullContext(), []evalCase{
		// Digit separators and binary literals.
		{`@(1_000)`, "1000"},
		{`@(0b1010_0101 + 0B11)`, "168"},
		{`@(1_0.2_5 + 1e1_0)`, "10000000010.25"},
		{`@(1__0 + 0xFF_FF + 1_0L + 2_0m)`, "65575"},
		{`@{ int _1 = 2, _ = 3; return _1 + _ + "1_000" + '_' + @"2_0" + $"{1_0}_0"; }`, "51_000_2_010_0"},

		// Local functions.
		{`@{ string f(string s) { return s + "!"; } return f("a"); }`, "a!"},
		{`@{ string f(string s) => s + "!"; return f("a"); }`, "a!"},
		{`@{ return f(2); int f(int n) => n * 10; }`, "20"},
		{`@{ int fact(int n) => n < 2 ? 1 : n * fact(n - 1); return fact(5); }`, "120"},
		{`@{ bool even(int n) => n == 0 || odd(n - 1); bool odd(int n) => n != 0 && even(n - 1); return even(10); }`, "True"},
		{`@{ T first<T>(IEnumerable<T> list, T otherwise) { foreach (var x in list) { return x; } return otherwise; } return first(new[] { 3 }, 0) + first(new string[0], "n"); }`, "3n"},
		{`@{ int total = 0; void add(int n) { total += n; } add(2); add(3); return total; }`, "5"},
		{`@{ void swap(ref int a, ref int b) { var c = a; a = b; b = c; } int x = 1, y = 2; swap(ref x, ref y); return x * 10 + y; }`, "21"},
		{`@{ bool half(int n, out int m) { m = n / 2; return n % 2 == 0; } return half(8, out var h) ? h : -1; }`, "4"},
		{`@{ int sum(int a, int b = 5, params int[] more) => a + b + more.Sum(); return sum(1) + sum(b: 1, a: 1) + sum(1, 1, 1, 1); }`, "12"},
		{`@{ IEnumerable<int> upTo(int n) { for (int i = 1; i <= n; i++) yield return i; } return string.Join(",", upTo(3)); }`, "1,2,3"},
		{`@{ Func<int, int> f = g; int g(int n) { int h(int m) { return m + 1; } return h(n) * 2; } return f(4); }`, "10"},
		{`@(new[] { 1, 2 }.Select(n => { int twice(int m) { return m * 2; } return twice(n); }).Sum())`, "6"},
		{`@{ if (context.Request.Method == "POST") { string f() => "in"; return f(); } return "out"; }`, "in"},

		// Patterns.
		{`@{ object o = null; return o is null; }`, "True"},
		{`@{ string s = "a"; return !(s is null) && s is "a" && !(s is "b"); }`, "True"},
		{`@{ int? n = null; return n is null; }`, "True"},
		{`@{ object o = 5; return o is 5 && !(o is 5L); }`, "True"},
		{`@{ object o = "ab"; return o is string s && s.Length == 2 ? s : "none"; }`, "ab"},
		{`@{ object o = 3; if (!(o is int n)) return "no"; return n + 1; }`, "4"},
		{`@(context.Variables["count"] is var v && v != null ? "some" : "none")`, "some"},
		{`@{ int? n = 4; return n is int m ? m : 0; }`, "4"},
		{`@{ const int Four = 4; object o = 4; return o is Four; }`, "True"},
		{`@{ string kind(object o) { switch (o) {
			case null: return "null";
			case int n when n > 3: return "big " + n;
			case int n: return "int " + n;
			case string s when s.Length == 0: return "empty";
			case string s: return s;
			case JObject j: return "object " + j.Count;
			default: return "other"; } }
			return string.Join(";", new object[] { null, 4, 3, "", "t", new JObject(), 1.5 }.Select(kind)); }`, "null;big 4;int 3;empty;t;object 0;other"},
		{`@{ switch ((object)7) { case 1: case 7: return "seven"; case var other: return "var"; } }`, "seven"},
		{`@{ object o = 2; switch (o) { case int n when n % 2 == 0 && n > 1: goto case 9; case 9: return "nine"; default: return "none"; } }`, "nine"},
		{`@{ DayOfWeek d = DayOfWeek.Friday; switch (d) { case DayOfWeek.Friday: return "fri"; default: return "?"; } }`, "fri"},
		{`@{ switch (context.Request.Method) { case "a": return 1; case "b": return 2; case "c": return 3; case "d": return 4; case "e": return 5; case "f": return 6; case "POST": return 7; default: return 8; } }`, "7"},

		// Out variables and discards.
		{`@(int.TryParse("12", out var n) ? n + 1 : 0)`, "13"},
		{`@(int.TryParse("12", out int n) && n > 3)`, "True"},
		{`@(int.TryParse("x", out _) ? 1 : 0)`, "0"},
		{`@(int.TryParse("x", out var _) ? 1 : 0)`, "0"},
		{`@{ _ = int.Parse("3"); return 1; }`, "1"},
		{`@{ object o = 1; switch (o) { case int _: return "int"; } return ""; }`, "int"},

		// Tuples and deconstruction.
		{`@{ var t = (1, "a"); return t.Item1 + t.Item2; }`, "1a"},
		{`@{ var t = (count: 1, name: "a"); return t.count + t.name; }`, "1a"},
		{`@{ (int count, string name) t = (1, "a"); return t.count + t.name; }`, "1a"},
		{`@{ var (a, b) = (1, 2); return a * 10 + b; }`, "12"},
		{`@{ (int a, var b) = (1, "x"); return a + b; }`, "1x"},
		{`@{ int a = 1, b = 2; (a, b) = (b, a); return a * 10 + b; }`, "21"},
		{`@{ var (a, _, (c, _)) = (1, 2, (3, 4)); return a * 10 + c; }`, "13"},
		{`@{ (int min, int max) range(IEnumerable<int> l) => (l.Min(), l.Max()); var (lo, hi) = range(new[] { 3, 1, 2 }); return lo * 10 + hi; }`, "13"},
		{`@{ foreach (var (key, n) in new[] { ("a", 1), ("b", 2) }) { if (n == 2) return key; } return null; }`, "b"},
		{`@((1, 2).Equals((1, 2)) + (1, "x").ToString())`, "True(1, x)"},
		{`@(new[] { (n: 2, s: "b"), (n: 1, s: "a") }.OrderBy(t => t.n).Select(t => t.s).First())`, "a"},
		{`@{ var t = (1, 2, 3, 4, 5, 6, 7, 8, 9); return t.Item9 + t.Item1; }`, "10"},

		// Throw expressions.
		{`@{ string s = null; return s ?? throw new Exception("none"); }`, "throws System.Exception"},
		{`@(context.Request.Method == "POST" ? "ok" : throw new Exception("method"))`, "ok"},
		{`@{ Func<int> f = () => throw new Exception(); return f(); }`, "throws System.Exception"},

		// Ref locals and returns.
		{`@{ var list = new[] { 1, 2 }; ref int second = ref list[1]; second = 9; return list[1]; }`, "9"},
		{`@{ var list = new[] { 1, 2 }; ref int at(int i) => ref list[i]; at(0) = 7; return list[0]; }`, "7"},

		// What the compiler writes around loops and lambdas is nobody's use of a type.
		{`@{ var s = ""; foreach (Match m in Regex.Matches("a1b2", "[0-9]")) { s += m.Value; } return s; }`, "12"},
		{`@{ var s = ""; foreach (var m in Regex.Matches("a1b2", "[0-9]").Cast<Match>().Select(m => m.Value)) { s += m; } return s; }`, "12"},
		{`@{ var n = 0; foreach (var c in "abc") { n += c - 'a'; } foreach (var x in new[,] { { 1, 2 }, { 3, 4 } }) { n += x; } return n; }`, "13"},
		{`@{ var n = 0; foreach (var x in new HashSet<int> { 1, 2 }) n += x; foreach (var x in new Stack<int>(new[] { 3 })) n += x; foreach (var x in new Queue<int>(new[] { 4 })) n += x; return n; }`, "10"},
		{`@{ var s = ""; foreach (var p in new Dictionary<string, int> { { "a", 1 } }) { s += p.Key + p.Value; } foreach (var k in new Dictionary<string, int> { { "b", 1 } }.Keys) { s += k; } return s; }`, "a1b"},
		{`@{ var s = ""; foreach (var p in JObject.Parse("{\"a\":1}")) { s += p.Key + p.Value; } foreach (JProperty p in JObject.Parse("{\"b\":2}").Properties()) { s += p.Name; } foreach (var t in JArray.Parse("[3]")) { s += t; } return s; }`, "a1b3"},
		{`@{ var s = ""; foreach (var e in XElement.Parse("<a><b/><c/></a>").Elements()) { s += e.Name; } foreach (var h in context.Request.Headers.Where(h => h.Key == "X-Many")) { s += h.Value.Length; } return s; }`, "bc2"},
		{`@(string.Join(";", from w in "b a c".Split(' ') where w != "c" orderby w let u = w.ToUpper() group u by u.Length into g select string.Join(",", g)))`, "A,B"},
		{`@{ var funcs = new List<Func<int>>(); for (int i = 0; i < 3; i++) { int n = i; funcs.Add(() => n * i); } return string.Join(",", funcs.Select(f => f())); }`, "0,3,6"},
		{`@{ using (var r = new StringReader("x\ny")) { string l; var n = 0; while ((l = r.ReadLine()) != null) { n++; } return n; } }`, "2"},
		{`@{ decimal d = 1.10m; long l = 3; checked { l *= 2; } return d * l + (d > 1 ? 0.05m : 0); }`, "6.65"},
		{`@{ var list = new List<int> { 3, 1 }; list.Sort((a, b) => a.CompareTo(b)); list.ForEach(x => { }); return string.Concat(list) + list.ConvertAll(x => x + 1)[0] + list.Find(x => x > 2); }`, "1323"},
		{`@(new { A = 1, B = "x" }.Equals(new { A = 1, B = "x" }) + new { A = 1 }.ToString())`, "True{ A = 1 }"},
		{`@{ start: var n = 1; if (n > 1) goto start; do { n++; } while (n < 5); return n; }`, "5"},

		// What C# 6 brought.
		{`@(nameof(context.Request) + nameof(String.Length))`, "RequestLength"},
		{`@(((string)null)?.Length ?? -1)`, "-1"},
		{`@(((int[])null)?[0] == null)`, "True"},
		{`@(((JObject)null)?["a"]?.ToString().Length.ToString() ?? "none")`, "none"},
		{`@($"{1 + 1:D3}|{"a",4}|{"b",-3}|{{x}}|{(true ? "yes" : "no")}")`, "002|   a|b  |{x}|yes"},
		{`@($@"a\{"b"}""{1}""
c")`, "a\\b\"1\"\nc"},
		{`@($"{$"{"in"}ner"} {string.Join(",", new[] { 1, 2 }.Select(n => $"<{n}>"))}")`, "inner <1>,<2>"},
		{`@($"{new DateTime(2026, 3, 4):yyyy-MM-dd} {1234.5:N1} {0.5:P0}")`, "2026-03-04 1,234.5 50 %"},
		{`@{ try { throw new Exception("b"); } catch (Exception e) when (e.Message == "a") { return "a"; } catch (Exception e) when (e.Message == "b") { return "b"; } }`, "b"},
		{`@(new Dictionary<string, int> { ["a"] = 1, ["b"] = 2 }["b"])`, "2"},
		{`@{ var j = new JObject { ["a"] = new JArray { 1, 2 } }; return j.ToString(Newtonsoft.Json.Formatting.None); }`, `{"a":[1,2]}`},
		{`@(new[] { new { Id = 1, Tags = new[] { "x" } } }.ToDictionary(x => x.Id, x => x.Tags)[1][0])`, "x"},
	})
}

func TestNewerCSharpIsRefusedByItsName(t *testing.T) {
	for source, feature := range map[string]string{
		`@{ int n = default; return n; }`:                                "Feature 'default literal' is not available in C# 7",
		`@(context.Request.Method switch { "GET" => 1, _ => 2 })`:        "Feature 'switch expression' is not available in C# 7",
		`@{ string s = null; s ??= "a"; return s; }`:                     "Feature 'coalescing assignment' is not available in C# 7",
		`@{ object o = null; return o is not null; }`:                    "Feature 'not pattern' is not available in C# 7",
		`@{ object o = 3; return o is > 2; }`:                            "Feature 'relational pattern' is not available in C# 7",
		`@{ object o = 3; return o is 2 or 3; }`:                         "Feature 'or pattern' is not available in C# 7",
		`@{ object o = 3; return o is int and 3; }`:                      "Feature 'and pattern' is not available in C# 7",
		`@(context.Request is { Method: "GET" })`:                        "Feature 'recursive patterns' is not available in C# 7",
		`@{ using var r = new StringReader("a"); return r.ReadLine(); }`: "Feature 'using declarations' is not available in C# 7",
		`@{ static int f() => 1; return f(); }`:                          "Feature 'static local functions' is not available in C# 7",
		`@(new[] { 1, 2 }[^1])`:                                          "Feature 'index operator' is not available in C# 7",
		`@("abc"[1..])`:                                                  "Feature 'range operator' is not available in C# 7",
		`@{ JObject j = new(); return j.Count; }`:                        "Feature 'target-typed object creation' is not available in C# 7",
		`@(@$"a{1}")`:                                  "Feature 'alternative interpolated verbatim strings' is not available in C# 7",
		`@((1, 2) == (1, 2))`:                          "tuple equality",
		`@(0b_1)`:                                      "leading digit separator",
		`@(((string)null)!.Length)`:                    "Feature 'nullable reference types' is not available in C# 7",
		"@(\"\"\"a\"\"\")":                             "Feature 'raw string literals' is not available in C# 7",
		`@("a"u8.Length)`:                              "Feature 'UTF-8 string literals' is not available in C# 7",
		`@{ int[] l = [1, 2]; return l[0]; }`:          "Feature 'collection expressions' is not available in C# 7",
		`@(new[] { 1 }.Select(static n => n).First())`: "Feature 'static anonymous function' is not available in C# 7",
		`@{ switch ((object)3) { case > 2: return 1; } return 0; }`:                  "Feature 'relational pattern' is not available in C# 7",
		`@{ object o = ""; return o is JObject { Count: 1 }; }`:                      "Feature 'recursive patterns' is not available in C# 7",
		"@(// it is not the comment\n context.Request.Method is \"GET\" or \"PUT\")": "Feature 'or pattern' is not available in C# 7",
	} {
		refused := compileError(t, expression(t, source, WantAny))
		require.NotEmpty(t, refused.Problems, source)
		assert.Contains(t, refused.Problems[0].Message, feature, source)
	}
}

func TestWhatLooksLikeNewerCSharpIsRefusedByTheCompilersOwnWords(t *testing.T) {
	for _, source := range []string{
		`@{ string not = "a"; switch (not) { case "or": return missing; default: return "x ??= .. is not"; } }`,
		`@{ int or = 1, and = 2; object o = or; return o is int ? missing : and; }`,
		`@{ using (var r = new StringReader("static int f(")) { return r.ReadLine() != null ? missing : "[^1]"; } }`,
		`@{ var l = new[] { 1 }; return l[0] != missing && $"{l[0]} is not {"x switch {"}" != ""; /* s ??= 1 */ }`,
		`@{ var t = (1, 2); return (t.Item1, missing); }`,
		`@("" + missing + "" + @"""" + '"' + "'")`,
	} {
		refused := compileError(t, expression(t, source, WantAny))
		require.NotEmpty(t, refused.Problems, source)
		assert.Contains(t, refused.Problems[0].Message, "The name 'missing' does not exist", source)
	}
}
