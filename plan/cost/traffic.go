package cost

import (
	_ "embed"
	"fmt"
	"maps"
	"os"
	"slices"

	"enterprise-openai/internal/jsonpath"
	"enterprise-openai/internal/problem"
	"enterprise-openai/internal/strict"
	"enterprise-openai/internal/words"
)

//go:embed traffic.yaml
var trafficFile []byte

// bytesPerToken is the size of a token of English text, with what JSON adds to it left out.
const bytesPerToken = 4

// Traffic is what a file says about calls.
type Traffic struct {
	file  string
	text  trafficText
	lines *strict.Lines
}

// trafficText is the file. What an entry leaves out is as in each, and what that leaves out as in the file that comes with this package.
type trafficText struct {
	Each   *entry             `yaml:"each"`
	Calls  []entry            `yaml:"calls"`
	Logged map[string]float64 `yaml:"logged"`
}

// entry is calls of a deployment.
type entry struct {
	Deployment    string             `yaml:"deployment"`
	Product       string             `yaml:"product"`
	CallsPerDay   *float64           `yaml:"callsPerDay"`
	PromptTokens  *float64           `yaml:"promptTokens"`
	AnswerTokens  *float64           `yaml:"answerTokens"`
	CachedShare   *float64           `yaml:"cachedShare"`
	OverflowShare *float64           `yaml:"overflowShare"`
	Logged        map[string]float64 `yaml:"logged"`
}

// Assumed are the calls that a report is about.
type Assumed struct {
	// File is where they are written; empty for those that nobody chose.
	File  string  `json:"file"`
	Calls []Calls `json:"calls"`
}

// Calls are the calls of a deployment, or of one product's callers to it.
type Calls struct {
	Deployment string `json:"deployment"`
	// Product is empty for calls of all products.
	Product      string  `json:"product"`
	CallsPerDay  float64 `json:"callsPerDay"`
	PromptTokens float64 `json:"promptTokens"`
	AnswerTokens float64 `json:"answerTokens"`
	// CachedShare is the part of a prompt that accounts have cached.
	CachedShare float64 `json:"cachedShare"`
	// OverflowShare is the part of the calls that the second choice of accounts takes, because the first is at its limit.
	OverflowShare float64 `json:"overflowShare"`
	// Logged are the bytes that a call leaves in each table.
	Logged map[string]float64 `json:"logged"`
}

// month is the number of calls in a month.
func (c Calls) month() float64 { return c.CallsPerDay * daysPerMonth }

// DefaultTraffic is what is assumed where no file says otherwise.
func DefaultTraffic() (*Traffic, error) {
	t, err := ParseTraffic("traffic.yaml", trafficFile)
	if err != nil {
		return nil, err
	}
	t.file = ""
	return t, nil
}

// ReadTraffic reads a file.
func ReadTraffic(file string) (*Traffic, error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("traffic: %w", err)
	}
	return ParseTraffic(file, content)
}

// ParseTraffic reads the content of a file strictly, and reports everything that is wrong with it at once.
func ParseTraffic(file string, content []byte) (*Traffic, error) {
	t := &Traffic{file: file}
	var err error
	if t.lines, err = decode(file, content, &t.text); err != nil {
		return nil, err
	}
	return t, problem.Join(t.problems())
}

// problems are values that no traffic can have.
func (t *Traffic) problems() []problem.Problem {
	var found []problem.Problem
	if t.text.Each != nil {
		if t.text.Each.Deployment != "" || t.text.Each.Product != "" {
			found = append(found, t.problem("is what every deployment gets, so that it names none", "write an entry of calls", "each"))
		}
		found = append(found, t.values(*t.text.Each, "each")...)
	}
	seen := map[[2]string]bool{}
	for i, e := range t.text.Calls {
		if e.Deployment == "" {
			found = append(found, t.problem("names no deployment", "add deployment: and its name", "calls", i))
		}
		if key := [2]string{e.Deployment, e.Product}; seen[key] {
			found = append(found, t.problem("is there twice", "add the calls up in one entry", "calls", i))
		} else {
			seen[key] = true
		}
		found = append(found, t.values(e, "calls", i)...)
	}
	return append(found, t.bytes(t.text.Logged, "logged")...)
}

// values are the numbers of an entry that make no sense.
func (t *Traffic) values(e entry, path ...any) []problem.Problem {
	var found []problem.Problem
	for key, value := range e.numbers() {
		switch at := append(slices.Clone(path), key); {
		case *value == nil:
		case **value < 0:
			found = append(found, t.problem("is below zero", "write 0 for none", at...))
		case (key == "cachedShare" || key == "overflowShare") && **value > 1:
			found = append(found, t.problem(fmt.Sprintf("is %v, and a share is at most 1", **value), "write 0.3 for 30 %", at...))
		}
	}
	return append(found, t.bytes(e.Logged, append(slices.Clone(path), "logged")...)...)
}

