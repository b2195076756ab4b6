package promises

import (
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/rehearsal/drills"
)

func TestEveryPromiseHasAProofAndEveryProofAPromise(t *testing.T) {
	list, err := Read()
	require.NoError(t, err)
	var names []string
	for _, d := range drills.All() {
		names = append(names, d.Name)
	}
	assert.NoError(t, list.Check(Repository{Files: os.DirFS(filepath.Join("..", "..")), Drills: names}))
}

// repository has one of each kind of proof.
func repository() Repository {
	return Repository{Drills: []string{"reach"}, Files: fstest.MapFS{
		"policies/fragments/reach.xml":          {},
		"policies/testdata/reach/tools.txtar":   {},
		"policies/testdata/reach/strange.txtar": {},
		"stacks/a_test.go":                      {Data: []byte("package stacks\n\nfunc TestOne(t *testing.T) {}\n")},
	}}
}

const whole = `
chapters:
  - title: One
    promises:
      - id: reach
        text: Nothing is reached.
        kept: [policies/fragments/reach.xml]
        cases: [reach/*]
        drills: [reach]
        tests: [stacks.TestOne]
        controls: [A.8.12]
controls: [{id: A.8.12, title: Data leakage prevention, of: ISO}]
`

func TestWhatIsMissingIsReportedTogether(t *testing.T) {
	const controls = "controls: [{id: A.8.12, title: Data leakage prevention, of: ISO}]\n"
	for name, c := range map[string]struct{ list, want string }{
		"whole":            {whole, ""},
		"no proof":         {"chapters: [{title: One, promises: [{id: a, text: A., kept: [stacks/a_test.go]}]}]\n", "promise a: nothing proves it"},
		"nothing keeps it": {"chapters: [{title: One, promises: [{id: a, text: A., drills: [reach]}]}]\n", "promise a: kept names no file"},
		"files that are not there": {
			"chapters: [{title: One, promises: [{id: a, text: A., kept: [infra/none.go], drills: [reach]}]}]\n", "there is no file infra/none.go",
		},
		"an unknown case":      {"chapters: [{title: One, promises: [{id: a, text: A., cases: [reach/none]}]}]\n", "no policy case is called reach/none"},
		"an unknown drill":     {"chapters: [{title: One, promises: [{id: a, text: A., drills: [none]}]}]\n", "there is no drill none"},
		"an unknown test":      {"chapters: [{title: One, promises: [{id: a, text: A., tests: [stacks.TestTwo]}]}]\n", "there is no test stacks.TestTwo"},
		"a test of no package": {"chapters: [{title: One, promises: [{id: a, text: A., tests: [TestOne]}]}]\n", "there is no test TestOne"},
		"an unknown control": {
			"chapters: [{title: One, promises: [{id: a, text: A., controls: [A.1]}]}]\n", "the list of controls has no A.1",
		},
		"an unused control":       {controls, "no promise is evidence for the control A.8.12"},
		"a case of no promise":    {controls, "no promise names the policy case reach/strange"},
		"a drill of no promise":   {controls, "no promise names the drill reach"},
		"a fragment of none":      {controls, "no promise names the fragment policies/fragments/reach.xml"},
		"two with one id":         {"chapters: [{title: One, promises: [{id: a, text: A.}, {id: a, text: B.}]}]\n", "two promises have the id a"},
		"a promise without words": {"chapters: [{title: One, promises: [{id: a}]}]\n", `a promise needs an id and a text: id "a", text ""`},
	} {
		list, err := parse([]byte(c.list))
		require.NoError(t, err, name)
		err = list.Check(repository())
		if c.want == "" {
			assert.NoError(t, err, name)
			continue
		}
		assert.ErrorContains(t, err, c.want, name)
	}
}

func TestAMisspeltKeyOfTheListIsAnError(t *testing.T) {
	_, err := parse([]byte("chapter: []\n"))
	assert.ErrorContains(t, err, "promises.yaml: ")
	assert.ErrorContains(t, err, "field chapter not found")
}
