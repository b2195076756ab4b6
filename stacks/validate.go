package stacks

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"

	"enterprise-openai/internal/jsonpath"
)

// Validate judges an environment's settings as a whole: what Azure would refuse half an hour into a deployment, what
// contradicts itself, and what would be unsafe. It reports every problem at once, each with its remedy. The stack's
// name counts as a setting, because physical names contain it.
func Validate(s Settings, stack string, locate Locator) error {
	c := &check{problemList: newProblemList(locate), s: s, stack: stack}
	for _, rule := range rules {
		rule(c)
	}
	c.settleUnavailable()
	return c.err()
}

// rules are all the rules there are; their order does not matter.
var rules = []func(*check){
	checkStackName, checkNaming, checkTags, checkLocations,
	checkAddressSpace, checkSubnets, checkSubnetSizes,
	checkMode, checkUnits, checkZones, checkPublisher, checkEntra, checkSignIn, checkFailover,
	checkAccountNames, checkAccountOrder, checkDeployments, checkCapacity, checkPools,
	checkProductNames, checkProductGroups, checkProductDeployments, checkEndpoints, checkFiles, checkTools, checkLimits, checkPromises, checkPrivacy, checkKeylessPrivacy,
	checkTeams,
	checkLogging, checkTables, checkAlerts,
	checkUnavailable,
}

// check is one run of Validate.
type check struct {
	*problemList
	s     Settings
	stack string
}

// between reports a number outside its range.
func (c *check) between(path string, value, low, high int) {
	if value < low || value > high {
		c.add(path, fmt.Sprintf("%d is outside %d to %d", value, low, high), "")
	}
}

// mostCounted is the largest number a limit of the gateway or a capacity may be. The capacity of a deployment is an int32 in
// Azure's model (armcognitiveservices.SKU); that the attributes of rate-limit and llm-token-limit are too is [M].
const mostCounted = math.MaxInt32

// positive reports a number that is not above zero, or too large to be counted.
func (c *check) positive(path string, value int) {
	if value <= 0 {
		c.add(path, fmt.Sprintf("must be above 0, got %d", value), "")
	}
	if value > mostCounted {
		c.add(path, fmt.Sprintf("%d is above %d", value, mostCounted), "")
	}
}

// length reports a text that is longer than Azure takes.
func (c *check) length(path, value string, longest int) {
	if n := len([]rune(value)); n > longest {
		c.add(path, fmt.Sprintf("has %d characters, at most %d are allowed", n, longest), "shorten it")
	}
}

// matches reports a text of the wrong shape.
func (c *check) matches(path, value string, shape *regexp.Regexp, rule string) {
	if !shape.MatchString(value) {
		c.add(path, show(path, value)+" is not allowed", "use "+rule)
	}
}

// unique reports a value that an earlier entry of a list has too. ARM compares names without regard to case.
func (c *check) unique(seen map[string]string, path, value string) {
	folded := strings.ToLower(value)
	if first, twice := seen[folded]; twice {
		c.add(path, show(path, value)+" is also at "+first, "give each its own, or remove one")
		return
	}
	seen[folded] = path
}

// email reports an address that cannot be one.
func (c *check) email(path, value string) {
	c.matches(path, value, emailShape, "an email address such as someone@example.com")
}

// at is the path of an entry of a list, or of a setting in it.
func at(list string, index int, rest ...string) string {
	return strings.Join(append([]string{jsonpath.Index(list, index)}, rest...), ".")
}

var (
	// emailShape finds slips; whether a mailbox exists only a message to it can show.
	emailShape = regexp.MustCompile(`^[^@\s,;<>"()]+@[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)+$`)
	// regionShape is how Azure writes the names of regions in its API: swedencentral, eastus2.
	regionShape = regexp.MustCompile(`^[a-z]{4,}[0-9a-z]*$`)
	guidShape   = regexp.MustCompile(`^[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}$`)
)

// checkLocations finds regions written as people write them. Whether a region exists and has the model is only Azure
// knows: both change every month.
func checkLocations(c *check) {
	region := func(path, value string) {
		if regionShape.MatchString(value) {
			return
		}
		hint := "use the name of the API, such as swedencentral (az account list-locations)"
		plain := strings.ToLower(strings.NewReplacer(" ", "", "-", "", "_", "").Replace(value))
		if regionShape.MatchString(plain) {
			hint = "did you mean " + plain + "?"
		}
		c.add(path, show(path, value)+" is not the name of a region", hint)
	}
	region("location", c.s.Location)
	for i, a := range c.s.Accounts {
		region(at("accounts", i, "location"), a.Location)
	}
}

// settleUnavailable drops what other rules say about settings that cannot be used yet: one answer is enough.
func (c *check) settleUnavailable() {
	var refused []string
	for _, p := range c.problems {
		if p.Message == unavailableMessage {
			refused = append(refused, p.Path)
		}
	}
	c.problems = slices.DeleteFunc(c.problems, func(p Problem) bool {
		return p.Message != unavailableMessage && slices.ContainsFunc(refused, func(path string) bool {
			return p.Path == path || strings.HasPrefix(p.Path, path+".") || strings.HasPrefix(p.Path, path+"[")
		})
	})
}
