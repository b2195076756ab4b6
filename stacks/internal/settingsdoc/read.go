package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
)

const (
	settingsPath = "stacks/settings.go"
	enumsPath    = "stacks/enums.go"
	notYetPath   = "stacks/notyet.go"
	pagePath     = "docs/settings.md"
)

// setting is one line of the page.
type setting struct {
	path, kind, fallback, meaning string
	allowed                       []string
	required                      bool
}

// source is what the page is made of.
type source struct {
	structs map[string]*ast.StructType
	docs    map[string]string   // of the structs
	enums   map[string][]string // values by type
	notYet  map[string]bool
}

func read(root string) (*source, error) {
	s := &source{structs: map[string]*ast.StructType{}, docs: map[string]string{}, notYet: map[string]bool{}}
	enums, err := parse(root, enumsPath)
	if err != nil {
		return nil, err
	}
	s.enums = constants(enums)
	settings, err := parse(root, settingsPath)
	if err != nil {
		return nil, err
	}
	for _, declaration := range settings.Decls {
		types, ok := declaration.(*ast.GenDecl)
		if !ok {
			continue
		}
		for _, spec := range types.Specs {
			named, ok := spec.(*ast.TypeSpec)
			if !ok {
				continue
			}
			if structure, ok := named.Type.(*ast.StructType); ok {
				s.structs[named.Name.Name] = structure
				s.docs[named.Name.Name] = text(types.Doc)
			}
		}
	}
	table, err := parse(root, notYetPath)
	if err != nil {
		return nil, err
	}
	ast.Inspect(table, func(n ast.Node) bool {
		if pair, ok := n.(*ast.KeyValueExpr); ok {
			key, isName := pair.Key.(*ast.Ident)
			value, isText := pair.Value.(*ast.BasicLit)
			if isName && isText && key.Name == "path" {
				if path, err := strconv.Unquote(value.Value); err == nil {
					s.notYet[path] = true
				}
			}
		}
		return true
	})
	return s, nil
}

// constants are the texts of a file's constants by their type.
func constants(file *ast.File) map[string][]string {
	values := map[string][]string{}
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || len(spec.Values) != 1 {
			return true
		}
		kind, isNamed := spec.Type.(*ast.Ident)
		literal, isLiteral := spec.Values[0].(*ast.BasicLit)
		if isNamed && isLiteral {
			if value, err := strconv.Unquote(literal.Value); err == nil {
				values[kind.Name] = append(values[kind.Name], value)
			}
		}
		return true
	})
	return values
}

func parse(root, path string) (*ast.File, error) {
	file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(root, filepath.FromSlash(path)), nil, parser.ParseComments)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return file, nil
}

// settings lists a struct's settings and those below them, in the order of the fields.
func (s *source) settings(structure, prefix string) ([]setting, error) {
	var all []setting
	for _, field := range s.structs[structure].Fields.List {
		if len(field.Names) != 1 || !field.Names[0].IsExported() {
			continue
		}
		one, below, err := s.setting(field, prefix)
		if err != nil {
			return nil, fmt.Errorf("%s.%s: %w", structure, field.Names[0].Name, err)
		}
		all = append(all, one)
		if below == "" {
			continue
		}
		inner, err := s.settings(below, innerPrefix(one))
		if err != nil {
			return nil, err
		}
		all = append(all, inner...)
	}
	return all, nil
}

func innerPrefix(s setting) string {
	if s.kind == "list of objects" {
		return s.path + "[]."
	}
	return s.path + "."
}

// setting reads one field. It also names the struct that describes what is below it.
func (s *source) setting(field *ast.Field, prefix string) (one setting, below string, err error) {
	tag := reflect.StructTag("")
	if field.Tag != nil {
		literal, err := strconv.Unquote(field.Tag.Value)
		if err != nil {
			return one, "", fmt.Errorf("tag: %w", err)
		}
		tag = reflect.StructTag(literal)
	}
	name, _, _ := strings.Cut(tag.Get("json"), ",")
	if name == "" {
		return one, "", fmt.Errorf("field has no json tag")
	}
	one = setting{path: prefix + name, fallback: tag.Get("default"), meaning: text(field.Doc), required: tag.Get("required") == "true"}
	if one.meaning == "" {
		return one, "", fmt.Errorf("setting %s has no comment", one.path)
	}
	written := field.Type
	if list, ok := written.(*ast.ArrayType); ok {
		written = list.Elt
	}
	if named, ok := written.(*ast.Ident); ok {
		one.allowed = s.enums[named.Name]
	}
	if s.notYet[one.path] {
		one.meaning = "**Not available yet" + partly(one) + ".** " + one.meaning
	}
	one.kind, below, err = s.kind(field.Type)
	return one, below, err
}

// partly says that only some values of a setting are missing.
func partly(one setting) string {
	if len(one.allowed) > 0 {
		return ", in part"
	}
	return ""
}

// names of types in the words of someone who writes YAML.
var names = map[string]string{
	"string": "text", "int": "whole number", "float64": "number", "bool": "true or false",
	"netip.Prefix": "CIDR", "netip.Addr": "address",
}

func (s *source) kind(t ast.Expr) (kind, below string, err error) {
	switch t := t.(type) {
	case *ast.Ident:
		if s.structs[t.Name] != nil {
			return "object", t.Name, nil
		}
		kind = names[t.Name]
		if s.enums[t.Name] != nil {
			kind = names["string"]
		}
	case *ast.SelectorExpr:
		if pkg, ok := t.X.(*ast.Ident); ok {
			kind = names[pkg.Name+"."+t.Sel.Name]
		}
	case *ast.StarExpr:
		return s.kind(t.X)
	case *ast.ArrayType:
		inner, below, err := s.kind(t.Elt)
		if below != "" {
			inner = "objects"
		}
		return "list of " + inner, below, err
	case *ast.MapType:
		inner, _, err := s.kind(t.Value)
		return "object of " + inner, "", err
	}
	if kind == "" {
		return "", "", fmt.Errorf("type %T has no name for people", t)
	}
	return kind, "", nil
}

// text is a comment on one line.
func text(doc *ast.CommentGroup) string { return strings.Join(strings.Fields(doc.Text()), " ") }
