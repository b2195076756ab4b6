// Package live serves a page on loopback on which the stack that is up can be watched and tried: its last calls as they end, a box to send a
// prompt as a team, and switches that cut a region and restore it.
//
//	live.go    Serve, who may call, and the answers
//	page.html page.css page.js   the page, which reads events and asks for nothing from elsewhere
//
// Only those who have the address reach it: it has a token in its path, which the command prints. Names of other hosts that lead to loopback
// are refused, and so are calls that another page makes.
package live

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"embed"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"enterprise-openai/rehearsal/drills"
)

//go:embed page.html page.css page.js
var files embed.FS

// Stack is what the page shows and tries.
type Stack interface {
	// Live is the state, and a channel that is closed when there is another.
	Live() (drills.Live, <-chan struct{})
	Ask(ctx context.Context, team int, prompt string) (drills.Asked, error)
	Cut(region string, cut bool) error
}

// Server serves the page.
type Server struct {
	// URL is the page's address with its token.
	URL string

	stack  Stack
	name   string
	teams  []string
	token  string
	host   string
	http   *http.Server
	ended  context.Context //nolint:containedctx // it ends the streams of events when the server closes
	cancel context.CancelFunc
}

// policy lets the page load its own files and call its own server, and nothing else.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// Limits of the server.
const (
	tokenBytes  = 16
	largestBody = 64 << 10
	readTimeout = 10 * time.Second
)

// Serve serves the page of a stack on a free port of loopback until Close.
func Serve(ctx context.Context, name string, teams []drills.TeamAccess, stack Stack) (*Server, error) {
	secret := make([]byte, tokenBytes)
	_, _ = rand.Read(secret) // never fails
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("live page: %w", err)
	}
	s := &Server{stack: stack, name: name, token: base64.RawURLEncoding.EncodeToString(secret), host: listener.Addr().String()}
	s.URL = "http://" + s.host + "/" + s.token + "/"
	for _, t := range teams {
		who := t.Team
		if who == "" {
			who = "a member of the groups"
		}
		s.teams = append(s.teams, who+" on "+t.Product)
	}
	s.ended, s.cancel = context.WithCancel(context.WithoutCancel(ctx))
	s.http = &http.Server{Handler: s, ReadHeaderTimeout: readTimeout}
	go func() { _ = s.http.Serve(listener) }() // ends with Close
	return s, nil
}

// Close stops serving and ends streams of events.
func (s *Server) Close() error {
	s.cancel()
	return s.http.Close()
}

// ServeHTTP answers those who have the token.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-store")
	token, path, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	switch origin := r.Header.Get("Origin"); {
	case r.Host != s.host, origin != "" && origin != "http://"+s.host, r.Header.Get("Sec-Fetch-Site") == "cross-site":
		http.Error(w, "this page answers to its own address alone", http.StatusForbidden)
		return
	case subtle.ConstantTimeCompare([]byte(token), []byte(s.token)) != 1:
		http.Error(w, "not found: the address that rehearse up printed has a token", http.StatusNotFound)
		return
	}
	switch r.Method + " " + path {
	case "GET ":
		s.page(w)
	case "GET page.js", "GET page.css":
		http.ServeFileFS(w, r, files, path)
	case "GET events":
		s.events(w, r)
	case "POST ask":
		s.ask(w, r)
	case "POST cut":
		s.cut(w, r)
	default:
		http.Error(w, "not found", http.StatusNotFound)
	}
}

func (s *Server) page(w http.ResponseWriter) {
	t, err := template.ParseFS(files, "page.html")
	if err == nil {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		err = t.Execute(w, map[string]any{"Stack": s.name, "Teams": s.teams})
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
	}
}

// events sends the state, and again whenever it has changed.
func (s *Server) events(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	flush := http.NewResponseController(w)
	for {
		now, changed := s.stack.Live()
		text, err := json.Marshal(now)
		if err != nil {
			return
		}
		if _, err := fmt.Fprintf(w, "data: %s\n\n", text); err != nil {
			return
		}
		if err := flush.Flush(); err != nil {
			return
		}
		select {
		case <-changed:
		case <-r.Context().Done():
			return
		case <-s.ended.Done():
			return
		}
	}
}

func (s *Server) ask(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Team   int    `json:"team"`
		Prompt string `json:"prompt"`
	}
	if !read(w, r, &in) {
		return
	}
	answer, err := s.stack.Ask(r.Context(), in.Team, in.Prompt)
	write(w, answer, err)
}

func (s *Server) cut(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Region string `json:"region"`
		Cut    bool   `json:"cut"`
	}
	if !read(w, r, &in) {
		return
	}
	write(w, struct{}{}, s.stack.Cut(in.Region, in.Cut))
}

// read reads a request's JSON, and answers where it is none.
func read(w http.ResponseWriter, r *http.Request, into any) bool {
	if r.Header.Get("Content-Type") != "application/json" {
		http.Error(w, "the body has to be application/json", http.StatusUnsupportedMediaType)
		return false
	}
	decoder := json.NewDecoder(http.MaxBytesReader(w, r.Body, largestBody))
	decoder.DisallowUnknownFields()
	err := decoder.Decode(into)
	if err == nil && decoder.Decode(&struct{}{}) != io.EOF {
		err = errors.New("more than one value")
	}
	if err != nil {
		http.Error(w, "the body is not what the page sends: "+err.Error(), http.StatusBadRequest)
		return false
	}
	return true
}

func write(w http.ResponseWriter, value any, err error) {
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(value) // the caller has gone
}
