package stacks

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// An enum whose list lacks a constant would refuse a value that the documentation names.
func TestAnEnumListsAllItsConstants(t *testing.T) {
	constants, used := constantsByType(t, "enums.go"), map[string]bool{}
	for _, enum := range enumFields(reflect.TypeFor[Settings]()) {
		values, kind := reflect.Zero(enum.Type).Interface().(Enum).Values(), enum.Type.Name()
		assert.Equal(t, constants[kind], values, kind)
		if fallback, ok := enum.Tag.Lookup("default"); ok {
			for one := range strings.SplitSeq(fallback, ",") {
				assert.Contains(t, values, one, "default of %s", enum.Name)
			}
		}
		used[kind] = true
	}
	assert.Len(t, used, len(constants), "a type that no setting has")
}

// What a value means is decided here: "entra" in another package would be a second opinion.
func TestNoOtherPackageComparesASettingWithText(t *testing.T) {
	fields := map[string]bool{}
	for _, enum := range enumFields(reflect.TypeFor[Settings]()) {
		fields[enum.Name] = true
	}
	delete(fields, "Name") // of a table: every kind of thing has a name
	var found []string
	require.NoError(t, filepath.WalkDir("..", func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir():
			// infra and the embedded Azure have no settings: their fields of the same name are Azure's own.
			if slices.Contains([]string{"../sdks", "../stacks", "../infra", "../internal", "../.git", "../.rehearsal"}, filepath.ToSlash(path)) {
				return filepath.SkipDir
			}
			return nil
		case !strings.HasSuffix(path, ".go"):
			return nil
		}
		found = append(found, literalsOf(t, path, fields)...)
		return nil
	}))
	assert.Empty(t, found, "use the methods and constants of stacks/enums.go")
}

// literalsOf are the places of a file where a field of one of these names is compared with, or set to, a text.
func literalsOf(t *testing.T, path string, fields map[string]bool) []string {
	t.Helper()
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, path, nil, 0)
	require.NoError(t, err)
	isField := func(e ast.Expr) bool {
		selector, ok := e.(*ast.SelectorExpr)
		return ok && fields[selector.Sel.Name]
	}
	isText := func(e ast.Expr) bool {
		literal, ok := e.(*ast.BasicLit)
		return ok && literal.Kind == token.STRING && literal.Value != `""`
	}
	var found []string
	add := func(n ast.Node) { found = append(found, files.Position(n.Pos()).String()) }
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.BinaryExpr:
			if isField(n.X) && isText(n.Y) || isText(n.X) && isField(n.Y) {
				add(n)
			}
		case *ast.SwitchStmt:
			if n.Tag != nil && isField(n.Tag) {
				for _, clause := range n.Body.List {
					if slices.ContainsFunc(clause.(*ast.CaseClause).List, isText) {
						add(clause)
					}
				}
			}
		}
		return true
	})
	return found
}

// enumFields are the settings whose type is an Enum, or a list of one, at any depth. A list's field has the type of its entries.
func enumFields(t reflect.Type) []reflect.StructField {
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map:
		return enumFields(t.Elem())
	case reflect.Struct:
	default:
		return nil
	}
	var all []reflect.StructField
	for i := range t.NumField() {
		field := t.Field(i)
		if field.Type.Implements(reflect.TypeFor[Enum]()) {
			all = append(all, field)
		} else if field.Type.Kind() == reflect.Slice && field.Type.Elem().Implements(reflect.TypeFor[Enum]()) {
			field.Type = field.Type.Elem()
			all = append(all, field)
		} else if field.IsExported() {
			all = append(all, enumFields(field.Type)...)
		}
	}
	return all
}

func constantsByType(t *testing.T, path string) map[string][]string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
	require.NoError(t, err)
	all := map[string][]string{}
	ast.Inspect(file, func(n ast.Node) bool {
		if spec, ok := n.(*ast.ValueSpec); ok {
			value, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
			require.NoError(t, err)
			kind := spec.Type.(*ast.Ident).Name
			all[kind] = append(all[kind], value)
		}
		return true
	})
	return all
}
