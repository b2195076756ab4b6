package page

import "enterprise-openai/rehearsal/report"

// place is a part of the architecture.
type place string

const (
	atTeams      place = "teams"
	atProducts   place = "products"
	atGateway    place = "gateway"
	atPools      place = "pools"
	atNetwork    place = "network"
	atAccounts   place = "accounts"
	atLogs       place = "logs"
	atDeployment place = "deployment"
)

// places are the parts that drills are about. One that is missing here is about the deployment as a whole.
var places = map[string]place{
	"isolation": atNetwork, "access": atGateway, "failover": atPools, "throttle": atProducts, "neighbours": atPools,
	"reach": atProducts, "conversations": atPools, "clients": atGateway, "overload": atPools, "streaming": atGateway,
	"secrets": atGateway, "logging": atLogs, "chargeback": atLogs, "privacy": atLogs, "questions": atLogs, "alerts": atLogs,
}

// badge names a failed promise at its place.
type badge struct{ Drill string }

// badges are the failed promises, by place.
func badges(failed []report.Drill) map[place][]badge {
	found := map[place][]badge{}
	for _, d := range failed {
		at, ok := places[d.Name]
		if !ok {
			at = atDeployment
		}
		found[at] = append(found[at], badge{d.Name})
	}
	return found
}
