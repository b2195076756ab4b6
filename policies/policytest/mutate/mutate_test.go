package mutate_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/policies/policytest/mutate"
)

const template = `<!-- <a /> is no element here -->
<fragment>
	<choose>
		<?each product?><when condition="@(context.Product.Id == "$(name)" && !(1 < 2))">
			<set-status code="401" reason="No" />
		</when><?end?>
	</choose>
	<set-variable name="x" value="@{
		// if (this) is a comment
		if (new [] { 408, 500 }.Contains(context.Response.StatusCode)) { return "$(all)" == "if (a)" ? 1 : 0; }
		return 503;
	}" />
</fragment>
`

const rendered = `<!-- <a /> is no element here -->
<fragment>
	<choose>
		<when condition="@(context.Product.Id == "red" && !(1 < 2))">
			<set-status code="401" reason="No" />
		</when><when condition="@(context.Product.Id == "blue" && !(1 < 2))">
			<set-status code="401" reason="No" />
		</when>
	</choose>
	<set-variable name="x" value="@{
		// if (this) is a comment
		if (new [] { 408, 500 }.Contains(context.Response.StatusCode)) { return "red,blue" == "if (a)" ? 1 : 0; }
		return 503;
	}" />
</fragment>
`

func mutants(t *testing.T) map[string]mutate.Mutant {
	t.Helper()
	list, err := mutate.Of("fragments/x.xml", template)
	require.NoError(t, err)
	all := map[string]mutate.Mutant{}
	for _, m := range list {
		all[m.String()] = m
	}
	assert.Len(t, all, len(list), "every mutant of this document has a name of its own")
	return all
}

func TestEveryPlaceOfADocumentIsBrokenOnce(t *testing.T) {
	var names []string
	for name := range mutants(t) {
		names = append(names, name[len("fragments/x.xml:"):])
	}
	const when = `@(context.Product.Id == "$(name)" && !(1 < 2))`
	assert.ElementsMatch(t, []string{
		`3: leave out: <choose> <?each product?><when condition="` + when + `"> <set-status code="401" reason="No" /> </when><?end?> </choose>`,
		`4: leave out: <when condition="` + when + `"> <set-status code="401" reason="No" /> </when>`,
		`4: leave out: condition="` + when + `"`, `4: write @(true): ` + when, `4: write @(false): ` + when,
		`4: write !=: ==`, `4: leave out: && !(1 < 2)`, `4: leave out: context.Product.Id == "$(name)" &&`, `4: write nothing: !`, `4: write >=: <`,
		`5: leave out: <set-status code="401" reason="No" />`, `5: leave out: code="401"`, `5: write 402: 401`, `5: leave out: reason="No"`,
		`8: leave out: <set-variable name="x" value="@{ // if (this) is a comment if (new [] { 408, 500 }.Contains(context.Response.StatusCode)) { return "$(all)" == "if (a)" ? 1 : 0;`,
		`8: leave out: name="x"`,
		`8: leave out: value="@{ // if (this) is a comment if (new [] { 408, 500 }.Contains(context.Response.StatusCode)) { return "$(all)" == "if (a)" ? 1 : 0; } return 503; }"`,
		`10: write true: new [] { 408, 500 }.Contains(context.Response.StatusCode)`, `10: write false: new [] { 408, 500 }.Contains(context.Response.StatusCode)`,
		`10: leave out: 408,`, `10: leave out: , 500`, `10: write !=: ==`,
		`10: write true: "$(all)" == "if (a)"`, `10: write false: "$(all)" == "if (a)"`,
		`11: write 504: 503`,
	}, names)
}

func TestAChangeIsMadeInEveryCopyOfARepeatedBlock(t *testing.T) {
	all := mutants(t)
	for name, want := range map[string][]string{
		`fragments/x.xml:5: write 402: 401`:         {`code="402" reason="No" />` + "\n\t\t</when><when", `code="402" reason="No" />` + "\n\t\t</when>\n"},
		`fragments/x.xml:4: leave out: && !(1 < 2)`: {`"red" )">`, `"blue" )">`},
		`fragments/x.xml:10: write !=: ==`:          {`"red,blue" != "if (a)"`},
		`fragments/x.xml:10: leave out: 408,`:       {`new [] { 500 }`},
	} {
		broken, err := all[name].Apply(rendered)
		require.NoError(t, err)
		for _, part := range want {
			assert.Contains(t, broken, part, name)
		}
	}
	_, err := all[`fragments/x.xml:11: write 504: 503`].Apply("<fragment />")
	assert.ErrorContains(t, err, "not what it was made from")
}

func TestEveryPolicyIsMarked(t *testing.T) {
	marked, err := mutate.Marked("fragments/x.xml", template, rendered)
	require.NoError(t, err)
	const mark = `<trace source="mark" severity="error"><message>fragments/x.xml mark `
	assert.Contains(t, marked, mark+`0</message></trace><choose>`)
	assert.Contains(t, marked, `"red" && !(1 < 2))">`+"\n\t\t\t"+mark+`1</message></trace><set-status`)
	assert.Contains(t, marked, `"blue" && !(1 < 2))">`+"\n\t\t\t"+mark+`1</message></trace><set-status`)
	assert.Contains(t, marked, mark+`2</message></trace><set-variable`)
}

func TestWhatIsNoDocumentIsAnError(t *testing.T) {
	for _, text := range []string{"", "<fragment>", `<fragment><a b></fragment>`, `<fragment><a b="@(1" /></fragment>`, "<!-- "} {
		_, err := mutate.Of("x.xml", text)
		assert.Error(t, err, "%q", text)
	}
}
