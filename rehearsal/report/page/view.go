package page

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"enterprise-openai/internal/words"
	"enterprise-openai/rehearsal/report"
)

// view is what the page shows.
type view struct {
	report.Report
	// Verdict is the outcome in a sentence; Failing are the drills that failed.
	Verdict string
	Passed  bool
	Failing []promise
	// Facts are the most important figures.
	Facts []figure
	// Deployed is what is deployed, in a sentence.
	Deployed string
	Drawing  *drawing
	Regions  []regionRow
	Callers  []callerRow
	Pools    []poolRow
	Promises []promise
	Courses  []course
	Reach    *matrix
	Timeline *timeline
	Answers  []report.Query
}

// ShowsWhy is whether the verdict has the failures themselves. Where many promises are broken, a list of their names fits the first
// screen and the failures stand at the promises.
func (v view) ShowsWhy() bool {
	const few = 4
	return len(v.Failing) <= few
}

// promise is a drill with its figures in words.
type promise struct {
	report.Drill
	Figures []figure
}

// course is a load over time with its charts.
type course struct {
	Title, Text, Drill string
	Charts             []chart
}

// regionState is how a region stands after the run.
type regionState struct {
	Broken bool
	// Short fits into the drawing, Text is a sentence.
	Short, Text string
}

type regionRow struct {
	Name     string
	Accounts []report.Account
	State    regionState
}

// callerRow is a product, and who may call it.
type callerRow struct {
	report.Product
	Teams          []string
	SignIn, Limits string
}

type poolRow struct {
	Deployment string
	Members    []string
}

// matrix is what became of every kind of call, by product.
type matrix struct {
	Products []string
	Rows     []matrixRow
}

type matrixRow struct {
	Kind  string
	Cells []report.Reached
}

func viewOf(r report.Report) view {
	v := view{Report: r, Passed: r.Pass(), Verdict: sentence(r), Timeline: timelineOf(r.Azure), Reach: reachOf(r)}
	for _, d := range r.Drills {
		p := promise{d, figuresOf(d)}
		v.Promises = append(v.Promises, p)
		if !d.Pass {
			v.Failing = append(v.Failing, p)
		}
	}
	v.Facts = factsOf(r)
	v.Answers, _ = measuredAs[[]report.Query](r, "questions", "answers")
	v.Courses = coursesOf(r)
	if a := r.Architecture; a != nil {
		states := statesOf(r)
		d := drawingOf(*a, badges(r.Failed()), states)
		v.Drawing, v.Deployed = &d, deployedIn(r)
		v.Regions, v.Callers, v.Pools = regionRows(*a, states), callerRows(*a), poolRows(*a)
	}
	return v
}

// sentence is the verdict as a person says it.
func sentence(r report.Report) string {
	failed := len(r.Failed())
	switch {
	case r.Error != "":
		return "The rehearsal broke off"
	case failed == 0 && len(r.Drills) == 0:
		return "Deployed and destroyed; no promise was tried"
	case failed == 0:
		return fmt.Sprintf("All %s hold", words.Count(len(r.Drills), "promise"))
	case failed == 1:
		return fmt.Sprintf("1 of %s is broken", words.Count(len(r.Drills), "promise"))
	}
	return fmt.Sprintf("%d of %s are broken", failed, words.Count(len(r.Drills), "promise"))
}

func factsOf(r report.Report) []figure {
	facts := []figure{
		{"promises kept", fmt.Sprintf("%d of %d", len(r.Drills)-len(r.Failed()), len(r.Drills))},
		{"resources created", words.Thousands(r.Resources.Created)},
	}
	if r.Azure != nil {
		facts = append(facts, figure{"first deployment on Azure", fmt.Sprintf("about %.0f minutes, modelled", r.Azure.CriticalPathMinutes)})
	}
	if cost, ok := measuredAs[float64](r, "chargeback", "cost"); ok {
		facts = append(facts, figure{"tokens of the rehearsal's known traffic", fmt.Sprintf("%.4f US dollars at list prices", cost)})
	}
	return append(facts, figure{"the rehearsal took", fmt.Sprintf("%.0f s", r.Seconds.Build+r.Seconds.Preview+r.Seconds.Up+r.Seconds.Drills+r.Seconds.Destroy)})
}

// deployedIn is what is deployed, in a sentence.
func deployedIn(r report.Report) string {
	a := r.Architecture
	names, _ := regionsOf(*a)
	text := fmt.Sprintf("%s of Azure OpenAI in %s (%s) behind one API Management gateway (%s, %s, %s)",
		words.Count(len(a.Accounts), "account"), words.Count(len(names), "region"), strings.Join(names, ", "), a.Gateway.SKU,
		words.Count(a.Gateway.Units, "unit"), a.Gateway.Region)
	if a.Network != nil {
		text += ", in a virtual network of its own (" + a.Network.AddressSpace + ")"
	}
	return text + fmt.Sprintf(". %s on %s.", words.Count(len(a.Teams), "team"), words.Count(len(a.Products), "product"))
}

