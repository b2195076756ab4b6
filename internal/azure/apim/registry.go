package apim

import (
	"sort"

	"enterprise-openai/internal/azure/apim/document"
)

// statement is one policy of the reference.
type statement struct {
	name    string
	chapter string
	// page is Microsoft Learn's page: api-management/{page}.
	page     string
	sections Sections
	scopes   Scopes
	support  Support
	note     string
	shape
	compile func(c *compiler, n *document.Node) func(*call) error
}

// chapters are the tables of the policies_*.go files, in the order of
// Microsoft's policy reference (Microsoft Learn: api-management-policies).
var chapters = []struct {
	name  string
	table func() []statement
}{
	{"Rate limiting and quotas", rateLimiting},
	{"Authentication and authorization", authentication},
	{"Content validation", contentValidation},
	{"Routing", routing},
	{"Caching", caching},
	{"Transformation", transformation},
	{"Cross-domain", crossDomain},
	{"Integration and external communication", integration},
	{"Logging", logging},
	{"AI gateway", aiGateway},
	{"Policy control and flow", controlFlow},
	{"GraphQL resolvers", graphQL},
}

var statements map[string]*statement

// Filled here and not in a literal, because some policies hold policies and
// their compilation looks the table up.
func init() { //nolint:gochecknoinits // see above
	statements = map[string]*statement{}
	for _, ch := range chapters {
		for _, s := range ch.table() {
			s.chapter = ch.name
			statements[s.name] = &s
		}
	}
}

// PolicySupport is a row of the support table.
type PolicySupport struct {
	Name     string
	Chapter  string
	Page     string
	Sections []string
	Scopes   []string
	Support  Support
	Note     string
}

// Coverage lists every policy of Microsoft's reference and how much of it runs
// here, chapter by chapter.
func Coverage() []PolicySupport {
	var out []PolicySupport
	for _, ch := range chapters {
		rows := ch.table()
		sort.Slice(rows, func(i, j int) bool { return rows[i].name < rows[j].name })
		for _, s := range rows {
			out = append(out, PolicySupport{
				Name: s.name, Chapter: ch.name, Page: "https://learn.microsoft.com/azure/api-management/" + s.page,
				Sections: s.sections.Names(), Scopes: s.scopes.Names(), Support: s.support, Note: s.note,
			})
		}
	}
	return out
}

// unsupported makes the row of a policy that is refused at save.
func unsupported(name, page, why string) statement {
	return statement{name: name, page: page, support: NotSupported, note: why, sections: inAllSections, scopes: atAllScopes}
}
