// Command enterprise-openai is the Pulumi program: pulumi up runs it.
package main

import (
	"enterprise-openai/stacks"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

func main() {
	pulumi.Run(stacks.Deploy)
}
