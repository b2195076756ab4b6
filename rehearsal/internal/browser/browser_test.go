package browser

import (
	"context"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// opened is a browser; the test is skipped, with the command that helps, where there is none.
func opened(t *testing.T) *Browser {
	t.Helper()
	b, err := Open(t.Context(), os.Stderr)
	SkipWithout(t, err)
	return b
}

func TestWhatIsWrongWithAPageIsSeen(t *testing.T) {
	b := opened(t)
	dir := t.TempDir()
	page := filepath.Join(dir, "page.html")
	require.NoError(t, os.WriteFile(page, []byte(wrong), 0o600))
	shot := filepath.Join(dir, "page.png")
	seen, err := b.Look(t.Context(),
		Visit{URL: "file://" + page, Width: 800, Height: 600, Screenshot: shot, Keyboard: true},
		Visit{URL: "file://" + page, Width: 800, Height: 600, Axe: true})
	require.NoError(t, err)
	first, audited := seen[0], seen[1]

	assert.Contains(t, strings.Join(first.Problems, "\n"), "thrown by the page")
	assert.Contains(t, strings.Join(first.Problems, "\n"), "said by the page")
	assert.Equal(t, []string{"http://127.0.0.1:1/elsewhere.png"}, first.Requests)
	assert.Equal(t, 200, first.Overflow)
	assert.Equal(t, []string{"p.wide too wide"}, first.Wide)
	assert.Equal(t, []string{"The first screen"}, first.First)
	assert.Equal(t, []string{
		`"a text that is longer than its box" leaves its box by 106 px`,
		`"one" lies on "two"`,
		`the box "one" lies on the box "two"`,
		`the box "out" leaves the picture`,
	}, cutPixels(first.Overlaps))
	assert.Equal(t, 4, first.Boxes)
	require.Len(t, first.Charts, 1)
	require.Len(t, first.Charts[0].Wrong, 2)
	assert.Regexp(t, `^"small" is [345]\.\d px high$`, first.Charts[0].Wrong[0])
	assert.Equal(t, `the line series s0 leaves the chart`, first.Charts[0].Wrong[1])
	assert.Equal(t, []string{`page: td ""`, `page: td "NaN"`, `page: dd "map[a:1]"`}, first.Holes)
	assert.Equal(t, []string{"1: unseen focus"}, first.Unreached)
	assert.Equal(t, 2, first.Reached)
	assert.Contains(t, strings.Join(audited.Violations, "\n"), "color-contrast (serious): .pale")
	assert.Contains(t, strings.Join(audited.Violations, "\n"), "html-has-lang (serious)")
	assert.Greater(t, audited.Rules, 5)
	assert.FileExists(t, shot)
}

// cutPixels makes the facts those of every font.
func cutPixels(facts []string) []string {
	for i, fact := range facts {
		if before, _, ok := strings.Cut(fact, " by "); ok {
			facts[i] = before + " by 106 px"
		}
	}
	return facts
}

const wrong = `<!doctype html><html><head><meta charset="utf-8"><title>wrong</title><style>
body { margin: 0 } .wide { width: 1000px } .none:focus { outline: none } .pale { color: #ccc; background: #fff }
</style></head><body><main>
<h1>The first screen</h1>
<a href="#x">seen</a> <a class="none" href="#y">unseen focus</a> <button>button</button>
<p class="pale">hard to read</p><p class="wide">too wide</p>
<table><tr><td></td><td>NaN</td><td>1</td></tr></table><dl><dt>name</dt><dd>map[a:1]</dd></dl>
<svg class="drawing" width="400" height="200">
<g class="box"><rect x="10" y="10" width="60" height="30"/><text x="12" y="30">a text that is longer than its box</text></g>
<g class="box"><rect x="10" y="60" width="60" height="30"/><text x="20" y="80">one</text></g>
<g class="box"><rect x="15" y="65" width="60" height="30"/><text x="22" y="82">two</text></g>
<g class="box"><rect x="380" y="100" width="60" height="30"/><text x="385" y="120">out</text></g>
</svg>
<svg class="chart" width="400" height="100"><title>chart</title><text x="20" y="50" font-size="2.6" style="font-size:2.6px">small</text>
<polyline class="series s0" points="0,10 500,50" stroke="black" fill="none"/></svg>
<div style="height:2000px"></div><h1>The last screen</h1><img src="http://127.0.0.1:1/elsewhere.png" alt="nothing">
</main><script>console.error('said by the page'); setTimeout(() => { throw new Error('thrown by the page') })</script></body></html>`

func TestAMachineWithoutABrowserIsToldTheCommand(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	_, err := Open(context.Background(), io.Discard)
	require.ErrorIs(t, err, ErrMissing)
	assert.EqualError(t, err, "no Chromium on this machine; run: tools/bootstrap.sh browser")
}

func TestTheLockNamesExactVersionsAndNoAddress(t *testing.T) {
	manifest, err := sources.ReadFile("package.json")
	require.NoError(t, err)
	var wanted struct{ Dependencies map[string]string }
	require.NoError(t, json.Unmarshal(manifest, &wanted))
	assert.Len(t, wanted.Dependencies, 2)
	for name, version := range wanted.Dependencies {
		assert.Regexp(t, `^\d+\.\d+\.\d+$`, version, name)
	}
	lock, err := sources.ReadFile("package-lock.json")
	require.NoError(t, err)
	assert.NotContains(t, string(lock), "://")
	assert.Equal(t, 2, strings.Count(string(lock), `"integrity"`))
}
