package main

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"path"
	"slices"
	"strings"
)

const enumsFile = "pulumiEnums.go"

// trimEnums reduces the enums that only name strings to what a program uses: the type, its constants, and their conversion to string
// inputs. Where ARM takes any string, a field is a pulumi.StringInput and nothing refers to the enum's own output types; yet each of
// those costs the compiler about eighty functions. An enum that a field has as its type stays whole.
func trimEnums(files map[string][]byte) error {
	for file, content := range files {
		if path.Base(file) != enumsFile {
			continue
		}
		others := identifiersBeside(files, file)
		trimmed, err := trimEnumFile(content, others)
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		files[file] = trimmed
	}
	return nil
}

// identifiersBeside collects the identifiers of the other files of one package.
func identifiersBeside(files map[string][]byte, file string) map[string]bool {
	found := map[string]bool{}
	for other, content := range files {
		if other == file || path.Dir(other) != path.Dir(file) {
			continue
		}
		for _, word := range bytes.FieldsFunc(content, func(r rune) bool {
			return r != '_' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
		}) {
			found[string(word)] = true
		}
	}
	return found
}

func trimEnumFile(content []byte, others map[string]bool) ([]byte, error) {
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, enumsFile, content, parser.ParseComments)
	if err != nil {
		return nil, err
	}
	drop := map[string]bool{}
	for _, enum := range enumTypes(file) {
		wrappers := []string{enum + "Output", enum + "PtrOutput", enum + "Input", enum + "PtrInput",
			enum + "Ptr", lowerFirst(enum) + "Ptr", lowerFirst(enum) + "PtrType"}
		arrays := []string{enum + "Array", enum + "ArrayInput", enum + "ArrayOutput", enum + "Map", enum + "MapInput", enum + "MapOutput"}
		used := false
		for _, name := range slices.Concat(wrappers, arrays) {
			used = used || others[name]
		}
		if used {
			continue
		}
		for _, name := range slices.Concat(wrappers, arrays) {
			drop[name] = true
		}
		for _, suffix := range []string{"Output", "OutputWithContext", "PtrOutput", "PtrOutputWithContext"} {
			drop["To"+enum+suffix] = true
		}
	}
	for _, group := range file.Comments {
		if isDropped(ownerOf(file, group), drop) {
			blank(content, set, group)
		}
	}
	for _, declaration := range file.Decls {
		dropDeclaration(content, set, declaration, drop)
	}
	return format.Source(withoutUnusedImports(content))
}

// enumTypes are the types of the file that have constants.
func enumTypes(file *ast.File) []string {
	var names []string
	for _, declaration := range file.Decls {
		group, ok := declaration.(*ast.GenDecl)
		if !ok || group.Tok != token.CONST || len(group.Specs) == 0 {
			continue
		}
		value, ok := group.Specs[0].(*ast.ValueSpec)
		if !ok || len(value.Values) == 0 {
			continue
		}
		if call, ok := value.Values[0].(*ast.CallExpr); ok {
			if name, ok := call.Fun.(*ast.Ident); ok {
				names = append(names, name.Name)
			}
		}
	}
	return names
}

func dropDeclaration(content []byte, set *token.FileSet, declaration ast.Decl, drop map[string]bool) {
	if function, ok := declaration.(*ast.FuncDecl); ok && function.Name.Name == "init" && function.Recv == nil {
		for _, statement := range function.Body.List {
			if registers(statement, drop) {
				blank(content, set, statement)
			}
		}
		return
	}
	if isDropped(declaration, drop) {
		blank(content, set, declaration)
	}
}

// isDropped tells whether a declaration is one of, or a method on one of, the dropped names.
func isDropped(node ast.Node, drop map[string]bool) bool {
	switch d := node.(type) {
	case *ast.FuncDecl:
		if d.Recv == nil {
			return drop[d.Name.Name]
		}
		return drop[d.Name.Name] || drop[receiver(d)]
	case *ast.GenDecl:
		if len(d.Specs) != 1 {
			return false
		}
		switch spec := d.Specs[0].(type) {
		case *ast.TypeSpec:
			return drop[spec.Name.Name]
		case *ast.ValueSpec:
			return drop[spec.Names[0].Name]
		}
	}
	return false
}

func receiver(function *ast.FuncDecl) string {
	of := function.Recv.List[0].Type
	if pointer, ok := of.(*ast.StarExpr); ok {
		of = pointer.X
	}
	name, _ := of.(*ast.Ident)
	if name == nil {
		return ""
	}
	return name.Name
}

func registers(statement ast.Stmt, drop map[string]bool) bool {
	found := false
	ast.Inspect(statement, func(node ast.Node) bool {
		if name, ok := node.(*ast.Ident); ok && drop[name.Name] {
			found = true
		}
		return true
	})
	return found
}

// ownerOf is the declaration that a comment stands before or in.
func ownerOf(file *ast.File, comment *ast.CommentGroup) ast.Node {
	for _, declaration := range file.Decls {
		if comment.Pos() < declaration.End() {
			return declaration
		}
	}
	return nil
}

func blank(content []byte, set *token.FileSet, node ast.Node) {
	for i := set.Position(node.Pos()).Offset; i < set.Position(node.End()).Offset; i++ {
		if content[i] != '\n' {
			content[i] = ' '
		}
	}
}

// withoutUnusedImports drops the two standard imports where nothing uses them any more, and squeezes the blank lines.
func withoutUnusedImports(content []byte) []byte {
	var kept []string
	for _, line := range strings.Split(string(content), "\n") {
		line = strings.TrimRight(line, " ")
		if line == "" && len(kept) > 0 && kept[len(kept)-1] == "" {
			continue
		}
		kept = append(kept, line)
	}
	text := strings.Join(kept, "\n")
	for _, name := range []string{"context", "reflect"} {
		if !strings.Contains(text, name+".") {
			text = strings.Replace(text, "\t\""+name+"\"\n", "", 1)
		}
	}
	return []byte(text)
}

func lowerFirst(name string) string {
	return strings.ToLower(name[:1]) + name[1:]
}
