package csharp

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The first two are from MicrosoftDocs/azure-docs#123364 and #52748.
func TestWhatNETFrameworkDoesNotHaveIsRefused(t *testing.T) {
	for source, message := range map[string]string{
		`@("a,b".Split(',', 2)[0])`:                                                             "Argument 2: cannot convert from 'int' to 'char'",
		`@("a|||b".Split("|||")[0])`:                                                            "Argument 1: cannot convert from 'string' to 'char'",
		`@("a".Contains("A", StringComparison.OrdinalIgnoreCase))`:                              "",
		`@(string.Join(',', new[] { "a" }))`:                                                    "",
		`@("a".StartsWith('a'))`:                                                                "",
		`@("a".Replace("A", "b", StringComparison.OrdinalIgnoreCase))`:                          "",
		`@(new Dictionary<string, int>().TryAdd("a", 1))`:                                       "'Dictionary<string, int>' does not contain a definition for 'TryAdd'",
		`@(new Dictionary<string, int>().GetValueOrDefault("a"))`:                               "",
		`@(Math.Clamp(3, 1, 2))`:                                                                "'Math' does not contain a definition for 'Clamp'",
		`@(new[] { 1, 2 }.TakeLast(1).First())`:                                                 "",
		`@(DateTimeOffset.UnixEpoch.Year)`:                                                      "",
		`@(TimeSpan.FromSeconds(1) * 2)`:                                                        "Operator '*' cannot be applied to operands of type 'TimeSpan' and 'int'",
		`@{ foreach (var (k, v) in new Dictionary<string, int>()) { return k; } return null; }`: "",
		`@(KeyValuePair.Create(1, 2).Key)`:                                                      "",
		`@(HashCode.Combine(1, 2))`:                                                             "The name 'HashCode' does not exist in the current context",
		`@("a".AsSpan().Length)`:                                                                "",
	} {
		refused := compileError(t, expression(t, source, WantAny))
		require.NotEmpty(t, refused.Problems, source)
		assert.Contains(t, refused.Problems[0].Message, message, source)
	}
}

func TestWhatNETFrameworkHasMeansTheSame(t *testing.T) {
	evalAll(t, fullContext(), []evalCase{
		{`@("a,b;c".Split(',', ';').Length + "a,b".Split(',')[1] + "a,,b".Split(new[] { ',' }, StringSplitOptions.RemoveEmptyEntries).Length)`, "3b2"},
		{`@("a||b".Split(new[] { "||" }, 2, StringSplitOptions.None)[1])`, "b"},
		{`@(" a ".Trim() + " b ".TrimEnd() + "--c-".Trim('-') + "d..".TrimEnd('.', '-') + "x".TrimStart('x'))`, "a bcd"},
		{`@("abc".Contains('b') + " " + "abc".IndexOf('c') + "abc".Contains("bc"))`, "True 2True"},
		{`@(string.Join(",", new[] { 1, 2 }) + string.Join(",", 1, "a"))`, "1,21,a"},
		{`@{ var a = new[] { 1, 2, 3 }; Array.Reverse(a); return string.Concat(a) + new[] { 1, 1 }.ToHashSet().Count + new[] { 1 }.Append(2).Prepend(0).Count(); }`, "32113"},
		{`@(new StringBuilder("a").Append('b').Append(1).Append("c", 0, 1).ToString() + new HashSet<int> { 1 }.TryGetValue(1, out var found))`, "ab1cTrue"},
		{`@(int.Parse("7") + double.Parse("1.5") + Encoding.UTF8.GetString(Encoding.UTF8.GetBytes("é")) + Convert.ToBase64String(new byte[] { 1 }))`, "8.5éAQ=="},
	})
}
