package main

import (
	"archive/tar"
	"compress/gzip"
	"crypto/sha512"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Cache is the folder for what is fetched once: outside the checkout, so that it survives a fresh clone.
func Cache() (string, error) {
	base, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("user cache folder: %w", err)
	}
	return filepath.Join(base, "enterprise-openai", "sdks"), nil
}

// FetchPackage returns the folder of the unpacked npm package. The tarball is fetched with the npm client, must have the pinned
// content, and only the modules asked for are unpacked: the whole package is half a gigabyte.
func FetchPackage(cache string, pkg Package, modules []string) (string, error) {
	tarball := filepath.Join(cache, strings.NewReplacer("@", "", "/", "-").Replace(pkg.Name)+"-"+pkg.Version+".tgz")
	if err := verify(tarball, pkg.Integrity); err != nil {
		if err := pack(cache, pkg); err != nil {
			return "", err
		}
		if err := verify(tarball, pkg.Integrity); err != nil {
			return "", fmt.Errorf("%s@%s: %w", pkg.Name, pkg.Version, err)
		}
	}
	folder, err := os.MkdirTemp(cache, "package-")
	if err != nil {
		return "", fmt.Errorf("folder for %s: %w", pkg.Name, err)
	}
	if err := unpack(tarball, folder, modules); err != nil {
		return "", errors.Join(err, os.RemoveAll(folder))
	}
	return folder, nil
}

func pack(cache string, pkg Package) error {
	if err := os.MkdirAll(cache, 0o755); err != nil {
		return fmt.Errorf("cache: %w", err)
	}
	fmt.Fprintf(os.Stderr, "fetching %s@%s (28 MB) into the user cache\n", pkg.Name, pkg.Version)
	return run(cache, nil, nil, "npm", "pack", "--silent", "--pack-destination", cache, pkg.Name+"@"+pkg.Version)
}

// verify compares a file with npm's integrity value.
func verify(path, integrity string) error {
	file, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("package: %w", err)
	}
	defer file.Close()
	hash := sha512.New()
	if _, err := io.Copy(hash, file); err != nil {
		return fmt.Errorf("package: %w", err)
	}
	if got := "sha512-" + base64.StdEncoding.EncodeToString(hash.Sum(nil)); got != integrity {
		return fmt.Errorf("the package has integrity %s, the list pins %s", got, integrity)
	}
	return nil
}

func unpack(tarball, folder string, modules []string) error {
	file, err := os.Open(tarball)
	if err != nil {
		return fmt.Errorf("package: %w", err)
	}
	defer file.Close()
	zipped, err := gzip.NewReader(file)
	if err != nil {
		return fmt.Errorf("package: %w", err)
	}
	archive := tar.NewReader(zipped)
	for {
		entry, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("package: %w", err)
		}
		name := strings.TrimPrefix(entry.Name, "package/")
		if entry.Typeflag != tar.TypeReg || !filepath.IsLocal(name) || !wanted(name, modules) {
			continue
		}
		if err := writeEntry(filepath.Join(folder, name), archive); err != nil {
			return fmt.Errorf("package: %s: %w", name, err)
		}
	}
}

// wanted keeps the listed modules, their enums, and the two pairs of files that hold every module's types.
func wanted(name string, modules []string) bool {
	if rest, ok := strings.CutPrefix(name, "types/"); ok {
		if !strings.Contains(rest, "/") {
			return true
		}
		name = strings.TrimPrefix(rest, "enums/")
	}
	for _, module := range modules {
		if strings.HasPrefix(name, module+"/") {
			return true
		}
	}
	return false
}

func writeEntry(path string, content io.Reader) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	if _, err := io.Copy(file, content); err != nil {
		return errors.Join(err, file.Close())
	}
	return file.Close()
}

// run starts a tool and shows what it said when it ends badly.
func run(folder string, input io.Reader, output io.Writer, name string, args ...string) error {
	var complaint strings.Builder
	command := exec.Command(name, args...)
	command.Dir, command.Stdin, command.Stdout, command.Stderr = folder, input, output, &complaint
	if err := command.Run(); err != nil {
		return fmt.Errorf("%s %s: %w\n%s", name, strings.Join(args, " "), err, complaint.String())
	}
	return nil
}
