// Command screenshots writes docs/report.png, the picture of a report's page in the README, with the page as it is today. It is run from
// the root of the checkout by make screenshots.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"enterprise-openai/rehearsal/internal/browser"
	"enterprise-openai/rehearsal/report"
	"enterprise-openai/rehearsal/report/page"
)

// The report of a rehearsal of dev that the page's tests use, and the picture.
const (
	from = "rehearsal/report/page/testdata/dev.json"
	to   = "docs/report.png"
)

// What is shown: the verdict and the architecture.
const width, height = 1280, 860

func main() {
	if err := write(context.Background(), ".", os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "screenshots:", err)
		os.Exit(1)
	}
}

// write opens the page of the report below root and takes the picture.
func write(ctx context.Context, root string, log io.Writer) (err error) {
	b, err := browser.Open(ctx, log)
	if err != nil {
		return err
	}
	file, err := os.Open(filepath.Join(root, from))
	if err != nil {
		return err
	}
	read, err := report.Read(file)
	if err = errors.Join(err, file.Close()); err != nil {
		return fmt.Errorf("%s: %w", from, err)
	}
	dir, err := os.MkdirTemp("", "screenshots-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if err := page.SavePage(dir, read); err != nil {
		return err
	}
	picture, err := filepath.Abs(filepath.Join(root, to))
	if err != nil {
		return err
	}
	_, err = b.Look(ctx, browser.Visit{URL: "file://" + filepath.Join(dir, page.File), Width: width, Height: height, Screenshot: picture})
	return err
}
