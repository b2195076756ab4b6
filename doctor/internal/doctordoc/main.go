// Command doctordoc writes docs/doctor.md: every check of rehearse doctor with its setting, source and confidence, from the
// table the checks are registered in.
package main

import (
	"fmt"
	"os"
	"path/filepath"
)

// target is the page, from the folder that go generate runs in.
var target = filepath.Join("..", "docs", "doctor.md")

func main() {
	text, err := page()
	if err == nil {
		err = os.WriteFile(target, []byte(text), 0o644)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "doctordoc:", err)
		os.Exit(1)
	}
}
