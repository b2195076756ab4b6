package policytest

import (
	"strings"
	"time"

	"enterprise-openai/internal/problem"
	"enterprise-openai/internal/strict"
	"enterprise-openai/stacks"
)

// Case is one file.
type Case struct {
	// File is where it was read from.
	File string
	// Promise is the first paragraph of the file's comment.
	Promise string

	// Notes are what should be changed in the file, though it is read.
	Notes []problem.Problem

	script script
	files  map[string]string
	lines  *strict.Lines
}

// script is case.yaml.
type script struct {
	Fixture  string              `yaml:"fixture"`
	Facts    Facts               `yaml:"facts"`
	Own      Own                 `yaml:"own"`
	Backends map[string][]Answer `yaml:"backends"`
	// Streamed runs the case a second time, and sets stream in each call whose body is left out.
	Streamed bool   `yaml:"streamed"`
	Calls    []Call `yaml:"calls"`
}

// Facts are what the project's fixture decides by; what is left out stays as in fixture.yaml.
type Facts struct {
	Products []Product           `yaml:"products"`
	Pools    map[string][]Member `yaml:"pools"`
	Teams    map[string]string   `yaml:"teams"`
	// Person is how who is behind a token is logged: id, hash or none.
	Person               stacks.PersonLog `yaml:"person"`
	MaxAttempts          int              `yaml:"max-attempts"`
	DeadlineSeconds      int              `yaml:"deadline-seconds"`
	StreamSeconds        int              `yaml:"stream-seconds"`
	AttemptSeconds       int              `yaml:"attempt-seconds"`
	RetryAfterCapSeconds int              `yaml:"retry-after-cap-seconds"`
	// BreakerStatuses are the statuses that open a breaker, for what Azure leaves undocumented: a failed connection counts
	// as 500 there. Without them, those of the deployed backends.
	BreakerStatuses []string `yaml:"breaker-statuses"`
	// Export sends whole prompts and answers to an Event Hub; HubDown is one that takes nothing.
	Export  bool `yaml:"export"`
	HubDown bool `yaml:"hub-down"`
}

// Product is a product of the project's fixture.
type Product struct {
	Name              string                `yaml:"name"`
	Authentication    stacks.Authentication `yaml:"authentication"`
	Groups            []string              `yaml:"groups"`
	Deployments       []string              `yaml:"deployments"`
	Endpoints         []stacks.EndpointKind `yaml:"endpoints"`
	Privacy           stacks.Privacy        `yaml:"privacy"`
	RequestsPerMinute int                   `yaml:"requests-per-minute"`
	TokensPerMinute   int                   `yaml:"tokens-per-minute"`
	Reserved          int                   `yaml:"reserved-tokens-per-minute"`
	OpenAnswer        int                   `yaml:"open-answer-tokens"`
	Images            int                   `yaml:"images-per-minute"`
	SpeechCharacters  int                   `yaml:"speech-characters-per-minute"`
	AudioMegabytes    int                   `yaml:"audio-megabytes-per-minute"`
	TokenQuota        int                   `yaml:"token-quota"`
	TokenQuotaPeriod  stacks.QuotaPeriod    `yaml:"token-quota-period"`
	Tools             []string              `yaml:"tools"`
	Hosts             []string              `yaml:"hosts"`
	LimitsPer         stacks.LimitsPer      `yaml:"limits-per"`
}

// Member is an account in a pool, or a backend in a pool of one's own.
type Member struct {
	Account  string `yaml:"account"`
	Priority int    `yaml:"priority"`
	Weight   int    `yaml:"weight"`
	// TokensPerMinute is what the account serves; 0 has no limit.
	TokensPerMinute int `yaml:"tokens-per-minute"`
}

// Own describes a gateway that runs the documents of the archive: api.xml and,
// if they are there, global.xml, product.xml and fragments/*.xml.
type Own struct {
	// Documents is a folder beside the case that holds the documents instead.
	Documents   string             `yaml:"documents"`
	Path        string             `yaml:"path"`
	Operations  []Operation        `yaml:"operations"`
	KeyRequired bool               `yaml:"key-required"`
	KeyHeader   string             `yaml:"key-header"`
	NamedValues map[string]string  `yaml:"named-values"`
	Backends    map[string]Backend `yaml:"backends"`
	ServiceURL  string             `yaml:"service-url"`
}

// Operation is an operation of one's own API.
type Operation struct {
	ID       string `yaml:"id"`
	Method   string `yaml:"method"`
	Template string `yaml:"template"`
}

// Backend is a backend of one's own: an address, or a pool.
type Backend struct {
	URL     string   `yaml:"url"`
	Pool    []Member `yaml:"pool"`
	Breaker *Breaker `yaml:"breaker"`
}

// Breaker is a backend's circuit breaker.
type Breaker struct {
	Count            int           `yaml:"count"`
	Interval         time.Duration `yaml:"interval"`
	Trip             time.Duration `yaml:"trip"`
	AcceptRetryAfter bool          `yaml:"accept-retry-after"`
	// Statuses are single codes and ranges: 429, 500-599.
	Statuses []string `yaml:"statuses"`
}

// Answer is what a backend does with one request.
type Answer struct {
	// Status is 200 unless it says otherwise.
	Status  int               `yaml:"status"`
	Headers map[string]string `yaml:"headers"`
	// Code makes an error body with this code, which names the account, so that a case sees whether it is passed on.
	Code string  `yaml:"code"`
	Body *string `yaml:"body"`
	// Events are the data of an event stream, one after the other.
	Events []string `yaml:"events"`
	// Repeat is what $(repeat) in body and events stands for.
	Repeat *Repeat `yaml:"repeat"`
	// Cut breaks the connection after the body.
	Cut bool `yaml:"cut"`
	// Fault is refused, reset, dns or tls: there is no answer at all.
	Fault string `yaml:"fault"`
	// Slow is how long the response's headers take.
	Slow time.Duration `yaml:"slow"`
	// Silent never answers.
	Silent bool `yaml:"silent"`
	// Times is how often this answer is given before the next one; 0 is once.
	Times int `yaml:"times"`
}

