package kql_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/internal/azure/logs/kql"
)

// small is the table T with three rows.
func small(version string) kql.Table {
	return kql.Table{
		Schema: kql.Schema{Name: "T", Columns: []kql.Column{{Name: "A", Type: "string"}, {Name: "B", Type: "long"}, {Name: "D", Type: "dynamic"}, {Name: "When", Type: "datetime"}}},
		Rows: [][]any{
			{"x", 1, map[string]any{"a": []any{1, 2}}, "2026-03-01T10:00:00Z"},
			{"y", nil, nil, time.Date(2026, 3, 1, 11, 30, 0, 0, time.UTC)},
			{nil, json.Number("9007199254740993"), `{"a":"text"}`, nil},
		},
		Version: version,
	}
}

func TestDiagnosticsCarryCodeAndPosition(t *testing.T) {
	for query, want := range map[string]string{
		"T\n| where Bb > 1":           "q.kql:2:9: KS142: The name 'Bb' does not refer to any known column, table, variable or function.",
		"T | where A > ":              "q.kql:1:14: KS006: Missing expression",
		"Tt | take 1":                 "q.kql:1:1: KS204: The name 'Tt' does not refer to any known table, tabular variable or function.",
		"T | summarize sum(A)":        "q.kql:1:19: KS138: The argument value must be summable: a number, timespan or datetime.",
		"T | extend x = strlen(A, 1)": "q.kql:1:16: KS119: The function 'strlen' expects 1 argument.",
	} {
		found, err := engine.Check(context.Background(), "q.kql", query)
		require.NoError(t, err)
		require.NotEmpty(t, found, query)
		assert.Equal(t, want, found[0].Error())
	}
}

func TestAQueryThatDoesNotBindDoesNotRun(t *testing.T) {
	_, err := run(t, "T | where Bb > 1 | project Cc", small(""))
	require.Error(t, err)
	assert.Contains(t, err.Error(), "query:1:11: KS142")
	assert.Contains(t, err.Error(), "query:1:28: KS142", "all problems at once")
}

func TestWhatIsNotSupportedIsAnErrorThatNamesIt(t *testing.T) {
	for query, want := range map[string]string{
		"T | make-graph A --> B":                                             "query:1:5: the operator make-graph is not supported here",
		"find in (T) where A == 'x'":                                         "query:1:1: the operator find is not supported here",
		"union isfuzzy=true Nope, T | union kind=inner (print q = 1)":        "query:1:30: the tables of this union have no column in common",
		"T | reduce by A":                                                    "query:1:5: the operator reduce is not supported here",
		"T | scan declare (x: long = 0) with (step s: true => x = B;)":       "query:1:5: the operator scan is not supported here",
		"externaldata(a: string)['https://x']":                               "query:1:1: externaldata, which would fetch from the network, is not supported here",
		"T | extend h = hash(1.5)":                                           "query:1:16: hash() of a real is not supported here",
		"T | extend g = geo_info_from_ip_address('1.1.1.1')":                 "query:1:16: the function geo_info_from_ip_address() is not supported here",
		"T | extend s = series_seasonal(D)":                                  "query:1:16: the function series_seasonal() is not supported here",
		"T | evaluate autocluster()":                                         "query:1:14: evaluate autocluster is not supported here",
		"T | evaluate bag_unpack(D) | where Nothing > 1":                     "query:1:36: KS142: The name 'Nothing' does not refer to any known column, table, variable or function.",
		"print A = 'x', D = dynamic({'A': 1}) | evaluate bag_unpack(D)":      "query:1:40: bag_unpack: there is a column A already; columnsConflict says which of both stays",
		"range x from 1 to 65 step 1 | partition by x (take 1)":              "query:1:31: partition: 65 values, of which the strategy legacy takes at most 64; hint.strategy=native takes more",
		"T | extend (a, b) = series_decompose_anomalies(D)":                  "query:1:21: the function series_decompose_anomalies() is not supported here",
		"T | extend g = geo_distance_2points(1.0, 2.0, 3.0, 4.0)":            "query:1:16: the function geo_distance_2points() is not supported here",
		"T | summarize hll(B)":                                               "query:1:15: the function hll() is not supported here",
		"T | join kind=inner (T) on D":                                       "query:1:28: a dynamic join key (cast it) is not supported here",
		"T | parse kind=regex flags=x A with b \"=\" *":                      "query:1:5: parse flags=x is not supported here",
		"T | facet by A with (take 1)":                                       "query:1:5: the operator facet is not supported here",
		"T | fork (take 1) (count)":                                          "query:1:5: the operator fork is not supported here",
		"T | where * !has 'x'":                                               "query:1:11: * !has 'x' is not supported here",
		"set notruncation; T":                                                "query:1:1: the statement set is not supported here",
		"print 1; print 2":                                                   "query:1:10: the text has 2 queries; ask one at a time",
		"union isfuzzy=true NoSuch":                                          "query:1:20: none of the tables of this union exists",
		"union kind=inner T, (print q = 1)":                                  "query:1:1: the tables of this union have no column in common",
		"union kind=inner (print A = 1, q = 1), (print A = 2) | where q > 1": "query:1:62: KS142: The name 'q' does not refer to any known column, table, variable or function.",
	} {
		_, err := run(t, query, small(""))
		require.Error(t, err, query)
		assert.Equal(t, want, err.Error())
	}
}

