package doctor

import (
	_ "embed" // models.yaml
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"enterprise-openai/stacks"

	"enterprise-openai/internal/strict"
)

//go:embed models.yaml
var modelsFile []byte

// Source is a dated page that rows of models.yaml were read from.
type Source struct {
	// Title and Page are Microsoft's.
	Title string `json:"title" yaml:"title"`
	Page  string `json:"page"  yaml:"page"`
	// File is the page's source with the beginning of its commit.
	File string `json:"file" yaml:"file"`
	// Date is the date the source states.
	Date string `json:"date" yaml:"date"`
	// AgeDays is how old that is.
	AgeDays int `json:"ageDays" yaml:"-"`
}

// Retirement is the end of a model's version.
type Retirement struct {
	Model   string `yaml:"model"`
	Version string `yaml:"version"`
	// Stage is Microsoft's word at the date of the source: Preview, GA, Deprecated, Retired.
	Stage string `yaml:"stage"`
	// Retires is the day from which every call fails.
	Retires string `yaml:"retires"`
	// Earliest is true if no retirement is scheduled, and Retires is the first day on which one may be.
	Earliest bool `yaml:"earliest"`
	// Replacement is the model that Microsoft names; often none.
	Replacement string `yaml:"replacement"`
}

// day is the day of a date in models.yaml, which Known has parsed before.
func day(text string) time.Time {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return time.Time{}
	}
	return t
}

// Units is what a provisioned unit serves of a model.
type Units struct {
	Source string   `yaml:"source"`
	Models []string `yaml:"models"`
	// Tokens is input tokens per minute and unit.
	Tokens int `yaml:"tokens"`
	// Zone are the sizes of global and data zone deployments, Region those of ProvisionedManaged.
	Zone   Sizes `yaml:"zone"`
	Region Sizes `yaml:"region"`
}

// Sizes are the sizes a provisioned deployment may have, in units.
type Sizes struct {
	Least int `yaml:"least"`
	Step  int `yaml:"step"`
}

type offer struct {
	Source string   `yaml:"source"`
	Type   string   `yaml:"type"`
	Models []string `yaml:"models"`
	In     []string `yaml:"in"`
	// Partial rows name some of the regions that have the models; of the others they know nothing.
	Partial bool `yaml:"partial"`
}

// Knowledge is models.yaml.
type Knowledge struct {
	Sources     map[string]Source `yaml:"sources"`
	Retirements struct {
		Source string       `yaml:"source"`
		Rows   []Retirement `yaml:"rows"`
	} `yaml:"retirements"`
	Regions struct {
		Groups map[string][]string `yaml:"groups"`
		Rows   []offer             `yaml:"rows"`
	} `yaml:"regions"`
	Units []Units `yaml:"units"`
}

// Known reads models.yaml. The error names the row that is wrong.
var Known = sync.OnceValues(func() (*Knowledge, error) { return parseKnowledge(modelsFile) })

func parseKnowledge(text []byte) (*Knowledge, error) {
	k := &Knowledge{}
	if err := strict.YAML(text, k); err != nil {
		return nil, fmt.Errorf("models.yaml: %w", err)
	}
	used := []string{k.Retirements.Source}
	for _, o := range k.Regions.Rows {
		used = append(used, o.Source)
	}
	for _, u := range k.Units {
		used = append(used, u.Source)
	}
	for _, name := range used {
		if _, ok := k.Sources[name]; !ok {
			return nil, fmt.Errorf("models.yaml: no source %q", name) //nolint:err113 // read by people
		}
	}
	for name, s := range k.Sources {
		if _, err := time.Parse(time.DateOnly, s.Date); err != nil {
			return nil, fmt.Errorf("models.yaml: source %s: %w", name, err)
		}
	}
	for _, r := range k.Retirements.Rows {
		if _, err := time.Parse(time.DateOnly, r.Retires); err != nil {
			return nil, fmt.Errorf("models.yaml: %s %s: %w", r.Model, r.Version, err)
		}
	}
	return k, nil
}

