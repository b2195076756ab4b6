package drills

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/internal/azure/apim"
	deployed "enterprise-openai/internal/azure/dataplane/dataplanetest"
	"enterprise-openai/rehearsal/report"
	"enterprise-openai/stacks"
)

func TestEveryCallOfACourseEndsInOneOfThreeWays(t *testing.T) {
	c := report.NewCourse(2, time.Second, nil)
	for _, status := range []int{200, 200, 429, 503, -1, 404} {
		countCall(c, 1, answer{status: status})
	}
	assert.Equal(t, []int{0, 6}, c.Offered)
	assert.Equal(t, []int{0, 2}, c.Served)
	assert.Equal(t, []int{0, 1}, c.Refused)
	assert.Equal(t, []int{0, 3}, c.Failed)
}

func TestAttemptsOfACourseAreCountedByTheRegionThatGotThem(t *testing.T) {
	g := &sandbox{records: &records{}}
	regions := map[string]string{"a.openai.azure.com": "swedencentral", "b.openai.azure.com": "francecentral"}
	c := report.NewCourse(3, time.Second, []string{"swedencentral", "francecentral"})
	attempts := func(urls ...string) *apim.CallRecord {
		r := &apim.CallRecord{}
		for _, u := range urls {
			r.Attempts = append(r.Attempts, apim.Attempt{URL: u})
		}
		return r
	}
	g.records.Record(attempts("https://a.openai.azure.com/openai/v1/responses", "https://b.openai.azure.com:443/x"))
	g.records.Record(attempts("https://b.openai.azure.com/", "https://elsewhere.example.com/", "://"))
	assert.Equal(t, 5, g.countAttempts(c, 1, regions), "those of no region count as attempts too")
	assert.Equal(t, map[string][]int{"swedencentral": {0, 1, 0}, "francecentral": {0, 2, 0}}, c.Attempts)
	assert.Zero(t, g.countAttempts(c, 2, regions), "records are counted once")
}

func TestTheCourseOfAFailoverIsJudgedByItsCallersAndByTheReturn(t *testing.T) {
	const lost, other = "swedencentral", "francecentral"
	course := func(change func(*report.Course)) *report.Course {
		c := report.NewCourse(courseSteps, courseStep, []string{lost, other})
		for step := range courseSteps {
			c.Offered[step], c.Served[step], c.Attempts[lost][step] = courseCalls, courseCalls, courseCalls
		}
		if change != nil {
			change(c)
		}
		return c
	}
	for name, c := range map[string]struct {
		change func(*report.Course)
		want   []string
	}{
		"nobody noticed": {nil, nil},
		"calls that failed or were refused": {func(c *report.Course) { c.Failed[courseLost], c.Refused[courseBack] = 2, 1 },
			[]string{"3 of 120 calls to gpt-4o were not answered while swedencentral was lost and came back, although other regions are well"}},
		"a region that is never called again": {func(c *report.Course) {
			for step := courseLost; step < courseSteps; step++ {
				c.Attempts[lost][step] = 0
			}
		}, []string{"swedencentral got no call to gpt-4o in the second minute after it came back"}},
		"a region that is called again in time": {func(c *report.Course) {
			for step := courseLost; step < courseSteps-1; step++ {
				c.Attempts[lost][step] = 0
			}
		}, nil},
		"a region that was called in the first minute alone": {func(c *report.Course) {
			for step := courseSteps - 4; step < courseSteps; step++ {
				c.Attempts[lost][step] = 0
			}
		}, []string{"swedencentral got no call to gpt-4o in the second minute after it came back"}},
	} {
		f := &findings{}
		judgeCourse(f, course(c.change), "gpt-4o", lost)
		assert.Equal(t, c.want, f.all(), name)
	}
}

// brokenBreakers changes the rule of every circuit breaker.
func brokenBreakers(change func(rule map[string]any)) func(*deployed.Site) {
	return func(s *deployed.Site) {
		for _, b := range s.Resources(backendType) {
			p := properties(b.Body)
			if breaker, ok := p["circuitBreaker"].(map[string]any); ok {
				change(breaker["rules"].([]any)[0].(map[string]any))
				s.Put(b.ID, map[string]any{"properties": p})
			}
		}
	}
}

func TestTheCourseOfAFailoverSaysWhatIsBroken(t *testing.T) {
	for name, c := range map[string]struct {
		options []deployed.Option
		then    func(*deployed.Site)
		says    string
	}{
		"as deployed": {nil, nil, ""},
		"a status that is not retried": {[]deployed.Option{replaced("failover", "500, 502, 503, 504", "500, 502, 504")}, nil,
			"calls to gpt-4o were not answered while swedencentral was lost and came back, although other regions are well"},
		"a breaker that stays open for an hour": {nil, brokenBreakers(func(rule map[string]any) { rule["tripDuration"] = "PT1H" }),
			"swedencentral got no call to gpt-4o in the second minute after it came back"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := deployed.New(t, c.options...)
			if c.then != nil {
				c.then(d)
			}
			f := &findings{}
			course, err := failoverCourse(t.Context(), siteOf(t, d), f)
			require.NoError(t, err)
			assert.Equal(t, []report.CourseEvent{
				{AtSeconds: 120, Text: "swedencentral is lost: it answers 503"}, {AtSeconds: 240, Text: "swedencentral is back"},
			}, course.Events)
			if c.says != "" {
				assert.Contains(t, joined(f.all()), c.says)
				return
			}
			assert.Empty(t, f.all())
			for step := range courseSteps {
				assert.Equal(t, courseCalls, course.Offered[step], step)
				assert.Equal(t, courseCalls, course.Served[step], step)
			}
			assert.Equal(t, courseCalls, course.Attempts["swedencentral"][0])
			assert.Zero(t, course.Attempts["francecentral"][0], "the second priority is not called while the first one is well")
			assert.GreaterOrEqual(t, course.Attempts["francecentral"][courseLost+1], courseCalls)
		})
	}
}

func TestThereIsNoCourseWhereNobodyElseCouldAnswer(t *testing.T) {
	d := deployed.New(t)
	d.Settings.Accounts = d.Settings.Accounts[:1]
	f := &findings{}
	course, err := failoverCourse(t.Context(), siteOf(t, d), f)
	require.NoError(t, err)
	assert.Nil(t, course)
	d.Settings.Products = []stacks.Product{}
	course, err = failoverCourse(t.Context(), siteOf(t, d), f)
	require.NoError(t, err)
	assert.Nil(t, course, "nobody could call it")
	assert.Empty(t, f.all())
}
