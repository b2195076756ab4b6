// Command apidoc writes docs/api.md: every operation of Azure OpenAI that is known, with what the gateway makes of it, from the
// tables that the gateway is declared from.
package main

import (
	"fmt"
	"os"
	"path/filepath"
)

// target is the page, from the folder that go generate runs in.
var target = filepath.Join("..", "docs", "api.md")

func main() {
	if err := os.WriteFile(target, []byte(page()), 0o644); err != nil {
		fmt.Fprintln(os.Stderr, "apidoc:", err)
		os.Exit(1)
	}
}
