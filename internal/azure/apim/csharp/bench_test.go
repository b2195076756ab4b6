package csharp

import (
	"context"
	"slices"
	"strconv"
	"testing"
	"time"
)

// benchmarkProgram is a chain as a policy document has it: look-ups, conditions, a body.
func benchmarkProgram(b *testing.B, workers int) *Program {
	b.Helper()
	var expressions []Expression
	for i := range 20 {
		n := strconv.Itoa(i)
		expressions = append(expressions, expression(b,
			`@(context.Request.Headers.GetValueOrDefault("X-Many","") + context.Product.Name + context.Variables.GetValueOrDefault<string>("text","") + `+n+`)`, WantString))
	}
	expressions = append(expressions,
		expression(b, `@((string)context.Request.Body.As<JObject>(preserveContent: true)["model"])`, WantString),
		expression(b, `@(context.Response != null && (context.Response.StatusCode == 429 || context.Response.StatusCode >= 500))`, WantBool))
	return program(b, expressions, WithWorkers(workers))
}

// reportMedian adds the median beside the mean: one late wake-up says nothing about a chain.
func reportMedian(b *testing.B, times []time.Duration) {
	b.Helper()
	if len(times) == 0 {
		return
	}
	slices.Sort(times)
	b.ReportMetric(float64(times[len(times)/2].Nanoseconds())/1e3, "p50-µs")
	b.ReportMetric(float64(times[len(times)*99/100].Nanoseconds())/1e3, "p99-µs")
}

// BenchmarkEval is one expression in a session that exists.
func BenchmarkEval(b *testing.B) {
	p := benchmarkProgram(b, 1)
	s := session(b, p, fullContext())
	times := make([]time.Duration, 0, b.N)
	for i := 0; b.Loop(); i++ {
		start := time.Now()
		if _, _, err := s.Eval(context.Background(), i%20); err != nil {
			b.Fatal(err)
		}
		times = append(times, time.Since(start))
	}
	reportMedian(b, times)
}

// BenchmarkSession is a request: context, 20 expressions one by one, a body, a response.
func BenchmarkSession(b *testing.B) {
	p := benchmarkProgram(b, 1)
	times := make([]time.Duration, 0, b.N)
	for b.Loop() {
		start := time.Now()
		chain(b, p)
		times = append(times, time.Since(start))
	}
	reportMedian(b, times)
}

// BenchmarkSessions is many requests at once on one process per processor.
func BenchmarkSessions(b *testing.B) {
	p := benchmarkProgram(b, 2)
	p.warming.Wait()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			chain(b, p)
		}
	})
}

// BenchmarkSessionAhead is the same request with its first 20 expressions in one exchange.
func BenchmarkSessionAhead(b *testing.B) {
	p := benchmarkProgram(b, 1)
	steps := make([]Step, 20)
	for i := range steps {
		steps[i].ID = i
	}
	times := make([]time.Duration, 0, b.N)
	for b.Loop() {
		start := time.Now()
		s, err := p.NewSession(fullContext())
		if err != nil {
			b.Fatal(err)
		}
		if _, _, err := s.Evaluate(context.Background(), steps[0], Ahead{Steps: steps[1:]}); err != nil {
			b.Fatal(err)
		}
		s.Close()
		times = append(times, time.Since(start))
	}
	reportMedian(b, times)
}

func chain(b *testing.B, p *Program) {
	b.Helper()
	ctx := context.Background()
	s, err := p.NewSession(fullContext())
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	for id := range 21 {
		v, _, err := s.Eval(ctx, id)
		if err != nil {
			b.Fatal(err)
		}
		if id < 3 {
			if err := s.SetVariable("v"+strconv.Itoa(id), v); err != nil {
				b.Fatal(err)
			}
		}
	}
	s.SetResponse(&Response{StatusCode: 200})
	if _, _, err := s.Eval(ctx, 21); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkCompile is a stack of 200 new expressions.
func BenchmarkCompile(b *testing.B) {
	for b.Loop() {
		var expressions []Expression
		for i := range 200 {
			expressions = append(expressions, expression(b, `@(context.Request.Headers.GetValueOrDefault("X-`+strconv.Itoa(i)+`","").Length > 0)`, WantBool))
		}
		p, err := Compile(context.Background(), expressions, WithCache(b.TempDir()), WithWorkers(1))
		if err != nil {
			b.Fatal(err)
		}
		p.Close()
	}
}
