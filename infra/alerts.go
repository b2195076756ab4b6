package infra

import (
	"fmt"

	"enterprise-openai/queries"

	metrics "github.com/pulumi/pulumi-azure-native-sdk/insights/v2/v20180301"
	actions "github.com/pulumi/pulumi-azure-native-sdk/insights/v2/v20230101"
	rules "github.com/pulumi/pulumi-azure-native-sdk/insights/v2/v20231201"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Alerts are who is notified about trouble, and what trouble is.
type Alerts struct {
	pulumi.ResourceState
}

// RulePlan is a query that Azure runs on a schedule, with the number that is too much.
type RulePlan struct {
	// Name is part of the rule's name; one query may run with two thresholds.
	Name  string
	Alert queries.Alert
	// Title replaces the query's own, Severity too.
	Title    string
	Severity int
	// Threshold is the smallest value that raises an alert.
	Threshold float64
}

// MetricPlan is a metric of the gateway with the number that is too much.
type MetricPlan struct {
	Name, Title, Description string
	Severity                 int
	// Metric and Aggregation as Azure Monitor names them; Dimension and Value choose a part of the metric, empty is all of it.
	Metric, Aggregation, Dimension, Value string
	// Window is an ISO 8601 duration.
	Window    string
	Threshold float64
}

// AlertsArgs is what alerts need to know.
type AlertsArgs struct {
	Site        Site
	WorkspaceID pulumi.StringInput
	ServiceID   pulumi.StringInput
	Emails      []string
	Rules       []RulePlan
	Metrics     []MetricPlan
}

// NewAlerts declares the group of people, then every rule that notifies them.
func NewAlerts(ctx *pulumi.Context, name string, args *AlertsArgs, opts ...pulumi.ResourceOption) (*Alerts, error) {
	a := &Alerts{}
	if err := ctx.RegisterComponentResource("enterprise-openai:infra:Alerts", name, a, opts...); err != nil {
		return nil, err
	}
	child := pulumi.Parent(a)

	receivers := actions.EmailReceiverArray{}
	for _, email := range args.Emails {
		receivers = append(receivers, actions.EmailReceiverArgs{
			Name: pulumi.String(email), EmailAddress: pulumi.String(email), UseCommonAlertSchema: pulumi.Bool(true),
		})
	}
	group, err := actions.NewActionGroup(ctx, name, &actions.ActionGroupArgs{
		ActionGroupName:   pulumi.String(args.Site.Names.ActionGroup()),
		ResourceGroupName: args.Site.ResourceGroup,
		Location:          pulumi.String(globalLocation),
		Tags:              args.Site.tags(),
		GroupShortName:    pulumi.String(args.Site.Names.Prefix), // 12 characters at most
		Enabled:           pulumi.Bool(true),
		EmailReceivers:    receivers,
	}, child)
	if err != nil {
		return nil, fmt.Errorf("action group: %w", err)
	}
	for _, plan := range args.Rules {
		if err := queryRule(ctx, name, args, plan, group.ID(), child); err != nil {
			return nil, fmt.Errorf("rule %s: %w", plan.Name, err)
		}
	}
	for _, plan := range args.Metrics {
		if err := metricRule(ctx, name, args, plan, group.ID(), child); err != nil {
			return nil, fmt.Errorf("metric rule %s: %w", plan.Name, err)
		}
	}

	return a, ctx.RegisterResourceOutputs(a, pulumi.Map{})
}

// queryRule declares a log alert. Azure would try its query before it stores it, and refuse it in a workspace whose tables
// are not there before the first row.
func queryRule(ctx *pulumi.Context, name string, args *AlertsArgs, plan RulePlan, group pulumi.IDOutput, child pulumi.ResourceOption) error {
	dimensions := rules.DimensionArray{}
	for _, dimension := range plan.Alert.Dimensions {
		dimensions = append(dimensions, rules.DimensionArgs{
			Name: pulumi.String(dimension), Operator: pulumi.String("Include"), Values: pulumi.StringArray{pulumi.String("*")},
		})
	}
	rule := &rules.ScheduledQueryRuleArgs{
		RuleName:            pulumi.String(args.Site.Names.Alert(plan.Name)),
		ResourceGroupName:   args.Site.ResourceGroup,
		Location:            pulumi.String(args.Site.Location),
		Tags:                args.Site.tags(),
		Kind:                pulumi.String("LogAlert"),
		DisplayName:         pulumi.String(plan.Title),
		Description:         pulumi.String(plan.Alert.Answers),
		Enabled:             pulumi.Bool(true),
		Severity:            pulumi.Float64(plan.Severity),
		Scopes:              pulumi.StringArray{args.WorkspaceID},
		EvaluationFrequency: pulumi.String(plan.Alert.Every),
		WindowSize:          pulumi.String(plan.Alert.Window),
		SkipQueryValidation: pulumi.Bool(true),
		AutoMitigate:        pulumi.Bool(true),
		Criteria: rules.ScheduledQueryRuleCriteriaArgs{AllOf: rules.ConditionArray{rules.ConditionArgs{
			Query:               pulumi.String(plan.Alert.Text),
			MetricMeasureColumn: pulumi.String(queries.ValueColumn),
			TimeAggregation:     pulumi.String("Maximum"),
			Dimensions:          dimensions,
			Operator:            pulumi.String("GreaterThanOrEqual"),
			Threshold:           pulumi.Float64(plan.Threshold),
			FailingPeriods: rules.ConditionFailingPeriodsArgs{
				NumberOfEvaluationPeriods: pulumi.Float64(1), MinFailingPeriodsToAlert: pulumi.Float64(1),
			},
		}}},
		Actions: rules.ActionsArgs{ActionGroups: pulumi.StringArray{group}},
	}
	if plan.Alert.LooksBack != "" {
		rule.OverrideQueryTimeRange = pulumi.String(plan.Alert.LooksBack)
	}
	_, err := rules.NewScheduledQueryRule(ctx, name+"-"+plan.Name, rule, child)
	return err
}

// criteriaOfOne is the kind of criteria for metrics of a single resource.
const criteriaOfOne = "Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria"

func metricRule(ctx *pulumi.Context, name string, args *AlertsArgs, plan MetricPlan, group pulumi.IDOutput, child pulumi.ResourceOption) error {
	var dimensions metrics.MetricDimensionArrayInput
	if plan.Dimension != "" {
		dimensions = metrics.MetricDimensionArray{metrics.MetricDimensionArgs{
			Name: pulumi.String(plan.Dimension), Operator: pulumi.String("Include"), Values: pulumi.StringArray{pulumi.String(plan.Value)},
		}}
	}
	_, err := metrics.NewMetricAlert(ctx, name+"-"+plan.Name, &metrics.MetricAlertArgs{
		RuleName:            pulumi.String(args.Site.Names.Alert(plan.Name)),
		ResourceGroupName:   args.Site.ResourceGroup,
		Location:            pulumi.String(globalLocation),
		Tags:                args.Site.tags(),
		Description:         pulumi.String(plan.Title + ". " + plan.Description),
		Enabled:             pulumi.Bool(true),
		Severity:            pulumi.Int(plan.Severity),
		Scopes:              pulumi.StringArray{args.ServiceID},
		EvaluationFrequency: pulumi.String("PT5M"),
		WindowSize:          pulumi.String(plan.Window),
		AutoMitigate:        pulumi.Bool(true),
		Criteria: metrics.MetricAlertSingleResourceMultipleMetricCriteriaArgs{
			OdataType: pulumi.String(criteriaOfOne),
			AllOf: metrics.MetricCriteriaArray{metrics.MetricCriteriaArgs{
				CriterionType:   pulumi.String("StaticThresholdCriterion"),
				Name:            pulumi.String(plan.Name),
				MetricName:      pulumi.String(plan.Metric),
				Dimensions:      dimensions,
				Operator:        pulumi.String("GreaterThanOrEqual"),
				Threshold:       pulumi.Float64(plan.Threshold),
				TimeAggregation: pulumi.String(plan.Aggregation),
			}},
		},
		Actions: metrics.MetricAlertActionArray{metrics.MetricAlertActionArgs{ActionGroupId: group}},
	}, child)
	return err
}
