package infra

import (
	"fmt"

	"enterprise-openai/queries"

	insights "github.com/pulumi/pulumi-azure-native-sdk/insights/v2/v20230601"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Workbook is the page where people read what the logs answer.
type Workbook struct {
	pulumi.ResourceState
}

// WorkbookArgs is what a workbook needs to know.
type WorkbookArgs struct {
	Site        Site
	WorkspaceID pulumi.StringOutput
	Book        queries.Workbook
}

// NewWorkbook declares the workbook, in the portal below the workspace and among the shared ones.
func NewWorkbook(ctx *pulumi.Context, name string, args *WorkbookArgs, opts ...pulumi.ResourceOption) (*Workbook, error) {
	w := &Workbook{}
	if err := ctx.RegisterComponentResource("enterprise-openai:infra:Workbook", name, w, opts...); err != nil {
		return nil, err
	}
	child := pulumi.Parent(w)

	_, err := insights.NewWorkbook(ctx, name, &insights.WorkbookArgs{
		ResourceName:      pulumi.String(args.Site.Names.Workbook()),
		ResourceGroupName: args.Site.ResourceGroup,
		Location:          pulumi.String(args.Site.Location),
		Tags:              args.Site.tags(),
		Kind:              pulumi.String("shared"),
		Category:          pulumi.String("workbook"),
		DisplayName:       pulumi.String(args.Book.Title),
		SourceId:          args.WorkspaceID,
		SerializedData:    contents(args.Book, args.WorkspaceID),
		Version:           pulumi.String("Notebook/1.0"),
	}, child)
	if err != nil {
		return nil, fmt.Errorf("workbook: %w", err)
	}

	return w, ctx.RegisterResourceOutputs(w, pulumi.Map{})
}

// contents is the workbook's JSON, which names its workspace.
func contents(book queries.Workbook, workspaceID pulumi.StringOutput) pulumi.StringOutput {
	return workspaceID.ApplyT(book.JSON).(pulumi.StringOutput)
}
