package logs

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A query never sees what is written under a name that no table has.
func TestEveryKeyOfARowIsAColumnOfItsTable(t *testing.T) {
	files, err := filepath.Glob("*.go")
	require.NoError(t, err)
	found := map[string]int{}
	for _, file := range files {
		table, ok := tableOfFile[file]
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		for _, key := range rowKeys(t, file) {
			require.True(t, ok, "%s writes %s: say into which table", file, key.name)
			found[file]++
			known := false
			for _, name := range table {
				known = known || columnsOf(name)[key.name]
			}
			assert.True(t, known, "%s: %v have no column %s", key.place, table, key.name)
		}
	}
	for file := range tableOfFile {
		assert.NotZero(t, found[file], "%s writes no row any more", file)
	}
}

// tableOfFile are the tables that the rows of a file are for.
var tableOfFile = map[string][]string{
	"gateway.go":     {GatewayLogs},
	"llm.go":         {LLMLog},
	"metrics.go":     {AppMetrics},
	"accounts.go":    {Diagnostics, Metrics},
	"diagnostics.go": {Diagnostics},
	"store.go":       {GatewayLogs},
}

type rowKey struct{ place, name string }

// rowKeys are the names under which a file writes values of rows, in literals of Row and in assignments to variables called row.
func rowKeys(t *testing.T, path string) []rowKey {
	t.Helper()
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, path, nil, 0)
	require.NoError(t, err)
	var keys []rowKey
	add := func(e ast.Expr) {
		if literal, ok := e.(*ast.BasicLit); ok && literal.Kind == token.STRING {
			name, err := strconv.Unquote(literal.Value)
			require.NoError(t, err)
			keys = append(keys, rowKey{files.Position(e.Pos()).String(), name})
		}
	}
	members := func(literal *ast.CompositeLit) {
		for _, element := range literal.Elts {
			if pair, ok := element.(*ast.KeyValueExpr); ok {
				add(pair.Key)
			}
		}
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CompositeLit:
			if isNamed(n.Type, "Row") {
				members(n)
			}
			if list, ok := n.Type.(*ast.ArrayType); ok && isNamed(list.Elt, "Row") {
				for _, element := range n.Elts {
					members(element.(*ast.CompositeLit))
				}
			}
		case *ast.AssignStmt:
			for _, left := range n.Lhs {
				if index, ok := left.(*ast.IndexExpr); ok && isNamed(index.X, "row") {
					add(index.Index)
				}
			}
		}
		return true
	})
	return keys
}

func isNamed(e ast.Expr, name string) bool {
	ident, ok := e.(*ast.Ident)
	return ok && ident.Name == name
}
