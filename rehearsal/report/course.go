package report

import "time"

// Course is what happened to a steady load over modelled time, in steps of equal length. All lists have one number for each step.
type Course struct {
	StepSeconds int `json:"stepSeconds"`
	// Offered are calls that were made; each is then Served, Refused (429) or Failed.
	Offered []int `json:"offered"`
	Served  []int `json:"served"`
	Refused []int `json:"refused"`
	Failed  []int `json:"failed"`
	// Attempts are the calls that accounts got, by region.
	Attempts map[string][]int `json:"attempts"`
	// Events are what was done meanwhile, the first one first.
	Events []CourseEvent `json:"events"`
}

// CourseEvent is something that was done at a moment.
type CourseEvent struct {
	AtSeconds int    `json:"atSeconds"`
	Text      string `json:"text"`
}

// NewCourse is a course of so many steps in which nothing has happened.
func NewCourse(steps int, step time.Duration, regions []string) *Course {
	c := &Course{
		StepSeconds: int(step.Seconds()),
		Offered:     make([]int, steps), Served: make([]int, steps), Refused: make([]int, steps), Failed: make([]int, steps),
		Attempts: map[string][]int{}, Events: []CourseEvent{},
	}
	for _, region := range regions {
		c.Attempts[region] = make([]int, steps)
	}
	return c
}

// RegionLost is what came of the losses of one region.
type RegionLost struct {
	// Losses counts how often it was lost, each time in another way or for another deployment.
	Losses int `json:"losses"`
	// Calls were made while it was lost.
	Calls    int `json:"calls"`
	Answered int `json:"answered"`
	// Alone counts the calls to deployments that no other region has: nobody can answer those.
	Alone int `json:"alone"`
}

// Reached is what became of a call that would take text out of the company.
type Reached string

// The ends of such a call.
const (
	// ReachRefused is a call that was refused and that no account saw.
	ReachRefused Reached = "refused"
	// ReachAllowed is a call that the product's settings allow; it is not tried.
	ReachAllowed Reached = "allowed"
	// ReachPassed is a call that should have been refused and was not.
	ReachPassed Reached = "passed"
)

// Query is what one of the project's queries answered.
type Query struct {
	Name  string `json:"name"`
	Title string `json:"title"`
	// Columns and Rows are as a person reads them; long texts are cut.
	Columns []string   `json:"columns"`
	Rows    [][]string `json:"rows"`
	// Total is how many rows there are: Rows has the first of them.
	Total int `json:"total"`
}