// statesOf is how every region stands: a failed operation on an account, or calls that nobody answered while the region was out, break it.
func statesOf(r report.Report) map[string]regionState {
	states := map[string]regionState{}
	lost, _ := measuredAs[map[string]report.RegionLost](r, "failover", "regions")
	failed := failedAccounts(r)
	names, accounts := regionsOf(*r.Architecture)
	for _, name := range names {
		state := regionState{Text: "Its loss was not tried."}
		if l, ok := lost[name]; ok {
			state.Text = fmt.Sprintf("Lost %s: %d of %s answered by the others.", words.Count(l.Losses, "time"), l.Answered, words.Count(l.Calls, "call"))
			if l.Alone > 0 {
				state.Text += fmt.Sprintf(" %s had no other region.", words.Count(l.Alone, "call"))
			}
			if l.Answered < l.Calls {
				state.Broken, state.Short = true, fmt.Sprintf("%s failed", words.Count(l.Calls-l.Answered, "call"))
			}
		}
		for _, account := range accounts[name] {
			if failed[account.Name] {
				state = regionState{true, "not deployed", fmt.Sprintf("Account %s was not deployed.", account.Name)}
			}
		}
		states[name] = state
	}
	return states
}

// failedAccounts are the accounts with an operation that failed.
func failedAccounts(r report.Report) map[string]bool {
	failed := map[string]bool{}
	if r.Azure == nil {
		return failed
	}
	for _, o := range r.Azure.Operations {
		for _, a := range r.Architecture.Accounts {
			if o.Failed && (o.Name == "account-"+a.Name || strings.HasPrefix(o.Name, "account-"+a.Name+"-")) {
				failed[a.Name] = true
			}
		}
	}
	return failed
}

func regionRows(a report.Architecture, states map[string]regionState) []regionRow {
	names, accounts := regionsOf(a)
	rows := make([]regionRow, len(names))
	for i, name := range names {
		rows[i] = regionRow{name, accounts[name], states[name]}
	}
	return rows
}

func callerRows(a report.Architecture) []callerRow {
	rows := make([]callerRow, len(a.Products))
	for i, p := range a.Products {
		rows[i] = callerRow{Product: p, SignIn: signIn(p.Authentication), Limits: limitsOf(p)}
		for _, t := range a.Teams {
			if slices.Contains(t.Products, p.Name) {
				rows[i].Teams = append(rows[i].Teams, t.Title)
			}
		}
	}
	return rows
}

func poolRows(a report.Architecture) []poolRow {
	regions := map[string]string{}
	for _, account := range a.Accounts {
		regions[account.Name] = account.Region
	}
	rows := make([]poolRow, len(a.Pools))
	for i, p := range a.Pools {
		rows[i].Deployment = p.Deployment
		for _, m := range p.Members {
			rows[i].Members = append(rows[i].Members, fmt.Sprintf("%s in %s: priority %d, weight %d", m.Account, regions[m.Account], m.Priority, m.Weight))
		}
	}
	return rows
}

// coursesOf are the courses that drills measured.
func coursesOf(r report.Report) []course {
	var all []course
	for _, known := range []struct{ drill, path, title, text string }{
		{"failover", "", "A region is lost", "A steady load while the region that is called first is lost and comes back."},
		{"overload", "ours", "Overload", "Twice of what all accounts can serve together."},
	} {
		path := []string{known.path, "course"}
		if known.path == "" {
			path = path[1:]
		}
		if c, ok := measuredAs[report.Course](r, known.drill, path...); ok && len(c.Offered) > 0 {
			all = append(all, course{known.title, known.text, known.drill, chartsOf(c)})
		}
	}
	return all
}

func reachOf(r report.Report) *matrix {
	measured, ok := measuredAs[map[string]map[string]report.Reached](r, "reach", "matrix")
	if !ok || len(measured) == 0 {
		return nil
	}
	m := &matrix{Products: slices.Sorted(maps.Keys(measured))}
	kinds := map[string]bool{}
	for _, ends := range measured {
		for kind := range ends {
			kinds[kind] = true
		}
	}
	for _, kind := range slices.Sorted(maps.Keys(kinds)) {
		row := matrixRow{Kind: kind}
		for _, product := range m.Products {
			row.Cells = append(row.Cells, measured[product][kind])
		}
		m.Rows = append(m.Rows, row)
	}
	return m
}
