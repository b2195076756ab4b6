package page

import (
	"cmp"
	"fmt"
	"strings"

	"enterprise-openai/internal/words"
	"enterprise-openai/rehearsal/report"
	"enterprise-openai/stacks"
)

// drawing is the architecture: who calls, through what, and who answers.
type drawing struct {
	Width, Height float64
	// Frames are drawn first, then Links, then Boxes and Dots.
	Frames []frame
	Links  []link
	Boxes  []box
	Dots   []point2
	// Says is the drawing in a sentence.
	Says string
}

// frame is a rectangle around others, with a title.
type frame struct {
	box
	Title string
	// Note is a second line below the title; it is empty when there is nothing to note.
	Note string
}

// framed is a frame with a title that fits; the promises that failed in it stand first.
func framed(b box, title string, failed []badge) frame {
	signs := ""
	for _, f := range failed {
		signs += "✗ " + f.Drill + " "
	}
	if signs != "" {
		b.Class += " broken"
	}
	return frame{box: b, Title: cut(signs+title, int((b.W-2*frameInset)/letterWidth))}
}

// TitleX and TitleY are where a frame's title stands.
func (f frame) TitleX() float64 { return f.X + frameInset }

// TitleY is below the upper edge.
func (f frame) TitleY() float64 { return f.Y + frameTitle }

// NoteY is below the title.
func (f frame) NoteY() float64 { return f.TitleY() + noteHeight }

// point2 is a point that a template can read.
type point2 struct{ X, Y float64 }

// sketch is a drawing in progress.
type sketch struct {
	drawing
	report.Architecture
	failed   map[place][]badge
	lost     map[string]regionState
	depth    float64
	callers  map[string]box
	products map[string]box
	pools    map[string]box
	accounts map[string]box
}

// drawingOf draws an architecture, with what failed where it is.
func drawingOf(a report.Architecture, failed map[place][]badge, lost map[string]regionState) drawing {
	s := &sketch{
		Architecture: a, failed: failed, lost: lost, callers: map[string]box{}, products: map[string]box{},
		pools: map[string]box{}, accounts: map[string]box{},
	}
	s.Width = drawingWidth
	s.depth = max(columnDepth(len(callersOf(a)), teamHeight), columnDepth(len(a.Products), productHeight),
		columnDepth(len(a.Pools), poolHeight), s.regionsDepth())
	s.drawCallers()
	s.drawGateway()
	s.drawRegions()
	s.drawLinks()
	s.Says = fmt.Sprintf("%s through %s and %s to %s in %s. The tables below have the same in words.",
		words.Count(len(callersOf(a)), "caller"), words.Count(len(a.Products), "product"), words.Count(len(a.Pools), "pool"),
		words.Count(len(a.Accounts), "account"), words.Count(len(s.lost), "region"))
	return s.drawing
}

func (s *sketch) regionsDepth() float64 {
	names, accounts := regionsOf(s.Architecture)
	depth := 0.0
	for _, name := range names {
		depth += s.regionTitle(name) + columnDepth(len(accounts[name]), accountHeight) + rowGap + regionGap
	}
	return max(0, depth-regionGap)
}

// regionTitle is the height of a region's title, with what happened to it.
func (s *sketch) regionTitle(name string) float64 {
	if s.lost[name].Broken {
		return regionTitle + noteHeight
	}
	return regionTitle
}

// caller is a team with a key, or a group with tokens.
type caller struct {
	Name, Title string
	Group       bool
	Products    []string
}

// callersOf are the teams, and the groups of products that take tokens.
func callersOf(a report.Architecture) []caller {
	var all []caller
	for _, t := range a.Teams {
		all = append(all, caller{Name: "team " + t.Name, Title: cmp.Or(t.Title, t.Name), Products: t.Products})
	}
	for _, p := range a.Products {
		if !stacks.Authentication(p.Authentication).TakesTokens() {
			continue
		}
		for _, g := range p.Groups {
			all = addGroup(all, g, p.Name)
		}
	}
	return all
}

func addGroup(all []caller, group, product string) []caller {
	for i := range all {
		if all[i].Group && all[i].Title == group {
			all[i].Products = append(all[i].Products, product)
			return all
		}
	}
	return append(all, caller{Name: "group " + group, Title: group, Group: true, Products: []string{product}})
}

func (s *sketch) drawCallers() {
	all := callersOf(s.Architecture)
	texts := make([][]string, len(all))
	for i, c := range all {
		texts[i] = []string{short(c.Title, lettersTeam)}
		if c.Group {
			texts[i] = append(texts[i], "Entra group")
		}
	}
	boxes := column(teamsX, teamsWidth, teamHeight, s.depth, texts, func(i int) string {
		if all[i].Group {
			return "group"
		}
		return "team"
	})
	for i, b := range boxes {
		s.callers[all[i].Name] = b
	}
	s.Boxes = append(s.Boxes, boxes...)
}

