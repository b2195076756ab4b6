package arm

import (
	"slices"
)

type actionGroupModel struct {
	Location   *string            `json:"location,omitzero"`
	Tags       map[string]*string `json:"tags,omitzero"`
	Properties *struct {
		GroupShortName *string `json:"groupShortName,omitzero"`
		Enabled        *bool   `json:"enabled,omitzero"`
		EmailReceivers []struct {
			Name                 *string `json:"name,omitzero"`
			EmailAddress         *string `json:"emailAddress,omitzero"`
			UseCommonAlertSchema *bool   `json:"useCommonAlertSchema,omitzero"`
		} `json:"emailReceivers,omitzero"`
		WebhookReceivers []struct {
			Name                 *string `json:"name,omitzero"`
			ServiceURI           *string `json:"serviceUri,omitzero"`
			UseCommonAlertSchema *bool   `json:"useCommonAlertSchema,omitzero"`
		} `json:"webhookReceivers,omitzero"`
	} `json:"properties,omitzero"`
}

type (
	queryRuleKind     string
	conditionOperator string
	timeAggregation   string
	dimensionOperator string
	criteriaKind      string
	criterionKind     string
)

type dimensionModel struct {
	Name     *string            `json:"name,omitzero"`
	Operator *dimensionOperator `json:"operator,omitzero"`
	Values   []string           `json:"values,omitzero"`
}

type queryRuleModel struct {
	Location   *string            `json:"location,omitzero"`
	Kind       *queryRuleKind     `json:"kind,omitzero"`
	Tags       map[string]*string `json:"tags,omitzero"`
	Identity   *identityModel     `json:"identity,omitzero"`
	Properties *struct {
		Description            *string  `json:"description,omitzero"`
		DisplayName            *string  `json:"displayName,omitzero"`
		Severity               *int64   `json:"severity,omitzero"`
		Enabled                *bool    `json:"enabled,omitzero"`
		Scopes                 []string `json:"scopes,omitzero"`
		EvaluationFrequency    *string  `json:"evaluationFrequency,omitzero"`
		WindowSize             *string  `json:"windowSize,omitzero"`
		OverrideQueryTimeRange *string  `json:"overrideQueryTimeRange,omitzero"`
		MuteActionsDuration    *string  `json:"muteActionsDuration,omitzero"`
		TargetResourceTypes    []string `json:"targetResourceTypes,omitzero"`
		AutoMitigate           *bool    `json:"autoMitigate,omitzero"`
		SkipQueryValidation    *bool    `json:"skipQueryValidation,omitzero"`
		CheckStorage           *bool    `json:"checkWorkspaceAlertsStorageConfigured,omitzero"`
		Criteria               *struct {
			AllOf []struct {
				Query               *string            `json:"query,omitzero"`
				TimeAggregation     *timeAggregation   `json:"timeAggregation,omitzero"`
				MetricMeasureColumn *string            `json:"metricMeasureColumn,omitzero"`
				ResourceIDColumn    *string            `json:"resourceIdColumn,omitzero"`
				Dimensions          []dimensionModel   `json:"dimensions,omitzero"`
				Operator            *conditionOperator `json:"operator,omitzero"`
				Threshold           *float64           `json:"threshold,omitzero"`
				FailingPeriods      *struct {
					NumberOfEvaluationPeriods *int64 `json:"numberOfEvaluationPeriods,omitzero"`
					MinFailingPeriodsToAlert  *int64 `json:"minFailingPeriodsToAlert,omitzero"`
				} `json:"failingPeriods,omitzero"`
			} `json:"allOf,omitzero"`
		} `json:"criteria,omitzero"`
		Actions *struct {
			ActionGroups     []string           `json:"actionGroups,omitzero"`
			CustomProperties map[string]*string `json:"customProperties,omitzero"`
		} `json:"actions,omitzero"`
	} `json:"properties,omitzero"`
}

type metricAlertModel struct {
	Location   *string            `json:"location,omitzero"`
	Tags       map[string]*string `json:"tags,omitzero"`
	Properties *struct {
		Description         *string  `json:"description,omitzero"`
		Severity            *int64   `json:"severity,omitzero"`
		Enabled             *bool    `json:"enabled,omitzero"`
		Scopes              []string `json:"scopes,omitzero"`
		EvaluationFrequency *string  `json:"evaluationFrequency,omitzero"`
		WindowSize          *string  `json:"windowSize,omitzero"`
		AutoMitigate        *bool    `json:"autoMitigate,omitzero"`
		Criteria            *struct {
			Kind  *criteriaKind `json:"odata.type,omitzero"`
			AllOf []struct {
				Name            *string            `json:"name,omitzero"`
				MetricName      *string            `json:"metricName,omitzero"`
				MetricNamespace *string            `json:"metricNamespace,omitzero"`
				Dimensions      []dimensionModel   `json:"dimensions,omitzero"`
				Operator        *conditionOperator `json:"operator,omitzero"`
				Threshold       *float64           `json:"threshold,omitzero"`
				TimeAggregation *timeAggregation   `json:"timeAggregation,omitzero"`
				CriterionType   *criterionKind     `json:"criterionType,omitzero"`
			} `json:"allOf,omitzero"`
		} `json:"criteria,omitzero"`
		Actions []struct {
			ActionGroupID     *string            `json:"actionGroupId,omitzero"`
			WebHookProperties map[string]*string `json:"webHookProperties,omitzero"`
		} `json:"actions,omitzero"`
	} `json:"properties,omitzero"`
}

func alertKinds() []*Kind {
	return []*Kind{
		{
			Type: actionGroupType, model: model[actionGroupModel](modelOptions{}), checks: []func(*write){checkReceivers},
		},
		{
			Type: queryRuleType, model: model[queryRuleModel](modelOptions{}),
			checks: []func(*write){checkSeverity, checkQuerySchedule, checkRuleScope(workspaceType), checkConditions, checkRuleActions},
			fill:   fillQueryRule,
		},
		{
			Type: metricAlertType, model: model[metricAlertModel](modelOptions{}),
			checks: []func(*write){checkSeverity, checkMetricSchedule, checkRuleScope(serviceType), checkMetrics, checkMetricActions},
		},
	}
}

// Durations that rules take, no others (hashicorp/terraform-provider-azurerm internal/services/monitor; Azure/azure-rest-api-specs
// issue 21258: the service takes less than the ISO 8601 that the schema promises).
var (
	queryFrequencies  = []string{"PT1M", "PT5M", "PT10M", "PT15M", "PT30M", "PT45M", "PT1H", "PT2H", "PT3H", "PT4H", "PT5H", "PT6H", "P1D"}
	queryWindows      = append(slices.Clone(queryFrequencies), "P2D")
	queryMutes        = queryWindows[1:]
	queryRanges       = append(slices.Clone(queryMutes), "PT20M")
	metricFrequencies = []string{"PT1M", "PT5M", "PT15M", "PT30M", "PT1H"}
	metricWindows     = []string{"PT1M", "PT5M", "PT15M", "PT30M", "PT1H", "PT6H", "PT12H", "P1D"}
)

func fillQueryRule(w *write) {
	w.props["createdWithApiVersion"] = w.req.version
}
