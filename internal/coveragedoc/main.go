// Command coveragedoc writes docs/rehearsal.md: what the embedded Azure models, partly models and does not, from the tables
// its parts are registered in.
package main

import (
	"fmt"
	"os"
	"path/filepath"
)

// target is the page, from the folder that go generate runs in.
var target = filepath.Join("..", "docs", "rehearsal.md")

func main() {
	if err := os.WriteFile(target, []byte(page()), 0o644); err != nil {
		fmt.Fprintln(os.Stderr, "coveragedoc:", err)
		os.Exit(1)
	}
}