func (t *Traffic) bytes(logged map[string]float64, path ...any) []problem.Problem {
	var found []problem.Problem
	for table, bytes := range logged {
		if bytes < 0 {
			found = append(found, t.problem("is below zero", "write 0 for none", append(slices.Clone(path), table)...))
		}
	}
	return found
}

// numbers are an entry's numbers by their keys.
func (e *entry) numbers() map[string]**float64 {
	return map[string]**float64{
		"callsPerDay": &e.CallsPerDay, "promptTokens": &e.PromptTokens, "answerTokens": &e.AnswerTokens,
		"cachedShare": &e.CachedShare, "overflowShare": &e.OverflowShare,
	}
}

// or fills what an entry leaves out from another.
func or(e, other entry) entry {
	theirs := other.numbers()
	for key, value := range e.numbers() {
		if *value == nil {
			*value = *theirs[key]
		}
	}
	return e
}

func (t *Traffic) problem(message, hint string, path ...any) problem.Problem {
	return problem.Problem{Where: problem.Place{File: t.file, Line: t.lines.Of(path...)}, Path: written(path), Message: message, Hint: hint}
}

// missing is a name in an entry that the plan does not have.
func (t *Traffic) missing(key, name string, names []string, i int) problem.Problem {
	return t.problem(fmt.Sprintf("the plan has no %s %q", key, name), words.Suggest(name, names), "calls", i, key)
}

// assume applies the file to a plan. Deployments that a file with calls does not name have none, unless it says what each has.
func (t *Traffic) assume(d *declared) (Assumed, error) {
	standard, err := DefaultTraffic()
	if err != nil {
		return Assumed{}, err
	}
	names, products := d.texts(deployments, "deploymentName"), d.texts("Microsoft.ApiManagement/service/products", "productId")
	each, rest := *standard.text.Each, t.text.Each != nil || len(t.text.Calls) == 0
	if t.text.Each != nil {
		each = or(*t.text.Each, each)
	}
	logged := merged(standard.text.Logged, t.text.Logged)
	a := Assumed{File: t.file, Calls: []Calls{}}
	var problems []problem.Problem
	called := map[string]bool{}
	for i, e := range t.text.Calls {
		if !slices.Contains(names, e.Deployment) {
			problems = append(problems, t.missing("deployment", e.Deployment, names, i))
		}
		if e.Product != "" && !slices.Contains(products, e.Product) {
			problems = append(problems, t.missing("product", e.Product, products, i))
		}
		called[e.Deployment] = true
		filled := or(e, each)
		a.Calls = append(a.Calls, filled.calls(e.Deployment, merged(merged(logged, each.Logged), e.Logged)))
	}
	if len(problems) > 0 {
		return Assumed{}, problem.Join(problems)
	}
	for _, name := range names {
		if !called[name] && rest {
			a.Calls = append(a.Calls, each.calls(name, merged(logged, each.Logged)))
		}
	}
	return a, nil
}

func (e *entry) calls(deployment string, logged map[string]float64) Calls {
	return Calls{
		Deployment: deployment, Product: e.Product, CallsPerDay: *e.CallsPerDay, PromptTokens: *e.PromptTokens, AnswerTokens: *e.AnswerTokens,
		CachedShare: *e.CachedShare, OverflowShare: *e.OverflowShare, Logged: logged,
	}
}

// texts are the different values of an input of a type's resources, sorted.
func (d *declared) texts(kind, input string) []string {
	var all []string
	for _, r := range d.of(kind) {
		if value := jsonpath.Text(r.values, input); value != "" {
			all = append(all, value)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func merged(first, second map[string]float64) map[string]float64 {
	all := maps.Clone(first)
	if all == nil {
		all = map[string]float64{}
	}
	maps.Copy(all, second)
	return all
}

// logged are the bytes of a month by table.
func (a Assumed) logged() map[string]float64 {
	sum := map[string]float64{}
	for _, c := range a.Calls {
		for table, bytes := range c.Logged {
			sum[table] += bytes * c.month()
		}
	}
	return sum
}

// transferred are the bytes of a month between gateway and accounts, both ways.
func (a Assumed) transferred() float64 {
	sum := 0.0
	for _, c := range a.Calls {
		sum += c.month() * (c.PromptTokens + c.AnswerTokens) * bytesPerToken
	}
	return sum
}

// events are a month's prompts and answers, each an event of the Event Hub; embeddings, whose answers are not sent, count as any call.
func (a Assumed) events() float64 {
	sum := 0.0
	for _, c := range a.Calls {
		sum += 2 * c.month()
	}
	return sum
}
