// Package page makes the page for people, report.html, of a report: one file without scripts and without anything from elsewhere, so
// that it can be mailed, archived, printed and read in ten years.
//
//	page.go       Write, Save, SavePage, and the template's functions
//	view.go       what the page shows, in its order: the verdict first
//	figures.go    the measurements of a drill in words
//	places.go     which part of the architecture a promise is about
//	drawing.go    the architecture as a drawing
//	layout.go     where its boxes and lines are
//	chart.go      courses over time as charts
//	timeline.go   the deployment as bars in a table
//	page.gohtml style.css   the page
//
// Everything comes from the JSON form of the report, so that a page can be made again from report.json. Names, failures and answers are
// text that others wrote: html/template escapes them, and the page's content security policy allows no script.
package page

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"io"
	"os"
	"path/filepath"

	"enterprise-openai/internal/words"
	"enterprise-openai/rehearsal/report"
)

// File is the name of the page in the folder of a report.
const File = "report.html"

//go:embed page.gohtml style.css
var files embed.FS

// Write writes the page of a report.
func Write(w io.Writer, r report.Report) error {
	style, err := files.ReadFile("style.css")
	if err != nil {
		return fmt.Errorf("report page: %w", err)
	}
	t, err := template.New("page.gohtml").Funcs(template.FuncMap{
		"style": func() template.CSS { return template.CSS(style) }, //nolint:gosec // a file of this package
		"count": words.Count, "number": words.Thousands,
	}).ParseFS(files, "page.gohtml")
	if err != nil {
		return fmt.Errorf("report page: %w", err)
	}
	if err := t.Execute(w, viewOf(r)); err != nil {
		return fmt.Errorf("report page: %w", err)
	}
	return nil
}

// Save writes a report in all of its forms into a folder, which it creates: report.json, report.md and report.html.
func Save(dir string, r report.Report) error {
	if err := r.Save(dir); err != nil {
		return err
	}
	// The page is made of the JSON form, so that it is the same when it is made again from the file.
	file, err := os.Open(filepath.Join(dir, report.JSONFile))
	if err != nil {
		return fmt.Errorf("report page: %w", err)
	}
	read, err := report.Read(file)
	if err = errors.Join(err, file.Close()); err != nil {
		return err
	}
	return SavePage(dir, read)
}

// SavePage writes report.html alone into a folder, which it creates.
func SavePage(dir string, r report.Report) error {
	var page bytes.Buffer
	if err := Write(&page, r); err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("report folder: %w", err)
	}
	if err := os.WriteFile(filepath.Join(dir, File), page.Bytes(), 0o644); err != nil {
		return fmt.Errorf("report page: %w", err)
	}
	return nil
}
