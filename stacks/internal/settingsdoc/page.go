package main

import (
	"bytes"
	"fmt"
	"strings"
)

const introduction = `<!-- Generated from stacks/settings.go by "go generate ./stacks". Do not edit. -->

# Settings

An environment is one file, ` + "`Pulumi.<stack>.yaml`" + `. Each section below is a key of its ` + "`config`" + `, under the project's
name: ` + "`enterprise-openai:gateway`" + `. Keys that do not exist, values of the wrong type and combinations that Azure would
refuse or that would be unsafe are errors: ` + "`pulumi preview`" + ` lists all of them at once, with file and line, before anything is
deployed.

A path with ` + "`[]`" + ` is repeated for every entry of a list. Text that looks like a number or a date is put in quotes
(` + "`\"2024-11-20\"`" + `).
`

// generate makes the page.
func generate(root string) ([]byte, error) {
	s, err := read(root)
	if err != nil {
		return nil, err
	}
	all, err := s.settings("Settings", "")
	if err != nil {
		return nil, err
	}
	var page bytes.Buffer
	page.WriteString(introduction)
	for _, one := range all {
		if !strings.ContainsAny(one.path, ".[") {
			fmt.Fprintf(&page, "\n## %s\n\n", one.path)
			section := one.kind == "object" || one.kind == "list of objects"
			if section {
				page.WriteString(heading(one) + "\n\n")
			}
			page.WriteString("| setting | type | default | allowed | meaning |\n|---|---|---|---|---|\n")
			if section {
				continue
			}
		}
		page.WriteString(row(one))
	}
	return page.Bytes(), nil
}

// heading says what a section is, and whether it may be left out.
func heading(one setting) string {
	text := one.meaning
	if one.kind == "list of objects" {
		text += " A list."
	}
	if one.required {
		text += " Required."
	}
	return text
}

func row(one setting) string {
	fallback := "–"
	switch {
	case one.required:
		fallback = "**required**"
	case one.fallback != "":
		fallback = code(one.fallback)
	}
	allowed := make([]string, 0, len(one.allowed))
	for _, value := range one.allowed {
		allowed = append(allowed, code(value))
	}
	return fmt.Sprintf("| %s | %s | %s | %s | %s |\n", code(one.path), one.kind, fallback, strings.Join(allowed, " "), strings.ReplaceAll(one.meaning, "|", "\\|"))
}

func code(text string) string { return "`" + text + "`" }
