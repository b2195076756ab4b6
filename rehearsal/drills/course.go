package drills

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"enterprise-openai/internal/azure/accounts"
	"enterprise-openai/rehearsal/report"
)

// countCall books a call's end in a step of a course.
func countCall(c *report.Course, step int, got answer) {
	c.Offered[step]++
	switch got.status {
	case http.StatusOK:
		c.Served[step]++
	case http.StatusTooManyRequests:
		c.Refused[step]++
	default:
		c.Failed[step]++
	}
}

// countAttempts books the attempts of the calls since the last time in a step of a course, by region, and gives their number. Regions are
// those of regionsByHost.
func (g *sandbox) countAttempts(c *report.Course, step int, regions map[string]string) int {
	attempts := 0
	for _, record := range g.records.take() {
		for _, attempt := range record.Attempts {
			attempts++
			u, err := url.Parse(attempt.URL)
			if err != nil {
				continue
			}
			if of := c.Attempts[regions[u.Hostname()]]; of != nil {
				of[step]++
			}
		}
	}
	return attempts
}

// regionsByHost are the accounts' regions by host name.
func (g *sandbox) regionsByHost() map[string]string {
	regions := map[string]string{}
	for _, account := range g.arm.Resources(accountType) {
		if served, ok := g.Models.Account(account.Name); ok {
			regions[served.Host()] = served.Region
		}
	}
	return regions
}

// The course of a failover: a call every three seconds for six minutes, and a region that is lost for the two in the middle.
const (
	courseSteps  = 24
	courseStep   = 15 * time.Second
	courseCalls  = 5 // in each step
	courseLost   = courseSteps / 3
	courseBack   = 2 * courseSteps / 3
	courseTeams  = 5 // so that no team comes near its limits
	courseAnswer = 16
)

// failoverCourse calls a deployment steadily while the region that is called first answers 503 for two minutes. No caller may notice, and
// the region has to be called again afterwards. It gives nil where no deployment has two regions.
func failoverCourse(ctx context.Context, site *Site, f *findings) (_ *report.Course, err error) {
	pool, ok := widestPool(site.Settings)
	if !ok || len(poolRegions(pool)) < 2 {
		return nil, nil
	}
	region := pool.Members[0].Account.Location
	keys := make([]string, courseTeams)
	g, err := site.open(ctx, oneUnit, func(g *sandbox) error {
		for i := range keys {
			var err error
			product := productsOf(site.Settings, pool.Deployment)[0]
			if keys[i], err = g.subscribe(fmt.Sprintf("failover-course-%d", i), "/products/"+product.Name); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, g.Close()) }()
	if err := g.plenty(); err != nil {
		return nil, err
	}
	c, err := g.callerOf(pool.Deployment)
	if err != nil {
		return nil, err
	}
	c.maxTokens = courseAnswer
	regions := g.regionsByHost()
	course := report.NewCourse(courseSteps, courseStep, poolRegions(pool))
	for step := range courseSteps {
		if err := g.courseEvent(course, step, region); err != nil {
			return nil, err
		}
		for i := range courseCalls {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			c.key = keys[i]
			countCall(course, step, g.ask(ctx, c.ask))
			g.countAttempts(course, step, regions)
			g.clock.Advance(courseStep / courseCalls)
		}
	}
	judgeCourse(f, course, pool.Deployment, region)
	return course, nil
}

// courseEvent loses the region when its time has come, and gives it back.
func (g *sandbox) courseEvent(c *report.Course, step int, region string) error {
	event := func(text string) {
		c.Events = append(c.Events, report.CourseEvent{AtSeconds: step * c.StepSeconds, Text: region + text})
	}
	switch step {
	case courseLost:
		event(" is lost: it answers 503")
		return g.Models.Script(accounts.Fault{Kind: accounts.FaultStatus, Status: http.StatusServiceUnavailable, Match: accounts.Match{Region: region}})
	case courseBack:
		event(" is back")
		g.Models.Heal("")
	}
	return nil
}

func judgeCourse(f *findings, c *report.Course, deployment, region string) {
	unserved, calls, returned := 0, 0, 0
	for step := range c.Offered {
		calls += c.Offered[step]
		unserved += c.Refused[step] + c.Failed[step]
		if step >= courseSteps-int(time.Minute/courseStep) {
			returned += c.Attempts[region][step]
		}
	}
	if unserved > 0 {
		f.add("%d of %d calls to %s were not answered while %s was lost and came back, although other regions are well", unserved, calls, deployment, region)
	}
	if returned == 0 {
		f.add("%s got no call to %s in the second minute after it came back", region, deployment)
	}
}
