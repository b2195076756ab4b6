package page

import (
	"bytes"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/net/html"

	"enterprise-openai/rehearsal/report"
	"enterprise-openai/rehearsal/report/reporttest"
)

// dev is the report of a rehearsal of dev, with fewer operations and queries than it had.
func dev(t *testing.T, changes ...func(*report.Report)) report.Report {
	t.Helper()
	file, err := os.Open(filepath.Join("testdata", "dev.json"))
	require.NoError(t, err)
	r, err := report.Read(file)
	require.NoError(t, err)
	require.NoError(t, file.Close())
	for _, change := range changes {
		change(&r)
	}
	return r
}

// broken is dev after a rehearsal in which one region's loss was noticed by callers, and one account was not deployed.
func broken(r *report.Report) {
	for i := range r.Drills {
		if r.Drills[i].Name == "failover" {
			r.Drills[i].Pass = false
			r.Drills[i].Failures = []string{"swedencentral lost (status 503): gpt-5.4 answered 503 although other regions are well"}
			regions := r.Drills[i].Measured["regions"].(map[string]any)
			regions["swedencentral"].(map[string]any)["answered"] = 60.0
		}
	}
}

func written(t *testing.T, r report.Report) string {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, Write(&b, r))
	return b.String()
}

// elements are all of a parsed page.
func elements(t *testing.T, page string) []*html.Node {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	require.NoError(t, err)
	var all []*html.Node
	for n := range root.Descendants() {
		if n.Type == html.ElementNode {
			all = append(all, n)
		}
	}
	return all
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func byID(t *testing.T, all []*html.Node, id string) *html.Node {
	t.Helper()
	for _, n := range all {
		if attribute(n, "id") == id {
			return n
		}
	}
	require.Fail(t, "no element has the id "+id)
	return nil
}

func textOf(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data + " ")
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

func TestTheFixtureIsAReportOfToday(t *testing.T) {
	var b bytes.Buffer
	require.NoError(t, dev(t).WriteJSON(&b))
	reporttest.Valid(t, filepath.Join("..", "..", ".."), b.Bytes())
}

func TestThePageHasLandmarksAndHeadingsInOrder(t *testing.T) {
	counts, level := map[string]int{}, 0
	for _, n := range elements(t, written(t, dev(t))) {
		counts[n.Data]++
		if len(n.Data) == 2 && n.Data[0] == 'h' && n.Data[1] >= '1' && n.Data[1] <= '6' {
			next := int(n.Data[1] - '0')
			assert.LessOrEqual(t, next, level+1, "%q follows a heading of level %d", textOf(n), level)
			level = next
		}
		if n.Data == "svg" && attribute(n, "aria-hidden") == "" {
			assert.NotEmpty(t, attribute(n, "aria-labelledby"), "a picture without a text for those who do not see it")
		}
	}
	for _, landmark := range []string{"header", "nav", "main", "footer", "h1", "title"} {
		if landmark != "title" { // pictures have titles too
			assert.Equal(t, 1, counts[landmark], landmark)
		}
	}
}

func TestEveryPromiseIsOnThePage(t *testing.T) {
	r := dev(t)
	all := elements(t, written(t, r))
	require.NotEmpty(t, r.Drills)
	for _, d := range r.Drills {
		article := textOf(byID(t, all, "drill-"+d.Name))
		assert.Contains(t, article, strings.Join(strings.Fields(d.Promise), " "))
		assert.Contains(t, article, "✓ passed", d.Name)
	}
}

func TestALongListOfAMeasurementIsCutAndSaysSo(t *testing.T) {
	path := make([]any, 100)
	for i := range path {
		path[i] = "step"
	}
	all := elements(t, written(t, dev(t, func(r *report.Report) { r.Drills[0].Measured["path"] = path })))
	article := textOf(byID(t, all, "drill-"+dev(t).Drills[0].Name))
	assert.Contains(t, article, "path step, "+strings.Repeat("step, ", 11)+"and 88 more in report.json")
}

func TestThePageLoadsNothing(t *testing.T) {
	page := written(t, dev(t))
	for _, n := range elements(t, page) {
		assert.NotContains(t, []string{"script", "img", "iframe", "object", "embed", "base", "form"}, n.Data)
		for _, a := range n.Attr {
			assert.False(t, strings.HasPrefix(a.Key, "on"), "%s has %s", n.Data, a.Key)
			if a.Key == "href" || a.Key == "src" || a.Key == "xlink:href" {
				assert.True(t, strings.HasPrefix(a.Val, "#") || a.Val == "data:,", "%s leads to %s", n.Data, a.Val)
			}
		}
	}
	for _, loading := range []string{"@import", "url(", "http://", "https://"} {
		assert.NotContains(t, page, loading)
	}
}

func TestABrokenPromiseAndALostRegionAreSeenFirst(t *testing.T) {
	all := elements(t, written(t, dev(t, broken)))
	verdict := textOf(byID(t, all, "verdict"))
	assert.True(t, strings.HasPrefix(verdict, "✗ 1 of 24 promises is broken failover : "), verdict)
	assert.Contains(t, verdict, "swedencentral lost (status 503): gpt-5.4 answered 503 although other regions are well")
	drawing := textOf(byID(t, all, "architecture"))
	assert.Contains(t, drawing, "✗ swedencentral 8 calls failed")
	assert.Contains(t, drawing, "Lost 34 times: 60 of 68 calls answered by the others.")
	assert.NotContains(t, drawing, "✗ francecentral")
	assert.Contains(t, textOf(byID(t, all, "drill-failover")), "✗ failed")
}

func TestAnAccountThatWasNotDeployedIsSeenInItsRegion(t *testing.T) {
	all := elements(t, written(t, dev(t, func(r *report.Report) {
		r.Error, r.Drills = "up: account-france (Account): the region has no capacity", nil
		r.Azure.Operations = append(r.Azure.Operations, report.Operation{Type: "Account", Name: "account-france", Failed: true})
	})))
	verdict := textOf(byID(t, all, "verdict"))
	assert.Contains(t, verdict, "✗ The rehearsal broke off up: account-france (Account): the region has no capacity")
	assert.Contains(t, textOf(byID(t, all, "architecture")), "✗ francecentral not deployed")
	assert.Contains(t, textOf(byID(t, all, "deployment")), "✗ Account account-france")
}

func TestAReportWithNothingInItHasAPage(t *testing.T) {
	page := written(t, report.Report{Stack: "dev", Error: "prepare: no settings"})
	assert.Contains(t, page, "The rehearsal broke off")
	assert.Contains(t, page, "prepare: no settings")
}

func TestThePageIsMadeOfTheJSONFormAlone(t *testing.T) {
	first, again := t.TempDir(), t.TempDir()
	require.NoError(t, Save(first, dev(t)))
	file, err := os.Open(filepath.Join(first, report.JSONFile))
	require.NoError(t, err)
	read, err := report.Read(file)
	require.NoError(t, err)
	require.NoError(t, file.Close())
	require.NoError(t, SavePage(again, read))
	want, err := os.ReadFile(filepath.Join(first, File))
	require.NoError(t, err)
	got, err := os.ReadFile(filepath.Join(again, File))
	require.NoError(t, err)
	assert.Equal(t, string(want), string(got))
}

// hostile is what somebody writes who wants to run a script in the reader's browser, or to leave a text for an attribute.
const hostile = `"'><script>alert(1)</script><img src=x onerror=alert(1)></title></style>`

// TestNoTextOfAReportBecomesMarkup puts a hostile text into every field of the report, one after the other, and everywhere at once.
func TestNoTextOfAReportBecomesMarkup(t *testing.T) {
	clean := elements(t, written(t, dev(t)))
	var texts int
	for target := 0; ; target++ {
		at := 0
		r := dev(t, broken)
		poison(reflect.ValueOf(&r).Elem(), func(old string) string {
			if at++; at-1 == target {
				return hostile
			}
			return old
		})
		if at <= target {
			texts = at
			break
		}
		if target > 150 && target%19 != 0 { // rows and operations are alike
			continue
		}
		checkHarmless(t, written(t, r), target)
	}
	assert.Greater(t, texts, 300, "texts in a report")
	everywhere := dev(t, broken)
	poison(reflect.ValueOf(&everywhere).Elem(), func(old string) string { return old + hostile })
	checkHarmless(t, written(t, everywhere), -1)
	assert.NotEmpty(t, clean)
}

func checkHarmless(t *testing.T, page string, target int) {
	t.Helper()
	for _, n := range elements(t, page) {
		if n.Data == "script" || n.Data == "img" {
			require.Fail(t, "a text became markup", "text %d: <%s>", target, n.Data)
		}
		for _, a := range n.Attr {
			require.False(t, strings.HasPrefix(a.Key, "on"), "text %d: attribute %s", target, a.Key)
		}
	}
}

// poison replaces every text below a value, the keys of maps too.
func poison(v reflect.Value, replace func(string) string) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(replace(v.String()))
	case reflect.Pointer:
		if !v.IsNil() {
			poison(v.Elem(), replace)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			poison(v.Field(i), replace)
		}
	case reflect.Slice:
		for i := range v.Len() {
			poison(v.Index(i), replace)
		}
	case reflect.Map:
		if m, ok := v.Interface().(map[string]any); ok && m != nil {
			v.Set(reflect.ValueOf(poisoned(m, replace)))
		}
	}
}

// poisoned is a JSON value with every text in it replaced, in the order of its JSON form.
func poisoned(value any, replace func(string) string) any {
	switch v := value.(type) {
	case string:
		return replace(v)
	case []any:
		for i := range v {
			v[i] = poisoned(v[i], replace)
		}
	case map[string]any:
		out := map[string]any{}
		for _, key := range slices.Sorted(maps.Keys(v)) {
			inner := poisoned(v[key], replace)
			out[replace(key)] = inner
		}
		return out
	}
	return value
}
