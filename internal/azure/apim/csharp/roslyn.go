package csharp

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"

	"enterprise-openai/internal/npm"
)

// API Management compiles expressions with Roslyn, Microsoft's C# compiler. Debian's Mono has none, and its own compiler refuses
// half of C# 7 and computes 1_000 as 10000. Roslyn 2.3, the last one that needs neither .NET Core nor a newer Mono, is a part of
// Microsoft's npm packages that generate C# (docs/decisions/0017-expressions-are-compiled-by-roslyn.md).
//
//go:embed compiler/Main.cs compiler/Hidden.cs compiler/forwarded.txt compiler/hidden.txt compiler/package.json compiler/package-lock.json compiler/.npmrc
var compilerSources embed.FS

// ErrNoNode is wrapped by the error that installing Node.js would cure.
var ErrNoNode = errors.New("no npm, which brings Microsoft's C# compiler; install it with: " +
	"apt-get install -y --no-install-recommends nodejs npm")

// roslynFiles are the assemblies that are needed of the packages.
var roslynFiles = []string{
	"@microsoft.azure/autorest.csharp/src/bin/netcoreapp2.0/Microsoft.CodeAnalysis.dll",
	"@microsoft.azure/autorest.csharp/src/bin/netcoreapp2.0/Microsoft.CodeAnalysis.CSharp.dll",
	"@autorest/csharp/System.Collections.Immutable.dll",
	"@autorest/csharp/System.Reflection.Metadata.dll",
}

// Install puts the compiler and the program that evaluates into the user's cache, as the first Compile would, and tells log of it.
func Install(ctx context.Context, log io.Writer) error {
	tools, err := findMono(os.Getenv("PATH"))
	if err != nil {
		return err
	}
	cache, err := cacheFolder()
	if err != nil {
		return err
	}
	if _, err := tools.compilerProgram(ctx, log); err != nil {
		return err
	}
	_, err = tools.host(ctx, cache)
	return err
}

// compilerProgram returns the path of the compiler, installed and built when the user's cache does not have it. Its folder is
// the user's even where compiled programs are kept elsewhere (WithCache): npm is asked once.
func (t toolchain) compilerProgram(ctx context.Context, log io.Writer) (string, error) {
	cache, err := cacheFolder()
	if err != nil {
		return "", err
	}
	texts, identity, err := compilerTexts()
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256([]byte(t.identity() + identity))
	home := filepath.Join(cache, "compiler-"+hex.EncodeToString(sum[:12]))
	program := filepath.Join(home, "compiler.exe")
	if _, err := os.Stat(program); err == nil {
		return program, nil
	}
	if err := os.MkdirAll(cache, 0o700); err != nil {
		return "", fmt.Errorf("cache folder: %w", err)
	}
	work, err := os.MkdirTemp(cache, "compiler-new-")
	if err != nil {
		return "", fmt.Errorf("cache folder: %w", err)
	}
	defer os.RemoveAll(work)
	fmt.Fprintln(log, "Installing Microsoft's C# compiler, once, into", home)
	if err := installRoslyn(ctx, work); err != nil {
		return "", err
	}
	if err := t.buildCompiler(ctx, work, texts); err != nil {
		return "", err
	}
	if err := os.Rename(work, home); err != nil {
		if _, made := os.Stat(program); made != nil { // somebody else was faster
			return "", fmt.Errorf("C# compiler: %w", err) //nolint:staticcheck // C# is a name
		}
	}
	return program, nil
}

// compilerTexts are the sources of the compiler and what identifies them.
func compilerTexts() (texts map[string]string, identity string, err error) {
	var errs []error
	read := func(from embed.FS, name string) string {
		text, err := from.ReadFile(name)
		errs = append(errs, err)
		identity += fmt.Sprintf("%s %d\n%s", name, len(text), text)
		return string(text)
	}
	texts = map[string]string{
		"Main.cs":     read(compilerSources, "compiler/Main.cs"),
		"Hidden.cs":   read(compilerSources, "compiler/Hidden.cs"),
		"hidden.txt":  read(compilerSources, "compiler/hidden.txt"),
		"Wire.cs":     read(hostSources, "host/Wire.cs"),
		"Forwards.cs": forwards(read(compilerSources, "compiler/forwarded.txt")),
	}
	read(compilerSources, "compiler/package-lock.json")
	return texts, identity, errors.Join(errs...)
}

// arity ends the name of a generic type.
var arity = regexp.MustCompile("`[0-9]+$")

// forwards is the source of an assembly that says of each type: it is another assembly's.
func forwards(names string) string {
	var b strings.Builder
	for _, name := range strings.Fields(names) {
		name = arity.ReplaceAllStringFunc(name, func(n string) string { return "<" + strings.Repeat(",", int(n[1]-'1')) + ">" })
		fmt.Fprintf(&b, "[assembly: System.Runtime.CompilerServices.TypeForwardedTo(typeof(global::%s))]\n", name)
	}
	return b.String()
}

// installRoslyn puts Microsoft's assemblies into dir.
func installRoslyn(ctx context.Context, dir string) error {
	if _, err := exec.LookPath("npm"); err != nil {
		return ErrNoNode
	}
	for _, name := range []string{"package.json", "package-lock.json", ".npmrc"} {
		text, err := compilerSources.ReadFile("compiler/" + name)
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, name), text, 0o600)
		}
		if err != nil {
			return fmt.Errorf("C# compiler: %w", err) //nolint:staticcheck // C# is a name
		}
	}
	if err := npm.Install(ctx, dir, "Microsoft's C# compiler"); err != nil {
		return err
	}
	packages := filepath.Join(dir, "node_modules")
	for _, file := range roslynFiles {
		if err := os.Rename(filepath.Join(packages, filepath.FromSlash(file)), filepath.Join(dir, filepath.Base(file))); err != nil {
			return fmt.Errorf("C# compiler: %w", err) //nolint:staticcheck // C# is a name
		}
	}
	if err := os.RemoveAll(packages); err != nil {
		return fmt.Errorf("C# compiler: %w", err) //nolint:staticcheck // C# is a name
	}
	return nil
}

// buildCompiler builds what calls Roslyn, with Mono's compiler.
func (t toolchain) buildCompiler(ctx context.Context, dir string, texts map[string]string) error {
	forwarded := map[string]string{"Forwards.cs": texts["Forwards.cs"]}
	if err := t.build(ctx, filepath.Join(dir, "Forwards.dll"), "library", []string{"System.Numerics.dll"}, forwarded); err != nil {
		return fmt.Errorf("types that are forwarded to the C# compiler: %w", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "hidden.txt"), []byte(texts["hidden.txt"]), 0o600); err != nil {
		return fmt.Errorf("C# compiler: %w", err) //nolint:staticcheck // C# is a name
	}
	program := map[string]string{"Main.cs": texts["Main.cs"], "Hidden.cs": texts["Hidden.cs"], "Wire.cs": texts["Wire.cs"]}
	if err := t.build(ctx, filepath.Join(dir, "compiler.exe"), "exe", []string{"Microsoft.CSharp.dll"}, program); err != nil {
		return fmt.Errorf("C# compiler: %w", err) //nolint:staticcheck // C# is a name
	}
	return nil
}
