// Command promisesdoc writes docs/promises.md: every promise with what keeps and what proves it.
package main

import (
	"fmt"
	"os"
	"path/filepath"
)

// target is the page, from the folder that go generate runs in.
var target = filepath.Join("..", "docs", "promises.md")

func main() {
	text, err := page()
	if err == nil {
		err = os.WriteFile(target, []byte(text), 0o644)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "promisesdoc:", err)
		os.Exit(1)
	}
}
