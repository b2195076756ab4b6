package infra

import "github.com/pulumi/pulumi/sdk/v3/go/pulumi"

// Site is where an environment's resources go.
type Site struct {
	// ResourceGroup is the name of the resource group.
	ResourceGroup pulumi.StringInput
	// Location is the Azure region of everything that is not an account.
	Location string
	// Names makes physical names.
	Names Names
	// Tags are put on every resource that takes tags.
	Tags map[string]string
}

func (s Site) tags() pulumi.StringMap { return pulumi.ToStringMap(s.Tags) }

// globalLocation is the location of resources that belong to no region. Left out, the provider would fill in the resource
// group's region and ARM would answer LocationNotAvailableForResourceType.
const globalLocation = "global"
