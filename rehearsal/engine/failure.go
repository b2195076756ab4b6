package engine

import (
	"errors"
	"fmt"
	"regexp"
	"sort"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/urn"
)

// Diagnostic is something that the engine, the provider or the program reported, about one resource or about none.
type Diagnostic struct {
	// URN, Type and Name identify the resource; all are empty when the message is about the operation as a whole.
	URN, Type, Name string
	// Severity is warning or error.
	Severity string
	// Message is the reporter's own text, without the engine's decoration.
	Message string
}

// String is the diagnostic as a line: which resource, what is wrong.
func (d Diagnostic) String() string {
	if d.Name == "" {
		return d.Message
	}
	return fmt.Sprintf("%s (%s): %s", d.Name, d.Type, d.Message)
}

// Failure is the error of a failed operation: per resource what went wrong; errors.As finds it.
type Failure struct {
	// Operation is preview, up, refresh or destroy.
	Operation string
	// Diagnostics are the errors, those about resources first, each once.
	Diagnostics []Diagnostic
	cause       error
}

// Error lists the diagnostics, one to a line.
func (f *Failure) Error() string {
	if len(f.Diagnostics) == 0 {
		return fmt.Sprintf("%s: %v", f.Operation, f.cause)
	}
	lines := make([]string, len(f.Diagnostics))
	for i, d := range f.Diagnostics {
		lines[i] = d.String()
	}
	if len(lines) == 1 {
		return f.Operation + ": " + lines[0]
	}
	return f.Operation + ":\n  " + strings.Join(lines, "\n  ")
}

// Unwrap returns what made the operation end, for example context.Canceled.
func (f *Failure) Unwrap() error { return f.cause }

// newFailure selects the diagnostics that explain a failure: a message about a resource once, and messages about the whole only
// when no resource explains the failure.
func newFailure(operation string, cause error, c *collector) *Failure {
	f := &Failure{Operation: operation, cause: cause}
	seen := map[string]bool{}
	var general []Diagnostic
	add := func(list *[]Diagnostic, d Diagnostic) {
		key := d.URN + "\x00" + d.Message
		if !seen[key] {
			seen[key] = true
			*list = append(*list, d)
		}
	}
	explained := map[string]bool{}
	for _, d := range c.diagnostics {
		d.Message = tidy(d.Message)
		switch {
		case d.Message == "" || noise.MatchString(d.Message):
		case d.Name == "":
			add(&general, d)
		default:
			add(&f.Diagnostics, d)
			explained[d.URN] = true
		}
	}
	for _, d := range c.failed {
		if !explained[d.URN] {
			d.Message = "failed, and the engine gives no reason"
			add(&f.Diagnostics, d)
		}
	}
	sort.SliceStable(f.Diagnostics, func(i, j int) bool { return f.Diagnostics[i].URN < f.Diagnostics[j].URN })
	f.Diagnostics = append(f.Diagnostics, general...)
	return f
}

var (
	// colour matches the engine's colour marks, <{%fg 1%}> and the like.
	colour = regexp.MustCompile(`<\{%[^%]*%\}>`)
	// noise is what the engine adds to every failure.
	noise = regexp.MustCompile(`^(preview|update|refresh|destroy|resource operation) failed$|^update canceled$|^preview canceled$`)
	// decoration is what the engine puts before a provider's message.
	decoration = regexp.MustCompile(`^(?:error: )?(?:[\w:/.@-]+ resource '[^']*' has a problem: |an unhandled error occurred: |(?:\d+ errors? occurred:\s*\*\s*))`)
	// item separates the errors of a list.
	item = regexp.MustCompile(`\n\s*\* `)
)

// reason finds what the CLI itself complained about in the Automation API's error, which is a report of its whole output; without
// a complaint, its first line.
func reason(err error) error {
	_, printed, _ := strings.Cut(err.Error(), "\nstderr:")
	_, complaint, found := strings.Cut(printed, "error: ")
	complaint = strings.TrimSpace(plain(complaint))
	if !found || complaint == "" || noise.MatchString(complaint) {
		return firstLine(err)
	}
	return errors.New(complaint)
}

func plain(s string) string { return colour.ReplaceAllString(s, "") }

// tidy strips the engine's decoration from a message; the errors of a list become its lines.
func tidy(message string) string {
	message = strings.TrimSpace(message)
	for {
		stripped := strings.TrimSpace(decoration.ReplaceAllString(message, ""))
		if stripped == message {
			return item.ReplaceAllString(message, "\n")
		}
		message = stripped
	}
}

// split returns the type and the name in a URN. Messages about the stack are messages about the whole operation.
func split(u string) (typ, name string) {
	parsed, err := urn.Parse(u)
	if err != nil || parsed.Type() == "pulumi:pulumi:Stack" {
		return "", ""
	}
	return string(parsed.Type()), parsed.Name()
}
