package kql

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strings"

	"enterprise-openai/internal/proc"
)

// DefaultMemory bounds the child's memory in megabytes, so that a query cannot take the machine with it.
const DefaultMemory = 2048

// process is the node child. One request is under way at a time.
type process struct {
	*proc.Child

	memory int
}

func startProcess(main string, memory int) (*process, error) {
	node, err := exec.LookPath("node")
	if err != nil {
		return nil, ErrNoNode
	}
	//nolint:noctx // the child outlives the request that starts it; Close ends it
	cmd := exec.Command(node, fmt.Sprintf("--max-old-space-size=%d", memory), main)
	// Queries read nothing of this machine: no environment but what node needs to start.
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "TZ=UTC", "LANG=C.UTF-8"}
	child, err := proc.Start(cmd)
	if err != nil {
		return nil, fmt.Errorf("KQL process: %w", err)
	}
	return &process{Child: child, memory: memory}, nil
}

// ask sends one request and reads its answer. A child that was interrupted is no longer usable and is killed.
func (p *process) ask(ctx context.Context, request, answer any) error {
	line, err := encode(request)
	if err != nil {
		return fmt.Errorf("KQL request: %w", err)
	}
	stop := context.AfterFunc(ctx, p.Interrupt)
	defer stop()
	_, err = p.In.Write(line)
	var reply []byte
	if err == nil {
		reply, err = p.Out.ReadBytes('\n')
	}
	if err != nil {
		p.Kill()
		if ctx.Err() != nil {
			return fmt.Errorf("KQL query: %w", ctx.Err())
		}
		stderr := p.Stderr()
		if strings.Contains(stderr, "heap out of memory") || strings.Contains(stderr, "heap limit") {
			return &QueryError{Message: fmt.Sprintf("the query needs more memory than the %d MB that KQL may take here; filter or summarize earlier", p.memory)}
		}
		return fmt.Errorf("KQL process ended: %w\n%s", err, stderr)
	}
	decoder := json.NewDecoder(bytes.NewReader(reply))
	decoder.UseNumber()
	if err := decoder.Decode(answer); err != nil {
		return fmt.Errorf("KQL answer: %w", err)
	}
	return nil
}

// encode writes one line of JSON and leaves < and > as they are.
func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
