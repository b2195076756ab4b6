package page

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/rehearsal/internal/browser"
	"enterprise-openai/rehearsal/report"
)

// The windows of a desk and of a phone, and the width of a sheet of paper in pixels.
const (
	deskWidth, deskHeight   = 1280, 800
	phoneWidth, phoneHeight = 390, 844
	sheetWidth, sheetHeight = 794, 1123
)

// crowded is a report with as much in it as there may be, long names, and everything broken.
func crowded(r *report.Report) {
	broken(r)
	regions := []string{"germanywestcentral", "southcentralus", "swedencentral", "francecentral"}
	a := report.Architecture{
		Gateway: report.Gateway{SKU: "StandardV2", Units: 10, Region: "germanywestcentral", Mode: "integrated"},
		Network: &report.Network{AddressSpace: "10.20.0.0/22, fd00:db8:deca::/48"},
		Logs:    []string{"Log Analytics workspace", "Application Insights", "Event Hub"},
	}
	for i := range 6 {
		d := fmt.Sprintf("a-deployment-with-a-long-name-%d", i)
		pool := report.Pool{Deployment: d}
		for j, region := range regions {
			pool.Members = append(pool.Members, report.Member{Account: fmt.Sprintf("account-in-%s", region), Priority: 1 + j, Weight: 1})
		}
		a.Pools = append(a.Pools, pool)
	}
	for _, region := range regions {
		account := report.Account{Name: "account-in-" + region, Region: region, PrivateEndpoint: true}
		for _, p := range a.Pools {
			account.Deployments = append(account.Deployments, report.Deployment{Name: p.Deployment, SKU: "GlobalStandard", Capacity: 1000})
		}
		a.Accounts = append(a.Accounts, account, report.Account{Name: "second-in-" + region, Region: region})
	}
	for i := range 8 {
		p := report.Product{
			Name: fmt.Sprintf("product-%d", i), Title: fmt.Sprintf("A product with a long title %d", i), Authentication: "both", Privacy: "metadata",
			Groups: []string{fmt.Sprintf("sg-ai-somebody-%d-contributors", i)}, Deployments: []string{a.Pools[i%6].Deployment, a.Pools[(i+3)%6].Deployment},
			TokensPerMinute: 10_000_000, RequestsPerMinute: 100_000, TokenQuota: 1_000_000_000, QuotaPeriod: "Monthly",
		}
		a.Products = append(a.Products, p)
		a.Teams = append(a.Teams, report.Team{Name: fmt.Sprintf("team-%d", i), Title: fmt.Sprintf("Research and Development %d", i), Products: []string{p.Name}})
	}
	r.Architecture = &a
	wide := report.Query{Name: "wide", Title: "A wide answer, with a cell that the log has no value for", Total: 1, Rows: [][]string{{""}}}
	for i := range 20 {
		wide.Columns = append(wide.Columns, fmt.Sprintf("AColumnWithALongName%d", i))
		wide.Rows[0] = append(wide.Rows[0], "https://gateway.example/a/long/address/without/a/space")
	}
	wide.Rows[0] = wide.Rows[0][:len(wide.Columns)]
	for i := range r.Drills {
		if r.Drills[i].Name == "questions" {
			r.Drills[i].Measured["answers"] = []report.Query{wide}
		}
		r.Drills[i].Pass, r.Drills[i].Failures = false, []string{strings.Repeat("x", 300), "a failure in words"}
	}
}

// visited writes the page of each report and opens it as each visit says.
type visited struct {
	name   string
	change func(*report.Report)
	visit  browser.Visit
}

