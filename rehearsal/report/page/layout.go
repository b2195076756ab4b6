package page

import (
	"fmt"
	"slices"

	"enterprise-openai/internal/words"
	"enterprise-openai/rehearsal/report"
)

// The columns of the drawing, from those who call to those who answer.
const (
	teamsX, teamsWidth       = 10, 170
	gatewayX, gatewayWidth   = 226, 500
	productsX, productsWidth = 242, 210
	poolsX, poolsWidth       = 500, 210
	networkX, networkWidth   = 212, 588
	endpointX                = 764
	regionsX, regionsWidth   = 830, 240
	accountsX, accountsWidth = 842, 216
	drawingWidth             = 1080
	firstY, rowGap           = 76, 12
	networkTop               = 14
	frameTop, frameTitle     = 44, 18
	frameInset               = 10
	teamHeight, poolHeight   = 40, 40
	productHeight            = 54
	accountHeight            = 44
	regionTitle, regionGap   = 30, 18
	lettersTeam, lettersBox  = 18, 22
	lettersSmall             = 28
	letterWidth              = 9
	noteHeight               = 18
	logsHeight               = 34
)

// box is a rectangle with lines of text.
type box struct {
	X, Y, W, H float64
	Class      string
	Lines      []string
}

func (b box) left() point  { return point{b.X, b.Y + b.H/2} }
func (b box) right() point { return point{b.X + b.W, b.Y + b.H/2} }

// MiddleX is where text stands in the middle.
func (b box) MiddleX() float64 { return b.X + b.W/2 }

// LineY is where a line of text stands in its box.
func (b box) LineY(i int) float64 {
	const height, rise = 16, 5
	return b.Y + b.H/2 + rise + height*(float64(i)-float64(len(b.Lines)-1)/2)
}

type point struct{ x, y float64 }

// link is a line from one box to another.
type link struct{ Path, Class, Says string }

func between(from, to point, class, says string) link {
	middle := (from.x + to.x) / 2
	return link{fmt.Sprintf("M%g %gC%g %g %g %g %g %g", from.x, from.y, middle, from.y, middle, to.y, to.x, to.y), class, says}
}

// column places boxes below each other, in the middle of the drawing's height.
func column(x, w, h, depth float64, texts [][]string, class func(i int) string) []box {
	if len(texts) == 0 {
		return nil
	}
	height := float64(len(texts))*(h+rowGap) - rowGap
	y := firstY + max(0, (depth-height)/2)
	boxes := make([]box, len(texts))
	for i, lines := range texts {
		boxes[i] = box{x, y + float64(i)*(h+rowGap), w, h, class(i), lines}
	}
	return boxes
}

// columnDepth is how high a column is.
func columnDepth(n int, h float64) float64 { return float64(n)*(h+rowGap) - rowGap }

// cut shortens a text or a list that would leave its box; tables have it whole.
func cut(text string, letters int) string {
	if runes := []rune(text); len(runes) > letters {
		return string(runes[:letters-1]) + "…"
	}
	return text
}

// short shortens a name that would leave its box. It keeps the end, by which long names often differ.
func short(name string, letters int) string {
	const end = 5
	runes := []rune(name)
	if len(runes) <= letters {
		return name
	}
	return string(runes[:letters-1-end]) + "…" + string(runes[len(runes)-end:])
}

// regionsOf are the accounts by region, in the order in which pools call them.
func regionsOf(a report.Architecture) (names []string, accounts map[string][]report.Account) {
	accounts = map[string][]report.Account{}
	sorted := slices.Clone(a.Accounts)
	slices.SortStableFunc(sorted, func(x, y report.Account) int { return firstPriority(a, x.Name) - firstPriority(a, y.Name) })
	for _, account := range sorted {
		if len(accounts[account.Region]) == 0 {
			names = append(names, account.Region)
		}
		accounts[account.Region] = append(accounts[account.Region], account)
	}
	return names, accounts
}

// firstPriority is the best place of an account in any pool.
func firstPriority(a report.Architecture, account string) int {
	const none = 1000
	best := none
	for _, pool := range a.Pools {
		for _, m := range pool.Members {
			if m.Account == account {
				best = min(best, m.Priority)
			}
		}
	}
	return best
}

// limitsOf are a product's limits in words.
func limitsOf(p report.Product) string {
	return fmt.Sprintf("%s tokens and %s requests a minute, %s tokens %s",
		words.Thousands(p.TokensPerMinute), words.Thousands(p.RequestsPerMinute), words.Thousands(p.TokenQuota), inWords(p.QuotaPeriod))
}
