package drills

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// tried runs a drill and gives its measurements by their type; nil when it measured nothing.
func tried[M any](t testing.TB, d Drill, env *Env) (measured *M, failures []string) {
	t.Helper()
	o := d.Run(context.Background(), env)
	if o.Measured == nil {
		return nil, o.Failures
	}
	measured, ok := o.Measured.(*M)
	require.True(t, ok, "%s measured %T", d.Name, o.Measured)
	return measured, o.Failures
}

// failuresOf are those of a drill on what was deployed.
func failuresOf(t testing.TB, name string, env *Env) []string {
	t.Helper()
	return byName(t, name).Run(context.Background(), env).Failures
}

type oneMeasured struct {
	Calls int `json:"calls"`
}

// counting is a drill that ends as the function does, and notes whether its setup was ended.
func counting(ended *bool, try func(f *findings) (*oneMeasured, error)) Drill {
	prepare := func(context.Context, *Env) (int, func() error, error) {
		return 1, func() error { *ended = true; return nil }, nil
	}
	return Drill{Name: "one", Work: with(prepare, func(_ context.Context, _ int, f *findings) (*oneMeasured, error) { return try(f) })}
}

func TestADrillEndsItsSetupWhateverComesOfIt(t *testing.T) {
	for name, try := range map[string]func(*findings) (*oneMeasured, error){
		"it passes":                   func(*findings) (*oneMeasured, error) { return &oneMeasured{1}, nil },
		"it fails":                    func(f *findings) (*oneMeasured, error) { f.add("no"); return nil, nil },
		"it could not be carried out": func(*findings) (*oneMeasured, error) { return nil, errors.New("no account") },
		"it panics":                   func(f *findings) (*oneMeasured, error) { return []*oneMeasured{}[len(f.list)], nil },
	} {
		ended := false
		counting(&ended, try).Run(t.Context(), &Env{})
		assert.True(t, ended, name)
	}
}

func TestADrillThatCouldNotBeCarriedOutFailsWithWhatItMeasured(t *testing.T) {
	var ended bool
	d := counting(&ended, func(f *findings) (*oneMeasured, error) {
		f.add("the first call failed")
		return &oneMeasured{3}, errors.New("the account is gone")
	})
	o := d.Run(t.Context(), &Env{})
	assert.Equal(t, []string{"the drill could not be carried out: the account is gone", "the first call failed"}, o.Failures)
	assert.Equal(t, &oneMeasured{3}, o.Measured)
}

func TestADrillThatPanicsFailsWithItsFindings(t *testing.T) {
	var ended bool
	d := counting(&ended, func(f *findings) (*oneMeasured, error) {
		f.add("the first call failed")
		var list []int
		return &oneMeasured{list[2]}, nil
	})
	o := d.Run(t.Context(), &Env{})
	require.Len(t, o.Failures, 2)
	assert.Equal(t, "the first call failed", o.Failures[0])
	assert.Contains(t, o.Failures[1], "the drill panicked: runtime error: index out of range")
	assert.Nil(t, o.Measured)
}

func TestADrillThatIsInterruptedDoesNotPass(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var ended bool
	o := counting(&ended, func(*findings) (*oneMeasured, error) { return &oneMeasured{}, nil }).Run(ctx, &Env{})
	assert.Equal(t, []string{"interrupted"}, o.Failures)
}

func TestADrillWhoseSetupCannotBeEndedFails(t *testing.T) {
	prepare := func(context.Context, *Env) (int, func() error, error) {
		return 1, func() error { return errors.New("a folder is left") }, nil
	}
	d := Drill{Work: with(prepare, func(context.Context, int, *findings) (*oneMeasured, error) { return &oneMeasured{1}, nil })}
	assert.Equal(t, []string{"the drill could not be carried out: a folder is left"}, d.Run(t.Context(), &Env{}).Failures)
}

func TestEveryDrillMeasuresAStructWithNamesForTheReport(t *testing.T) {
	for _, d := range All() {
		m := d.Measures()
		require.Equal(t, reflect.Struct, m.Kind(), d.Name)
		for i := range m.NumField() {
			field := m.Field(i)
			tag, _, _ := strings.Cut(field.Tag.Get("json"), ",")
			assert.Regexp(t, `^[a-z][A-Za-z0-9]*$`, tag, "%s: field %s has no name for the report", d.Name, field.Name)
		}
	}
}

// joined are failures as one text.
func joined(failures []string) string { return strings.Join(failures, "\n") }