var visits = []visited{
	{"light", nil, browser.Visit{Width: deskWidth, Height: deskHeight, Axe: true}},
	{"dark", broken, browser.Visit{Width: deskWidth, Height: deskHeight, Dark: true, Axe: true}},
	{"phone", broken, browser.Visit{Width: phoneWidth, Height: phoneHeight, Axe: true}},
	{"dark phone", nil, browser.Visit{Width: phoneWidth, Height: phoneHeight, Dark: true}},
	{"keyboard", broken, browser.Visit{Width: deskWidth, Height: deskHeight, Keyboard: true}},
	{"print", nil, browser.Visit{Width: sheetWidth, Height: sheetHeight, Print: true}},
	{"print in the dark", broken, browser.Visit{Width: sheetWidth, Height: sheetHeight, Print: true, Dark: true}},
	{"crowded", crowded, browser.Visit{Width: deskWidth, Height: deskHeight}},
	{"crowded print", crowded, browser.Visit{Width: sheetWidth, Height: sheetHeight, Print: true}},
	{"crowded phone", crowded, browser.Visit{Width: phoneWidth, Height: phoneHeight, Dark: true}},
	{"nothing", func(r *report.Report) { *r = report.Report{Stack: "dev", Error: "prepare: no settings"} },
		browser.Visit{Width: phoneWidth, Height: phoneHeight, Axe: true}},
}

// TestThePageInABrowser opens the page in every way that people do. Chromium starts once for all of them.
func TestThePageInABrowser(t *testing.T) {
	b, err := browser.Open(t.Context(), os.Stderr)
	browser.SkipWithout(t, err)
	dir := t.TempDir()
	asked := make([]browser.Visit, len(visits))
	for i, v := range visits {
		r := dev(t)
		if v.change != nil {
			v.change(&r)
		}
		at := filepath.Join(dir, fmt.Sprint(i))
		require.NoError(t, SavePage(at, r))
		asked[i] = v.visit
		asked[i].URL = "file://" + filepath.Join(at, File)
		if shots := os.Getenv("REHEARSE_SCREENSHOTS"); shots != "" {
			asked[i].Screenshot = filepath.Join(shots, strings.ReplaceAll(v.name, " ", "-")+".png")
		}
	}
	all, err := b.Look(t.Context(), asked...)
	require.NoError(t, err)
	seen := map[string]browser.Seen{}
	for i, v := range visits {
		seen[v.name] = all[i]
		t.Run(v.name, func(t *testing.T) { checkVisit(t, v, all[i]) })
	}

	t.Run("a broken promise is seen without scrolling", func(t *testing.T) {
		for _, name := range []string{"dark", "phone"} {
			first := strings.Join(seen[name].First, "\n")
			assert.Contains(t, first, "1 of 24 promises is broken", name)
			assert.Contains(t, first, "failover", name)
			assert.Contains(t, first, "swedencentral lost (status 503): gpt-5.4 answered 503 although other regions are well", name)
		}
		crowded := strings.Join(seen["crowded"].First, "\n")
		assert.Contains(t, crowded, "24 of 24 promises are broken")
		assert.Contains(t, crowded, "overload", "the sixteenth of the failures")
		assert.Contains(t, strings.Join(seen["crowded phone"].First, "\n"), "24 of 24 promises are broken")
		assert.Equal(t, []string{"✗ The rehearsal broke off", "prepare: no settings", "promises kept", "resources created", "the rehearsal took"},
			seen["nothing"].First)
	})
	t.Run("a keyboard reaches everything", func(t *testing.T) {
		assert.Empty(t, seen["keyboard"].Unreached)
		assert.Greater(t, seen["keyboard"].Reached, 40)
	})
	t.Run("print has what is folded on the screen", func(t *testing.T) {
		assert.Greater(t, seen["print"].Height, seen["light"].Height)
	})
}

func checkVisit(t *testing.T, v visited, s browser.Seen) {
	t.Helper()
	assert.Empty(t, s.Problems, "the console")
	assert.Empty(t, s.Requests, "the page has to have everything in itself")
	assert.Zero(t, s.Overflow, "pixels beyond the window")
	assert.Empty(t, s.Wide)
	assert.Empty(t, s.Overlaps, "the drawing")
	assert.Empty(t, s.Holes, "data that is missing")
	for _, c := range s.Charts {
		assert.Empty(t, c.Wrong, c.Title)
		assert.GreaterOrEqual(t, c.Lines, 2, c.Title)
	}
	if v.name != "nothing" {
		assert.Len(t, s.Charts, 4)
		assert.Greater(t, s.Boxes, 10)
	}
	if v.visit.Axe {
		assert.Empty(t, s.Violations, "axe-core")
		assert.Greater(t, s.Rules, 15, "rules of axe-core with something to check")
	}
}
