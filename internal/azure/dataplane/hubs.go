package dataplane

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"enterprise-openai/internal/azure/apim"
	"enterprise-openai/internal/azure/arm"
)

const (
	namespaceType = "Microsoft.EventHub/namespaces"
	hubType       = namespaceType + "/eventhubs"
	hubDomain     = ".servicebus.windows.net"
)

// sendingRoles are the definitions of the roles that may send events
// (Microsoft Learn: role-based-access-control/built-in-roles/analytics).
var sendingRoles = []string{
	"2b629674-e913-4c01-ae53-ef4638d8f975", // Azure Event Hubs Data Sender
	"f526a384-b230-433a-b45c-95f59c4a2dec", // Azure Event Hubs Data Owner
}

// HubEvent is an event as it lies in a hub.
type HubEvent struct {
	// Hub is the ARM id of the hub.
	Hub string
	apim.Event
}

// hubs delivers what log-to-eventhub sends.
type hubs struct{ plane *Plane }

// Send puts an event into the hub that its logger leads to, if it gets there.
func (h hubs) Send(_ context.Context, e apim.Event) error {
	hub, err := h.plane.hubOf(e.LoggerID)
	if err != nil {
		return err
	}
	h.plane.hubs.Lock()
	defer h.plane.hubs.Unlock()
	h.plane.hubs.events = append(h.plane.hubs.events, HubEvent{hub, e})
	return nil
}

// HubEvents are the events that arrived.
func (p *Plane) HubEvents() []HubEvent {
	p.hubs.Lock()
	defer p.hubs.Unlock()
	return slices.Clone(p.hubs.events)
}

// hubOf finds the hub behind a logger. What it finds holds until something is written to the resource manager.
func (p *Plane) hubOf(logger string) (string, error) {
	p.hubs.Lock()
	defer p.hubs.Unlock()
	if known, ok := p.hubs.known[logger]; ok {
		return known.id, known.err
	}
	var to hubWay
	to.id, to.err = p.findHub(logger)
	if p.hubs.known == nil {
		p.hubs.known = map[string]hubWay{}
	}
	p.hubs.known[logger] = to
	return to.id, to.err
}

type hubWay struct {
	id  string
	err error
}

func (p *Plane) forgetHubs() {
	p.hubs.Lock()
	defer p.hubs.Unlock()
	p.hubs.known = nil
}

func (p *Plane) findHub(id string) (string, error) {
	server := p.options.ARM
	for _, service := range server.Resources(serviceType) {
		for _, logger := range below(server, service, "loggers") {
			if !strings.EqualFold(logger.Name, id) {
				continue
			}
			hub, gaps := hubGaps(server, service, logger)
			if len(gaps) > 0 {
				return "", errors.New(strings.Join(gaps, "; "))
			}
			err := hubAt(server, gatewayNetwork(server), properties(logger).at("credentials", "endpointAddress").text())
			return hub, err
		}
	}
	return "", fmt.Errorf("there is no logger %s", id)
}

// hubGaps names what is missing between a logger and its hub: the namespace, the hub, the role of the gateway's identity.
func hubGaps(server *arm.Server, service, logger arm.Resource) (hubID string, gaps []string) {
	credentials := properties(logger).at("credentials")
	if credentials.at("endpointAddress").text() == "" {
		return "", []string{fmt.Sprintf("an endpoint of logger %s: connection strings are not modelled", logger.Name)}
	}
	namespace, found := namespaceAt(server, credentials.at("endpointAddress").text())
	if !found {
		return "", []string{fmt.Sprintf("the Event Hubs namespace at %s, which logger %s names", credentials.at("endpointAddress").text(), logger.Name)}
	}
	hub, found := server.Get(namespace.ID + "/eventhubs/" + credentials.at("name").text())
	if !found {
		return "", []string{fmt.Sprintf("the event hub %s in namespace %s, which logger %s names", credentials.at("name").text(), namespace.Name, logger.Name)}
	}
	principal := body(service).at("identity", "principalId").text()
	if !strings.EqualFold(credentials.at("identityClientId").text(), "SystemAssigned") || principal == "" {
		gaps = append(gaps, fmt.Sprintf("the gateway's system-assigned identity in logger %s", logger.Name))
	}
	if !maySend(server, principal, hub.ID) {
		gaps = append(gaps, fmt.Sprintf("the role Azure Event Hubs Data Sender of the gateway's identity on event hub %s", hub.Name))
	}
	return hub.ID, gaps
}

func maySend(server *arm.Server, principal, hub string) bool {
	return slices.ContainsFunc(server.Resources(roleType), func(role arm.Resource) bool {
		p := properties(role)
		definition := strings.ToLower(p.at("roleDefinitionId").text())
		return strings.EqualFold(p.at("principalId").text(), principal) && covers(p.at("scope").text(), hub) &&
			slices.ContainsFunc(sendingRoles, func(id string) bool { return strings.HasSuffix(definition, "/"+id) })
	})
}

// namespaceAt is the namespace that answers under a host name.
func namespaceAt(server *arm.Server, host string) (arm.Resource, bool) {
	host = strings.ToLower(host)
	for _, namespace := range server.Resources(namespaceType) {
		if strings.ToLower(namespace.Name)+hubDomain == host {
			return namespace, true
		}
	}
	return arm.Resource{}, false
}

// exportGaps are those of every logger that leads to an Event Hub, the way through the network among them.
func exportGaps(server *arm.Server, service arm.Resource) []string {
	var gaps []string
	for _, logger := range below(server, service, "loggers") {
		if properties(logger).at("loggerType").text() != "azureEventHub" {
			continue
		}
		_, missing := hubGaps(server, service, logger)
		gaps = append(gaps, missing...)
		if len(missing) > 0 {
			continue
		}
		host := properties(logger).at("credentials", "endpointAddress").text()
		if err := hubAt(server, gatewayNetwork(server), host); err != nil {
			gaps = append(gaps, fmt.Sprintf("a way from the gateway to %s: %v", host, err))
		}
	}
	return gaps
}

// hubAt is why a namespace is not reached from a network; nil when it is.
func hubAt(server *arm.Server, network, host string) error {
	namespace, found := namespaceAt(server, host)
	if !found {
		return fmt.Errorf("%s is not deployed", host)
	}
	address, err := names{server, network}.resolve(host)
	if err != nil {
		return err
	}
	if address != public {
		return endpointAt(server, network, address, func(endpoint arm.Resource) bool { return connects(endpoint, namespace.ID) })
	}
	if strings.EqualFold(properties(namespace).at("publicNetworkAccess").text(), "Disabled") {
		return fmt.Errorf("%s takes nothing from its public address", host)
	}
	return nil
}

var _ apim.Hubs = hubs{}
