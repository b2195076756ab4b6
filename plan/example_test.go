package plan_test

import (
	"context"
	"fmt"
	"log"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"enterprise-openai/infra"
	"enterprise-openai/plan"
	"enterprise-openai/plan/change"
)

// What a program declares, without an engine, and what another location would change.
func ExampleOf() {
	declared := func(location string) []plan.Resource {
		p, err := plan.Of(context.Background(), "..", "dev", plan.Update, func(ctx *pulumi.Context) error {
			_, err := infra.NewResourceGroup(ctx, "group", &infra.ResourceGroupArgs{
				Location: location, Names: infra.Names{Prefix: "aoai", Stack: "dev", Suffix: "x1"},
			})
			return err
		})
		if err != nil {
			log.Fatal(err)
		}
		return p.Resources
	}
	before := declared("swedencentral")
	for _, r := range before {
		fmt.Println(r.Type, r.Name)
	}
	for _, c := range change.Between(before, declared("francecentral")) {
		fmt.Println(c)
	}
	// Output:
	// azure-native:resources/v20240301:ResourceGroup group
	// enterprise-openai:infra:ResourceGroup group
	// replace ResourceGroup group (location)
}