func TestALetStatementMayHideATableAndReadItByName(t *testing.T) {
	result, err := run(t, `let T = table("T") | where A == "y"; T | project A`, small(""))
	require.NoError(t, err)
	assert.Equal(t, [][]any{{"y"}}, result.Rows)
	_, err = run(t, `let f = (n: string) { table(n) | count }; f("T")`, small(""))
	require.ErrorContains(t, err, "table()")
}

func TestCellsKeepTheirTypes(t *testing.T) {
	result, err := run(t, "T | extend E = 1.0, F = B > 0, G = 3h", small(""))
	require.NoError(t, err)
	assert.Equal(t, []any{"x", int64(1), kql.JSON(`{"a":[1,2]}`), "2026-03-01T10:00:00Z", 1.0, true, "03:00:00"}, result.Rows[0])
	assert.Equal(t, []any{"y", nil, nil, "2026-03-01T11:30:00Z", 1.0, nil, "03:00:00"}, result.Rows[1])
	assert.Equal(t, []any{"", int64(9007199254740993), `{"a":"text"}`, nil, 1.0, true, "03:00:00"}, result.Rows[2])
	assert.Equal(t, kql.Column{Name: "E", Type: "real"}, result.Columns[4])
}

func TestATableIsSentAgainOnlyWhenItsVersionChanges(t *testing.T) {
	count := func(table kql.Table) string {
		result, err := run(t, "T | count", table)
		require.NoError(t, err)
		return rows(result)[0]
	}
	changed := small("one")
	assert.Equal(t, "3", count(small("one")))
	changed.Rows = changed.Rows[:1]
	assert.Equal(t, "3", count(changed), "same version")
	changed.Version = "two"
	assert.Equal(t, "1", count(changed))
	changed.Version, changed.Rows = "", changed.Rows[:0]
	assert.Equal(t, "0", count(changed), "no version is never kept")
}

func TestTheSameQueryGivesTheSameRowsInTheSameOrder(t *testing.T) {
	query := "range x from 1 to 500 step 1 | extend k = x % 7 | summarize count(), make_set(x % 3), take_any(x) by k | join kind=inner (range k from 0 to 6 step 1) on k"
	first, err := run(t, query)
	require.NoError(t, err)
	for range 3 {
		again, err := run(t, query)
		require.NoError(t, err)
		assert.Equal(t, first, again)
	}
}

func TestACancelledQueryEndsItsChildAndTheNextOneRuns(t *testing.T) {
	e := kql.New(kql.Options{})
	defer e.Close()
	_, err := e.Run(context.Background(), "print 1", nil)
	require.NoError(t, err)
	child := e.PID()
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	failed := make(chan error, 1)
	go func() {
		// Nested repetition takes a backtracking engine longer than anyone waits.
		_, err := e.Run(ctx, `print strcat(strrep("a", 60), "!") matches regex "^(a+)+$"`, nil)
		failed <- err
	}()
	select {
	case err = <-failed:
	case <-time.After(30 * time.Second):
		t.Fatal("the query goes on")
	}
	require.ErrorIs(t, err, context.DeadlineExceeded)
	assert.False(t, alive(child))
	result, err := e.Run(context.Background(), "print 2", nil)
	require.NoError(t, err)
	assert.Equal(t, []string{"2"}, rows(result))
}

