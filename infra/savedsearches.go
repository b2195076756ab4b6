package infra

import (
	"fmt"

	"enterprise-openai/queries"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// SavedSearches are the queries where people look for them: in the workspace, under Queries.
type SavedSearches struct {
	pulumi.ResourceState
}

// SavedSearchesArgs is what saved searches need to know.
type SavedSearchesArgs struct {
	Site Site
	// WorkspaceName is the name of the workspace, which is our own.
	WorkspaceName pulumi.StringOutput
	// Queries with their lookups filled in.
	Queries []queries.Query
}

// searchCategory is the heading that the portal lists them under.
const searchCategory = "Enterprise OpenAI"

// NewSavedSearches declares a saved search for every query, named after its file. They go through a template: Azure writes
// over a saved search only with its etag, or else answers 409, and this provider has no way to send one.
func NewSavedSearches(ctx *pulumi.Context, name string, args *SavedSearchesArgs, opts ...pulumi.ResourceOption) (*SavedSearches, error) {
	s := &SavedSearches{}
	if err := ctx.RegisterComponentResource("enterprise-openai:infra:SavedSearches", name, s, opts...); err != nil {
		return nil, err
	}
	child := pulumi.Parent(s)

	var searches []templateResource
	for _, q := range args.Queries {
		searches = append(searches, templateResource{
			kind: "savedSearches", workspace: true,
			name: pulumi.Sprintf("%s/%s", args.WorkspaceName, q.Name),
			properties: pulumi.Map{
				"category":    pulumi.String(searchCategory),
				"displayName": pulumi.String(q.Title),
				"query":       pulumi.String(q.Text),
				"version":     pulumi.Int(2),
				"etag":        pulumi.String("*"), // whatever is there
			},
		})
	}
	_, err := deploymentStack(ctx, name, args.Site.Names.DeploymentStack("searches"), args.Site, searches, deleted, child)
	if err != nil {
		return nil, fmt.Errorf("saved searches: %w", err)
	}

	return s, ctx.RegisterResourceOutputs(s, pulumi.Map{})
}
