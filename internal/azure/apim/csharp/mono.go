package csharp

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"strings"
)

//go:embed host/*.cs
var hostSources embed.FS

// InstallCommand installs what this package needs on Debian and Ubuntu.
const InstallCommand = "apt-get install -y --no-install-recommends mono-mcs mono-runtime " +
	"libnewtonsoft-json5.0-cil libmono-system-xml-linq4.0-cil tzdata"

// ErrNoMono is wrapped by every error that installing Mono would cure.
var ErrNoMono = errors.New("Mono is incomplete; install it with: " + InstallCommand) //nolint:staticcheck // Mono is a name

// toolchain is the installed Mono.
type toolchain struct{ mono, mcs, newtonsoft string }

// findMono looks for Mono on path, a list like $PATH, and in the library folders beside it.
func findMono(path string) (toolchain, error) {
	var t toolchain
	var missing []string
	for name, at := range map[string]*string{"mono": &t.mono, "mcs": &t.mcs} {
		if *at = lookIn(path, name); *at == "" {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		sort.Strings(missing)
		return t, fmt.Errorf("%s not found: %w", strings.Join(missing, " and "), ErrNoMono)
	}
	lib := filepath.Join(filepath.Dir(t.mono), "..", "lib", "mono")
	found, err := filepath.Glob(filepath.Join(lib, "gac", "Newtonsoft.Json", "*", "Newtonsoft.Json.dll"))
	if err != nil || len(found) == 0 {
		return t, fmt.Errorf("Newtonsoft.Json.dll not found: %w", ErrNoMono)
	}
	sort.Strings(found)
	t.newtonsoft = found[len(found)-1]
	linq, err := filepath.Glob(filepath.Join(lib, "gac", "System.Xml.Linq", "*", "System.Xml.Linq.dll"))
	if err != nil || len(linq) == 0 {
		return t, fmt.Errorf("System.Xml.Linq.dll not found: %w", ErrNoMono)
	}
	return t, nil
}

// lookIn finds a program in a list of folders, whatever this process's own PATH is.
func lookIn(path, name string) string {
	for _, dir := range filepath.SplitList(path) {
		file := filepath.Join(dir, name)
		if info, err := os.Stat(file); err == nil && !info.IsDir() && info.Mode()&0o111 != 0 {
			return file
		}
	}
	return ""
}

// identity changes when another Mono or another Newtonsoft.Json is installed.
func (t toolchain) identity() string {
	var b strings.Builder
	for _, file := range []string{t.mono, t.mcs, t.newtonsoft} {
		if info, err := os.Stat(file); err == nil {
			fmt.Fprintf(&b, "%s %d %d\n", file, info.Size(), info.ModTime().UnixNano())
		}
	}
	return b.String()
}

// compile runs the compiler and returns its messages; err is for a compiler that did not run.
func (t toolchain) compile(ctx context.Context, out, target string, references, files []string) (string, error) {
	args := []string{"-langversion:7", "-nologo", "-warn:0", "-optimize+", "-target:" + target, "-out:" + out,
		"-r:System.Core.dll", "-r:System.Xml.dll", "-r:System.Xml.Linq.dll", "-r:" + t.newtonsoft}
	for _, r := range references {
		args = append(args, "-r:"+r)
	}
	cmd := exec.CommandContext(ctx, t.mcs, append(args, files...)...)
	cmd.Env = hostEnvironment(t)
	messages, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) || ctx.Err() != nil {
		return "", fmt.Errorf("C# compiler: %w", errors.Join(err, ctx.Err())) //nolint:staticcheck // C# is a name
	}
	if err == nil {
		return "", nil
	}
	return string(messages), nil
}

// hostEnvironment is all a child learns of this machine: no expression reads our secrets.
// API Management's gateways run in UTC.
func hostEnvironment(t toolchain) []string {
	return []string{"PATH=" + filepath.Dir(t.mono) + ":/usr/bin:/bin", "HOME=" + os.TempDir(), "TZ=UTC", "LANG=C.UTF-8",
		"MONO_GC_PARAMS=max-heap-size=512m"}
}

// host returns the path of the host program, built when the cache does not have it.
func (t toolchain) host(ctx context.Context, cache string) (string, error) {
	names, err := fs.Glob(hostSources, "host/*.cs")
	if err != nil {
		return "", fmt.Errorf("host sources: %w", err)
	}
	hash := sha256.New()
	fmt.Fprint(hash, t.identity())
	texts := make(map[string]string, len(names))
	for _, name := range names {
		text, err := hostSources.ReadFile(name)
		if err != nil {
			return "", fmt.Errorf("host sources: %w", err)
		}
		texts[filepath.Base(name)] = string(text)
		fmt.Fprintf(hash, "%s %d\n%s", name, len(text), text)
	}
	host := filepath.Join(cache, "host-"+hex.EncodeToString(hash.Sum(nil)[:12]), "host.exe")
	if _, err := os.Stat(host); err == nil {
		return host, nil
	}
	return host, t.build(ctx, host, "exe", nil, texts)
}

// build compiles texts into out; a half-written file is never seen under that name.
func (t toolchain) build(ctx context.Context, out, target string, references []string, texts map[string]string) error {
	if err := os.MkdirAll(filepath.Dir(out), 0o700); err != nil {
		return fmt.Errorf("cache folder: %w", err)
	}
	work, err := os.MkdirTemp(filepath.Dir(out), "build-")
	if err != nil {
		return fmt.Errorf("cache folder: %w", err)
	}
	defer os.RemoveAll(work)
	var files []string
	for name, text := range texts {
		file := filepath.Join(work, name)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			return fmt.Errorf("C# source: %w", err) //nolint:staticcheck // C# is a name
		}
		files = append(files, file)
	}
	sort.Strings(files)
	built := filepath.Join(work, filepath.Base(out))
	messages, err := t.compile(ctx, built, target, references, files)
	if err != nil {
		return err
	}
	if messages != "" {
		return &compilerMessages{strings.ReplaceAll(messages, work+string(filepath.Separator), "")}
	}
	if err := os.Rename(built, out); err != nil {
		return fmt.Errorf("compiled C#: %w", err)
	}
	return nil
}

// compilerMessages is the output of a compiler that found errors.
type compilerMessages struct{ text string }

func (m *compilerMessages) Error() string { return "C# compiler: " + strings.TrimSpace(m.text) }