func TestAQueryThatNeedsTooMuchMemorySaysSo(t *testing.T) {
	for name, query := range map[string]string{
		"rows, which are counted":         `range x from 1 to 100000000 step 1 | extend s = toupper(strcat(x, strrep("row", 1000))) | order by s asc`,
		"aggregates, which end the child": `range x from 1 to 100000000 step 1 | summarize make_bag(bag_pack(toupper(strcat(x, strrep("key", 1000))), x))`,
	} {
		t.Run(name, func(t *testing.T) {
			e := kql.New(kql.Options{Memory: 100})
			defer e.Close()
			_, err := e.Run(context.Background(), query, nil)
			var failed *kql.QueryError
			require.ErrorAs(t, err, &failed)
			assert.Regexp(t, `needs more memory than the 1\d\d MB that KQL may take here; filter or summarize earlier`, err.Error())
			result, err := e.Run(context.Background(), "print 1", nil)
			require.NoError(t, err)
			assert.Equal(t, []string{"1"}, rows(result))
		})
	}
}

func TestRowsThatNobodyKeepsNeedNoMemory(t *testing.T) {
	e := kql.New(kql.Options{Memory: 100})
	defer e.Close()
	result, err := e.Run(context.Background(), `range x from 1 to 60000 step 1 | extend s = toupper(strcat(x, strrep("row", 1000))), k = x % 3 | where s endswith_cs "ROW" | summarize count(), max(x) by k | order by k asc`, nil)
	require.NoError(t, err)
	assert.Equal(t, []string{"0 | 20000 | 60000", "1 | 20000 | 59998", "2 | 20000 | 59999"}, rows(result))
}

func TestTablesAreSentInPiecesAndWithoutEmptyColumns(t *testing.T) {
	table := small("")
	table.Rows = nil
	for i := range 10_000 {
		table.Rows = append(table.Rows, []any{fmt.Sprint("r", i), nil, nil, nil})
	}
	result, err := run(t, "T | where A has 'r9999' or A == 'r0' | project A, B, D, When, e = isnull(B), f = coalesce(B, 7)", table)
	require.NoError(t, err)
	assert.Equal(t, []string{"r0 |  |  |  | true | 7", "r9999 |  |  |  | true | 7"}, rows(result))
	result, err = run(t, "T | summarize count(), dcount(A), count(B), take_any(D)", table)
	require.NoError(t, err)
	assert.Equal(t, []string{"10000 | 10000 | 0 | "}, rows(result))
}

func TestCloseEndsTheChildAndTheEngine(t *testing.T) {
	e := kql.New(kql.Options{})
	_, err := e.Run(context.Background(), "print 1", nil)
	require.NoError(t, err)
	child := e.PID()
	assert.True(t, alive(child))
	require.NoError(t, e.Close())
	assert.False(t, alive(child))
	require.NoError(t, e.Close())
	_, err = e.Run(context.Background(), "print 1", nil)
	assert.ErrorContains(t, err, "closed")
}

func TestQueriesMayComeFromManyPlacesAtOnce(t *testing.T) {
	var all sync.WaitGroup
	for i := range 6 {
		all.Go(func() {
			table := small("")
			table.Rows = table.Rows[:i%3+1]
			result, err := engine.Run(context.Background(), "T | count", []kql.Table{table})
			if assert.NoError(t, err) {
				assert.Equal(t, int64(i%3+1), result.Rows[0][0])
			}
		})
	}
	all.Wait()
}

func TestWithoutNodeTheErrorNamesTheCommand(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	_, err := kql.New(kql.Options{Cache: t.TempDir()}).Run(context.Background(), "print 1", nil)
	require.ErrorIs(t, err, kql.ErrNoNode)
	assert.ErrorContains(t, err, "apt-get install")
}

func TestAFailedInstallationSaysWhyAndLeavesNothingBehind(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the stand-in for npm is a shell script")
	}
	bin, cache := t.TempDir(), t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(bin, "npm"), []byte("#!/bin/sh\necho registry unreachable\nexit 1\n"), 0o700))
	t.Setenv("PATH", bin+":/usr/bin:/bin")
	var progress bytes.Buffer
	_, err := kql.New(kql.Options{Cache: cache, Progress: &progress}).Run(context.Background(), "print 1", nil)
	require.ErrorContains(t, err, "registry unreachable")
	assert.ErrorContains(t, err, "npm ci")
	assert.Contains(t, progress.String(), "Installing Microsoft's KQL parser")
	left, err := os.ReadDir(cache)
	require.NoError(t, err)
	assert.Empty(t, left)
}

