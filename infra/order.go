package infra

import (
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Done is what another resource waits for where no output makes it wait; docs/architecture.md lists these orders with what Azure
// answers otherwise. A component offers it in a field that is called Done, or ends with it, and takes it in one that is called
// After, or ends with it.
type Done []pulumi.Resource

// after makes a resource wait. What is nil is not there, and nothing waits for it.
func after(all ...Done) pulumi.ResourceOption { return pulumi.DependsOn(slices.Concat(all...)) }