func (s *sketch) drawGateway() {
	deep := firstY + s.depth + rowGap
	bottom := deep + logsHeight + 2*rowGap
	if s.Network != nil {
		s.Frames = append(s.Frames, framed(box{networkX, networkTop, networkWidth, bottom - networkTop, "network", nil},
			"Virtual network "+s.Network.AddressSpace, s.failed[atNetwork]))
	}
	title := fmt.Sprintf("API Management %s × %d, %s, %s", s.Gateway.SKU, s.Gateway.Units, s.Gateway.Region, s.Gateway.Mode)
	s.Frames = append(s.Frames, framed(box{gatewayX, frameTop, gatewayWidth, deep - frameTop, "gateway", nil}, title, s.failed[atGateway]))
	texts := make([][]string, len(s.Products))
	for i, p := range s.Products {
		texts[i] = []string{short(cmp.Or(p.Title, p.Name), lettersBox), cut(signIn(p.Authentication)+", logs "+logged(p.Privacy), lettersSmall)}
	}
	boxes := column(productsX, productsWidth, productHeight, s.depth, texts, s.class("product", atProducts))
	for i, p := range s.Products {
		s.products[p.Name] = boxes[i]
	}
	s.Boxes = append(s.Boxes, boxes...)
	texts = make([][]string, len(s.Pools))
	for i, p := range s.Pools {
		texts[i] = []string{short(p.Deployment, lettersBox)}
	}
	boxes = column(poolsX, poolsWidth, poolHeight, s.depth, texts, s.class("pool", atPools))
	for i, p := range s.Pools {
		s.pools[p.Deployment] = boxes[i]
	}
	s.Boxes = append(s.Boxes, boxes...)
	logs := box{gatewayX, deep + rowGap, gatewayWidth, logsHeight, s.class("logs", atLogs)(0), []string{
		cut("Logs: "+strings.Join(s.Logs, ", "), gatewayWidth/letterWidth),
	}}
	s.Boxes = append(s.Boxes, logs)
	s.Height = bottom + rowGap
}

// class marks the boxes of a part in which a promise failed.
func (s *sketch) class(name string, at place) func(int) string {
	if len(s.failed[at]) > 0 {
		name += " broken"
	}
	return func(int) string { return name }
}

func (s *sketch) drawRegions() {
	names, accounts := regionsOf(s.Architecture)
	y := firstY + max(0, (s.depth-s.regionsDepth())/2)
	for _, name := range names {
		top := s.regionTitle(name)
		deep := top + columnDepth(len(accounts[name]), accountHeight) + rowGap
		state := s.lost[name]
		region := framed(box{regionsX, y, regionsWidth, deep, "region", nil}, name, nil)
		if state.Broken {
			region.Class, region.Title, region.Note = "region broken", "✗ "+region.Title, state.Short
		}
		s.Frames = append(s.Frames, region)
		for i, account := range accounts[name] {
			deployed := make([]string, len(account.Deployments))
			for j, d := range account.Deployments {
				deployed[j] = d.Name
			}
			b := box{accountsX, y + top + float64(i)*(accountHeight+rowGap), accountsWidth, accountHeight, "account", []string{
				short(account.Name, lettersBox), cut(strings.Join(deployed, ", "), lettersSmall),
			}}
			if state.Broken {
				b.Class += " broken"
			}
			s.accounts[account.Name] = b
			s.Boxes = append(s.Boxes, b)
			if account.PrivateEndpoint {
				s.Dots = append(s.Dots, point2{endpointX, b.left().y})
			}
		}
		y += deep + regionGap
	}
}

func (s *sketch) drawLinks() {
	for _, c := range callersOf(s.Architecture) {
		for _, product := range c.Products {
			s.link(s.callers[c.Name], s.products[product], "", c.Title+" to "+product)
		}
	}
	for _, p := range s.Products {
		for _, deployment := range p.Deployments {
			s.link(s.products[p.Name], s.pools[deployment], "", p.Name+" to "+deployment)
		}
	}
	for _, p := range s.Pools {
		for _, m := range p.Members {
			class := "first"
			if m.Priority > 1 {
				class = "later"
			}
			if account, ok := s.accounts[m.Account]; ok {
				if strings.Contains(account.Class, "broken") {
					class += " broken"
				}
				from, to := s.pools[p.Deployment], account
				says := fmt.Sprintf("%s to %s, priority %d, weight %d", p.Deployment, m.Account, m.Priority, m.Weight)
				s.Links = append(s.Links, between(from.right(), point{endpointX, to.left().y}, class, says),
					between(point{endpointX, to.left().y}, to.left(), class, says))
			}
		}
	}
}

// link draws a line between two boxes, if both are there.
func (s *sketch) link(from, to box, class, says string) {
	if from.W > 0 && to.W > 0 {
		s.Links = append(s.Links, between(from.right(), to.left(), class, says))
	}
}

// signIn is what a product's callers present.
func signIn(authentication string) string {
	switch authentication {
	case "entra":
		return "token"
	case "both":
		return "key and token"
	}
	return authentication
}

// logged is what is logged of a product's calls.
func logged(privacy string) string {
	if privacy == "metadata" {
		return "no text"
	}
	return "text"
}
