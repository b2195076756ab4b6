// Package clients makes calls with the libraries that teams use, unchanged and in the versions that package.json names.
//
//	clients.go   Install and Run, for the libraries of Node.js
//	golang.go    BuildGo and RunGo, for the libraries of Go: a program of its own, in golang/
//	main.mjs     reads calls, writes answers
//	openai.mjs langchain.mjs ai.mjs llamaindex.mjs agents.mjs   one library each
//	water.mjs    the schema that answers are parsed by
//	hosts.cjs    leads the gateway's host name to loopback
package clients

import (
	"bytes"
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"enterprise-openai/internal/npm"
	"enterprise-openai/internal/proc"
)

//go:embed *.mjs *.cjs package.json package-lock.json .npmrc
var sources embed.FS

// ErrNoNode is wrapped by every error that installing Node.js would cure.
var ErrNoNode = errors.New("the clients drill runs libraries of Node.js 20: install it with: apt-get install -y --no-install-recommends nodejs npm")

// Call is one call with one library.
type Call struct {
	// Client is the library: one of Libraries.
	Client string `json:"client"`
	// Kind is plain, stream or embedding; for those of Node also parse, and for those of Tooling also tools, for those of Conversing response,
	// and for those of Filing files.
	Kind string `json:"kind"`
	// Deployment is the model to ask.
	Deployment string `json:"deployment"`
	// Base is what the path begins with, without slashes: empty, or that of a product with APIs of its own.
	Base string `json:"base"`
	// Key and Token are what the caller has.
	Key   string `json:"key,omitempty"`
	Token string `json:"token,omitempty"`
	// Prompt is the text of every call.
	Prompt string `json:"prompt"`
}

// Answer is what a library made of a call.
type Answer struct {
	// Text is the answer of a chat.
	Text string `json:"text"`
	// Tokens are those the library reports, 0 when it reports none.
	Tokens int `json:"tokens"`
	// Size is the number of pieces of a stream, of dimensions of an embedding, of calls of tools, or of turns of a conversation.
	Size int `json:"size"`
	// Status and Error are set when the library failed: what it shows to people.
	Status int    `json:"status"`
	Error  string `json:"error"`
}

// Endpoint is where a gateway is served.
type Endpoint struct {
	// Host is its name, Port where it listens on loopback.
	Host, Port string
	// CA is the certificate to trust, as PEM.
	CA []byte
}

// Node are the libraries of Node.js.
var Node = []string{"AzureOpenAI", "OpenAI", "LangChain", "AI SDK", "LlamaIndex", "Agents"}

// Conversing are the libraries that also go on with responses here, Tooling those that call tools, Filing those that upload files.
var (
	Conversing = []string{"AzureOpenAI", "OpenAI", "AI SDK", "Agents"}
	Filing     = []string{"AzureOpenAI", "OpenAI"}
	Tooling    = []string{"AzureOpenAI", "OpenAI", "LangChain", "AI SDK", "LlamaIndex", "Agents"}
)

// limit is how long all calls together may take; libraries that hang must not hang the drill.
const limit = 2 * time.Minute

// Run makes the calls one after the other in one process of Node.js, in a folder that Install returned.
func Run(ctx context.Context, dir string, at Endpoint, calls []Call) ([]Answer, error) {
	node, err := exec.LookPath("node")
	if err != nil {
		return nil, fmt.Errorf("node: %w", ErrNoNode)
	}
	ca, err := os.CreateTemp("", "rehearsal-ca-*.pem")
	if err != nil {
		return nil, fmt.Errorf("certificate file: %w", err)
	}
	defer func() { _ = os.Remove(ca.Name()) }()
	if _, err := ca.Write(at.CA); err != nil {
		return nil, fmt.Errorf("certificate file: %w", err)
	}
	if err := ca.Close(); err != nil {
		return nil, fmt.Errorf("certificate file: %w", err)
	}
	input, err := json.Marshal(map[string]any{"endpoint": "https://" + at.Host + ":" + at.Port, "calls": calls})
	if err != nil {
		return nil, fmt.Errorf("calls: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	cmd := exec.CommandContext(ctx, node, "--require", "./hosts.cjs", "main.mjs")
	cmd.Dir, cmd.Stdin = dir, bytes.NewReader(input)
	// Nothing of the surroundings: a proxy or a key in the environment would change what is tried.
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "NODE_EXTRA_CA_CERTS=" + ca.Name(), "REHEARSAL_HOST=" + at.Host}
	return answersOf(ctx, cmd, len(calls))
}

// answersOf runs a process that writes one answer for each of its calls.
func answersOf(ctx context.Context, cmd *exec.Cmd, calls int) ([]Answer, error) {
	out, err := proc.Output(ctx, cmd)
	if err != nil {
		return nil, fmt.Errorf("client libraries: %w", err)
	}
	var answers []Answer
	if err := json.Unmarshal(out, &answers); err != nil {
		return nil, fmt.Errorf("answers of the client libraries: %w", err)
	}
	if len(answers) != calls {
		return nil, fmt.Errorf("client libraries gave %d answers to %d calls", len(answers), calls)
	}
	return answers, nil
}

// Install returns a folder below the cache with the libraries in it. The first time they are installed by npm, which is logged.
func Install(ctx context.Context, cache string, log io.Writer) (string, error) {
	files, err := read()
	if err != nil {
		return "", err
	}
	home := filepath.Join(cache, "clients", hash(files))
	if npm.Installed(home) {
		return home, nil
	}
	if _, err := exec.LookPath("npm"); err != nil {
		return "", fmt.Errorf("npm: %w", ErrNoNode)
	}
	_, _ = fmt.Fprintln(log, "Installing the client libraries of Node.js, once, into", home)
	if err := npm.Make(ctx, home, "the client libraries", files); err != nil {
		return "", err
	}
	return home, nil
}

func read() (map[string][]byte, error) {
	entries, err := sources.ReadDir(".")
	if err != nil {
		return nil, fmt.Errorf("embedded client libraries: %w", err)
	}
	files := map[string][]byte{}
	for _, entry := range entries {
		if files[entry.Name()], err = sources.ReadFile(entry.Name()); err != nil {
			return nil, fmt.Errorf("embedded client libraries: %w", err)
		}
	}
	return files, nil
}

// hash names an installation by all that is in it.
func hash(files map[string][]byte) string {
	text, err := json.Marshal(files)
	if err != nil {
		return "unnamed" // not reached: bytes always marshal
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8])
}
