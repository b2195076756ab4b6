package drills

import (
	"context"
	"net/http"
	"strings"

	"enterprise-openai/policies"
	"enterprise-openai/stacks"
)

// units lets a caller take images and speech at once, and hang up on them.
func (t *throttleTrial) units(ctx context.Context, p stacks.Product) error {
	if p.AudioMegabytesPerMinute > 0 {
		t.skip(p.Name+".audioMegabytesPerMinute", "uploads are not made here; policy cases do")
	}
	for _, u := range []struct {
		setting  string
		limit    int
		serves   func(model string) bool
		media    string
		measured **UnitsMeasured
	}{
		{"imagesPerMinute", p.ImagesPerMinute, draws, mediaImage, &t.Products[p.Name].ImagesPerMinute},
		{"speechCharactersPerMinute", p.SpeechCharactersPerMinute / policies.SpeechUnit, speaks, mediaSpeech, &t.Products[p.Name].SpeechCharactersPerMinute},
	} {
		if u.limit == 0 {
			continue
		}
		deployment := ""
		for _, d := range p.Deployments {
			if u.serves(deployedModel(t.site.Settings, d)) {
				deployment = d
			}
		}
		if deployment == "" || 2*u.limit+1 > min(p.RequestsPerMinute, mostUnits) {
			t.skip(p.Name+"."+u.setting, "no deployment of the product serves it, or requests per minute are met first")
			continue
		}
		*u.measured = &UnitsMeasured{}
		if err := t.unitsOf(ctx, p, ask{deployment: deployment, media: u.media}, u.limit, *u.measured); err != nil {
			return err
		}
	}
	return nil
}

// mostUnits is how many calls the drill makes for one limit.
const mostUnits = 200

// UnitsMeasured are the calls of one unit each that accounts served: of calls of which each began before the one before it was answered,
// and of calls that their caller gave up.
type UnitsMeasured struct {
	Parallel  int `json:"parallel"`
	Abandoned int `json:"abandoned"`
}

// unitsOf makes twice as many calls of one unit as the limit allows, in both ways.
func (t *throttleTrial) unitsOf(ctx context.Context, p stacks.Product, of ask, limit int, measured *UnitsMeasured) error {
	for _, way := range []struct {
		name string
		call func(*sandbox, context.Context, ask, int) (outcome, error)
		got  *int
	}{{"at once", (*sandbox).atOnce, &measured.Parallel}, {"given up", (*sandbox).abandonAll, &measured.Abandoned}} {
		g, c, err := t.open(ctx, p.Name, hangingUp)
		if err != nil {
			return err
		}
		c.surface, c.deployment, c.media = v1, of.deployment, of.media
		answers, err := way.call(g, ctx, c.ask, 2*limit)
		*way.got = len(g.Models.Requests())
		if err == nil && !t.unexpected(p.Name+", "+of.media, way.name, answers) && *way.got != limit {
			t.add("%s, %s %s: accounts served %d of one minute, where %d may pass", p.Name, of.media, way.name, *way.got, limit)
		}
		if got := g.ask(ctx, c.ask); err == nil && (got.status != http.StatusTooManyRequests || !strings.Contains(got.body, "UnitsExceeded")) {
			t.add("%s, %s %s: a call above the limit was answered %s, where 429 UnitsExceeded was promised", p.Name, of.media, way.name, got)
		}
		_ = g.Close()
		if err != nil {
			return err
		}
	}
	return nil
}

// draws and speaks report models of images and of speech.
func draws(model string) bool {
	return strings.HasPrefix(model, "dall-e") || strings.HasPrefix(model, "gpt-image")
}

func speaks(model string) bool {
	return strings.HasPrefix(model, "tts") || strings.HasSuffix(model, "-tts")
}
