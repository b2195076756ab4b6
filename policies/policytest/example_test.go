package policytest_test

import (
	"context"
	"fmt"
	"log"

	"enterprise-openai/policies/policytest"
)

// A case that is written in the test itself: the first account is down, and the caller gets the answer of the second.
func Example() {
	engine, err := policytest.NewEngine()
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = engine.Close() }()
	c, err := policytest.Parse("example.txtar", []byte(`A call leaves an account that is down.

-- case.yaml --
fixture: project
backends:
  sweden: [{status: 503}]
calls:
  - key: red
    called: [sweden, france]
    expect: {status: 200}
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	result, err := engine.RunCase(context.Background(), c)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(result.Promise, result.Pass)
	// Output: A call leaves an account that is down. true
}

// A gateway of its own, for what a case cannot show.
func ExampleEngine_Project() {
	engine, err := policytest.NewEngine()
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = engine.Close() }()
	gateway, err := engine.Project(context.Background(), policytest.Facts{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = gateway.Close() }()
	gateway.Script("sweden", policytest.Answer{Status: 400})
	outcome, err := gateway.Call(context.Background(), policytest.Call{Key: "red"})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(outcome.Status, len(outcome.Seen))
	// Output: 400 1
}
