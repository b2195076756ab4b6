package csharp

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strconv"
	"sync/atomic"
	"time"

	"enterprise-openai/internal/proc"
)

// Operations and answers of host/Main.cs.
const (
	opLoad, opRun                       = 1, 2
	ansLoaded, ansResult, ansAskBody    = 1, 2, 3
	bodyIsHere, bodyNotYet, bodyFailed  = 1, 2, 3
	statusOK, statusFailed, statusAgain = 0, 1, 2
	statusEnd, statusTooEarly           = 3, 4
	loadLimit                           = time.Minute
	maxFrame                            = 1 << 30
	selfDestruct                        = 3 // times the limit: then a child without a parent ends itself
)

// process is one child. Only the holder of its slot talks to it.
type process struct {
	*proc.Child

	hung atomic.Bool
}

func startProcess(t toolchain, host string, limit time.Duration) (*process, error) {
	watch := strconv.FormatInt(selfDestruct*limit.Milliseconds()+1000, 10)
	cmd := exec.Command(t.mono, host, watch) //nolint:noctx // it outlives the request that starts it; Kill and Close end it
	cmd.Env = hostEnvironment(t)
	child, err := proc.Start(cmd)
	if err != nil {
		return nil, fmt.Errorf("expression host: %w", err)
	}
	return &process{Child: child}, nil
}

// send writes one frame, whose first four bytes are its length.
func (p *process) send(frame []byte) error {
	binary.LittleEndian.PutUint32(frame, uint32(len(frame)-frameHead)) //nolint:gosec // the gateway refuses bodies far below 4 GB
	_, err := p.In.Write(frame)
	return err
}

// receive reads one frame.
func (p *process) receive() (*reader, error) {
	var head [4]byte
	if _, err := io.ReadFull(p.Out, head[:]); err != nil {
		return nil, err
	}
	n := binary.LittleEndian.Uint32(head[:])
	if n > maxFrame {
		return nil, fmt.Errorf("answer of %d bytes", n)
	}
	frame := make([]byte, n)
	if _, err := io.ReadFull(p.Out, frame); err != nil {
		return nil, err
	}
	return &reader{b: frame}, nil
}

// exchange sends a frame and waits for the answer; serve answers what the host wants to
// know meanwhile. The process is killed when the answer takes longer than limit.
func (p *process) exchange(frame []byte, limit time.Duration, serve func(*reader) []byte, sent func(*process)) (*reader, error) {
	timer := time.AfterFunc(limit, func() {
		p.hung.Store(true)
		p.Interrupt()
	})
	defer timer.Stop()
	if err := p.send(frame); err != nil {
		return nil, err
	}
	if sent != nil {
		sent(p)
	}
	for {
		answer, err := p.receive()
		if err != nil {
			return nil, err
		}
		kind := answer.byte()
		if kind != ansAskBody {
			return answer, answer.err
		}
		if serve == nil {
			return nil, errors.New("the host wants a body while it loads")
		}
		if err := p.send(serve(answer)); err != nil {
			return nil, err
		}
	}
}

// load gives the process its expressions; findings are what a check did not allow.
func (p *process) load(wants []byte, assembly []byte, check bool) ([]finding, error) {
	w := writer{b: make([]byte, frameHead)}
	w.byte(opLoad)
	w.bool(check)
	w.bytes(wants)
	w.bytes(assembly)
	r, err := p.exchange(w.b, loadLimit, nil, nil)
	if err != nil {
		return nil, fmt.Errorf("expression host: loading: %w", err)
	}
	var findings []finding
	for n := r.int(); n > 0 && r.err == nil; n-- {
		findings = append(findings, finding{int(r.int()), r.string(), r.string()})
	}
	return findings, r.err
}