// retirement is what is known about the end of a model's version.
func (k *Knowledge) retirement(model, version string) (Retirement, bool) {
	for _, r := range k.Retirements.Rows {
		if strings.EqualFold(r.Model, model) && r.Version == version {
			return r, true
		}
	}
	return Retirement{}, false
}

// Retires is the day from which calls to a version of a model fail; ok is false where no retirement is scheduled.
func (k *Knowledge) Retires(model, version string) (end time.Time, ok bool) {
	r, known := k.retirement(model, version)
	return day(r.Retires), known && !r.Earliest
}

// answer is what the tables of regions say about one deployment.
type answer struct {
	// known is false when the tables do not have the model or the region.
	known bool
	// offered is true when the region had the model as that type.
	offered bool
	// date is the source's.
	date string
	// regions had the model as that type; types are what the region had the model as.
	regions, types []string
}

// offers reports whether a region has a model as a deployment type.
func (k *Knowledge) offers(region, model, version string, kind stacks.DeploymentSKU) answer {
	found := answer{}
	wanted := model + " " + version
	listed := false
	for _, regions := range k.Regions.Groups {
		listed = listed || slices.Contains(regions, region)
	}
	for _, o := range k.Regions.Rows {
		if !slices.ContainsFunc(o.Models, func(m string) bool { return strings.EqualFold(m, wanted) }) {
			continue
		}
		in := k.expand(o.In)
		if slices.Contains(in, region) {
			found.types = append(found.types, o.Type)
		}
		if o.Type == string(kind) {
			found.known = listed && (!o.Partial || slices.Contains(in, region))
			found.date = k.Sources[o.Source].Date
			found.regions = append(found.regions, in...)
			found.offered = found.offered || slices.Contains(in, region)
		}
	}
	return found
}

// Offered is a version of a model as a deployment type in a region.
type Offered struct {
	Region, Model, Version, Type string
	// Retires is the day of its end; empty when nobody knows.
	Retires string
	// Sizes are those of provisioned types.
	Sizes Sizes
}

// All lists what the tables say that regions offer.
func (k *Knowledge) All() []Offered {
	var all []Offered
	for _, o := range k.Regions.Rows {
		for _, name := range o.Models {
			model, version, _ := strings.Cut(name, " ")
			one := Offered{Model: model, Version: version, Type: o.Type}
			if r, known := k.retirement(model, version); known {
				one.Retires = r.Retires
			}
			if units, known := k.units(model); known && strings.HasSuffix(o.Type, "ProvisionedManaged") {
				one.Sizes = units.Zone
				if o.Type == string(stacks.DeploymentProvisioned) {
					one.Sizes = units.Region
				}
			}
			for _, one.Region = range k.expand(o.In) {
				all = append(all, one)
			}
		}
	}
	return all
}

// expand replaces the names of groups by their regions.
func (k *Knowledge) expand(names []string) []string {
	var regions []string
	for _, name := range names {
		if group, ok := k.Regions.Groups[name]; ok {
			regions = append(regions, group...)
			continue
		}
		regions = append(regions, name)
	}
	return regions
}

// units is what a provisioned unit serves of a model.
func (k *Knowledge) units(model string) (Units, bool) {
	for _, u := range k.Units {
		if slices.ContainsFunc(u.Models, func(m string) bool { return strings.EqualFold(m, model) }) {
			return u, true
		}
	}
	return Units{}, false
}

// dated lists the sources with their age, the newest first.
func (k *Knowledge) dated(today time.Time) []Source {
	sources := slices.Collect(maps.Values(k.Sources))
	for i := range sources {
		sources[i].AgeDays = int(today.Sub(day(sources[i].Date)).Hours() / 24)
	}
	slices.SortFunc(sources, func(a, b Source) int { return strings.Compare(b.Date+b.Title, a.Date+a.Title) })
	return sources
}