// Repeat is a text so often that it has as many bytes: a body of megabytes that a case does not spell out.
type Repeat struct {
	Text  string `yaml:"text"`
	Bytes int    `yaml:"bytes"`
}

// repeatMark stands for the repeated text.
const repeatMark = "$(repeat)"

// in puts the repeated text into another.
func (r *Repeat) in(text string) string {
	if r == nil || r.Text == "" {
		return text
	}
	return strings.ReplaceAll(text, repeatMark, strings.Repeat(r.Text, (r.Bytes+len(r.Text)-1)/len(r.Text)))
}

// Call is one request, or the same one several times, and what has to come of it.
type Call struct {
	// Wait moves the clock before the call.
	Wait time.Duration `yaml:"wait"`
	// Times sends it as often; every one has to meet the expectation. 0 is once.
	Times int `yaml:"times"`
	// Request is method and path.
	Request string `yaml:"request"`
	// Key is the team whose key goes into the api-key header.
	Key     string            `yaml:"key"`
	Token   *Token            `yaml:"token"`
	Headers map[string]string `yaml:"headers"`
	// Body is sent as it is, JSON as JSON; without both, a short chat.
	Body *string `yaml:"body"`
	JSON any     `yaml:"json"`
	// Repeat is what $(repeat) in body stands for.
	Repeat *Repeat `yaml:"repeat"`

	Expect Expect `yaml:"expect"`
	// Keep are members of the answer's JSON by a name of one's own: $(name) stands for the value in the calls that follow.
	Keep map[string]string `yaml:"keep"`
	// Called are the accounts that were called, in order.
	Called *[]string `yaml:"called"`
	// Asked is how Called was written until 0.1.0. It is still read, with a note.
	Asked *[]string `yaml:"asked"`
	// Seen is what they saw, in order; the list may end early.
	Seen []Sight `yaml:"seen"`
	Log  *Log    `yaml:"log"`
}

// Token is a caller's Entra token.
type Token struct {
	User   string   `yaml:"user"`
	Groups []string `yaml:"groups"`
	// MoreGroups are so many groups beside these.
	MoreGroups int `yaml:"more-groups"`
	// Wrong is expired, not-yet-valid, audience, tenant, unsigned, signature or unknown-key.
	Wrong string `yaml:"wrong"`
	// Scheme stands before the token; without it, Bearer.
	Scheme string `yaml:"scheme"`
	// Version is 1 unless it is 2, which has another issuer.
	Version int `yaml:"version"`
}

// Expect is what the caller gets.
type Expect struct {
	Status  int               `yaml:"status"`
	Headers map[string]string `yaml:"headers"`
	Absent  []string          `yaml:"absent"`
	// HeaderNames are all headers there are, in any order; Content-Length is not looked at.
	HeaderNames []string `yaml:"header-names"`
	// JSON is part of the body, Body is all of it.
	JSON     any      `yaml:"json"`
	Body     *string  `yaml:"body"`
	Contains []string `yaml:"contains"`
	Lacks    []string `yaml:"lacks"`
	// Cut is whether the body ended before its end; HeldBack whether a part of it waited for the next one.
	Cut      *bool `yaml:"cut"`
	HeldBack *bool `yaml:"held-back"`
	// Took is how far the clock went during the call.
	Took *time.Duration `yaml:"took"`
}

// Sight is one request as a backend saw it.
type Sight struct {
	Method   string            `yaml:"method"`
	Path     string            `yaml:"path"`
	Query    string            `yaml:"query"`
	Headers  map[string]string `yaml:"headers"`
	Absent   []string          `yaml:"absent"`
	JSON     any               `yaml:"json"`
	Body     *string           `yaml:"body"`
	Contains []string          `yaml:"contains"`
	Lacks    []string          `yaml:"lacks"`
}

// Log is what the call leaves in the logs; what is left out is not looked at.
type Log struct {
	API          *string `yaml:"api"`
	Operation    *string `yaml:"operation"`
	Product      *string `yaml:"product"`
	Subscription *string `yaml:"subscription"`
	Status       *int    `yaml:"status"`
	// Reason is LastError.Reason, empty for a call without an error.
	Reason *string `yaml:"reason"`
	// Attempts are backend and status, or what went wrong: "sweden-gpt-4o 429".
	Attempts *[]string `yaml:"attempts"`
	// Traces are parts of trace messages, all of which have to be there.
	Traces []string `yaml:"traces"`
	// Untraced are sources of traces, or parts of messages, of which there is none.
	Untraced []string `yaml:"untraced"`
	// Tokens are the total of the LLM log, Model is the model's name there.
	Tokens *int    `yaml:"tokens"`
	Model  *string `yaml:"model"`
	// Metrics are values by name, Dimensions those of all of them.
	Metrics    map[string]float64 `yaml:"metrics"`
	Dimensions map[string]string  `yaml:"dimensions"`
	// Namespace is that of all metrics.
	Namespace *string `yaml:"namespace"`
	// Events are what was sent to the Event Hub, in order.
	Events *[]Sent `yaml:"events"`
}

// Sent is one event.
type Sent struct {
	// JSON is part of the event, Contains and Lacks are about its text.
	JSON     any      `yaml:"json"`
	Contains []string `yaml:"contains"`
	Lacks    []string `yaml:"lacks"`
	// Lost is whether it did not arrive.
	Lost bool `yaml:"lost"`
}