func TestSupportListsWhatTheEvaluatorDoes(t *testing.T) {
	s, err := engine.Support(context.Background())
	require.NoError(t, err)
	for _, name := range []string{
		"FilterOperator", "ProjectOperator", "ProjectAwayOperator", "ProjectRenameOperator", "ExtendOperator", "SummarizeOperator", "JoinOperator", "UnionOperator", "SortOperator",
		"TopOperator", "TakeOperator", "DistinctOperator", "MvExpandOperator", "MvApplyOperator", "ParseOperator", "LookupOperator", "MakeSeriesOperator", "RenderOperator",
	} {
		assert.Contains(t, s.Operators, name)
	}
	assert.Contains(t, s.Functions, "parse_json")
	assert.Contains(t, s.Aggregates, "arg_max")
	assert.Greater(t, len(s.Functions), 150)
	assert.NotEmpty(t, s.Partly)
}

func TestResultsAreWrittenAsATableAndAsJSON(t *testing.T) {
	result, err := run(t, `print Name = "a<b", N = 2, R = 0.5, D = dynamic({"k":[1,null]}), E = "", L = "two\nlines" | union (print Name = "longer", N = long(null), E = "")`)
	require.NoError(t, err)
	var table, text bytes.Buffer
	require.NoError(t, result.WriteTable(&table))
	assert.Equal(t, strings.Join([]string{
		`Name    N  R    D               E  L`,
		`----    -  -    -               -  -`,
		`a<b     2  0.5  {"k":[1,null]}     two lines`,
		`longer`,
		`(2 rows)`, ``,
	}, "\n"), table.String())
	require.NoError(t, result.WriteJSON(&text))
	// The order of the columns is part of the promise, so that lines are compared, not what they mean.
	assert.Equal(t, []string{
		"[",
		`  {"Name": "a<b", "N": 2, "R": 0.5, "D": {"k":[1,null]}, "E": "", "L": "two\nlines"},`,
		`  {"Name": "longer", "N": null, "R": null, "D": null, "E": "", "L": ""}`,
		"]", "",
	}, strings.Split(text.String(), "\n"))
	text.Reset()
	require.NoError(t, kql.Result{}.WriteJSON(&text))
	assert.Equal(t, "[]\n", text.String())
}

func TestColumnsThatAQueryNeedsWithoutNamingThemAreThere(t *testing.T) {
	table := small("")
	table.Rows = table.Rows[:2]
	for query, want := range map[string]string{
		"T | take 1 | project-away D, When":                                                 "x | 1",
		"T | join kind=inner (T) on $left.When == $right.When | project A1":                 "x",
		"print n = 'y' | where n in (T)":                                                    "y",
		"union T, (T | project B = tostring(B)) | where B_string == '1' | project B_string": "1",
		"T | summarize arg_max(B, *) | project strcat(A, D.a[1])":                           "x2",
		"T | project A, B | distinct * | where B == 1 | count":                              "1",
		"let f = (t: (B: long, A: string)) { t | take 1 }; f(T) | project-away B, D, When":  "x",
		"let f = (t: (*)) { t | take 1 }; f(T) | project-keep A":                            "x",
		"T | extend Z = toscalar(T | order by B desc) | take 1 | project Z":                 "x",
		"T | project-rename Q = A | take 1 | project Q":                                     "x",
	} {
		result, err := run(t, query, table)
		if assert.NoError(t, err, query) && assert.NotEmpty(t, result.Rows, query) {
			assert.Equal(t, want, rows(result)[0], query)
		}
	}
}

func TestOtherColumnsOfTheSameVersionAreSentWhenAQueryNeedsThem(t *testing.T) {
	for _, query := range []string{"T | project A | take 1", "T | project B | take 1", "T | project A, B | take 1"} {
		result, err := run(t, query, small("columns"))
		require.NoError(t, err)
		assert.NotNil(t, result.Rows[0][0], query)
	}
}
