package stacks

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// The parts of physical names, <prefix>-<stack>-<kind>[-<account>]-<suffix>, are limited so that the longest name built
// from them needs no shortening: an account's, 10-23-oai-16-8 with its dashes, has exactly the 64 characters that Azure
// allows; an API Management service's stays below its 50 (Microsoft Learn:
// azure-resource-manager/management/resource-name-rules).
const (
	longestPrefix  = 10
	longestStack   = 23
	longestSuffix  = 8
	longestAccount = 16
	// longestName limits identifiers of products, teams and groups; two of them and a dash name a subscription (256).
	longestName = 64
)

var (
	prefixShape     = regexp.MustCompile(fmt.Sprintf(`^[a-z][a-z0-9]{0,%d}$`, longestPrefix-1))
	stackShape      = regexp.MustCompile(fmt.Sprintf(`^[a-z0-9](?:[a-z0-9-]{0,%d}[a-z0-9])?$`, longestStack-2))
	suffixShape     = regexp.MustCompile(fmt.Sprintf(`^[a-z0-9]{3,%d}$`, longestSuffix))
	accountShape    = regexp.MustCompile(fmt.Sprintf(`^[a-z0-9]{2,%d}$`, longestAccount))
	identifierShape = regexp.MustCompile(fmt.Sprintf(`^[a-z0-9](?:[a-z0-9-]{0,%d}[a-z0-9])?$`, longestName-2))
	// groupShape allows capitals, because directories do; the name becomes part of an ARM id.
	groupShape = regexp.MustCompile(fmt.Sprintf(`^[A-Za-z0-9](?:[A-Za-z0-9-]{0,%d}[A-Za-z0-9])?$`, longestName-2))
	// deploymentShape is the ARM type's pattern for account children (bicep-types-az: microsoft.cognitiveservices).
	deploymentShape = regexp.MustCompile(`^[a-zA-Z0-9][a-zA-Z0-9_.-]{1,63}$`)
)

const identifierRule = "lower-case letters, digits and dashes, at most 64, no dash at either end"

func checkStackName(c *check) {
	c.matches("stack", c.stack, stackShape,
		fmt.Sprintf("a stack name of lower-case letters, digits and dashes, at most %d: physical names contain it", longestStack))
}

func checkNaming(c *check) {
	c.matches("naming.prefix", c.s.Naming.Prefix, prefixShape,
		fmt.Sprintf("lower-case letters and digits, starting with a letter, at most %d", longestPrefix))
	if c.s.Naming.Suffix != "" {
		c.matches("naming.suffix", c.s.Naming.Suffix, suffixShape,
			fmt.Sprintf("3 to %d lower-case letters and digits, or leave it out", longestSuffix))
	}
}

const (
	// longestTags is the limit of private DNS zones, their records and links. Most resources take 50, but every
	// resource gets the same tags (Microsoft Learn: azure-resource-manager/management/tag-resources).
	longestTags     = 15
	longestTagName  = 512
	longestTagValue = 256
	// forbiddenInTags are the characters Azure refuses in a tag's name.
	forbiddenInTags = `<>%&\?/`
)

// reservedTags are the prefixes that Azure reserves, in any case.
var reservedTags = []string{"microsoft", "azure", "windows"}

func checkTags(c *check) {
	if len(c.s.Tags) > longestTags {
		c.add("tags", fmt.Sprintf("%d tags, at most %d are allowed: private DNS zones take no more", len(c.s.Tags), longestTags), "remove some, or put several values into one")
	}
	seen := map[string]string{}
	for _, name := range sortedKeys(c.s.Tags) {
		path := Join("tags", name)
		c.unique(seen, path, name)
		c.length(path, name, longestTagName)
		c.length(path, c.s.Tags[name], longestTagValue)
		if name == "" || strings.ContainsAny(name, forbiddenInTags) || strings.ContainsFunc(name, isControl) {
			c.add(path, "the tag's name is empty or has one of "+forbiddenInTags, "rename it")
		}
		lower := strings.ToLower(name)
		if slices.ContainsFunc(reservedTags, func(p string) bool { return strings.HasPrefix(lower, p) }) {
			c.add(path, "the tag's name begins with microsoft, azure or windows, which Azure keeps to itself", "rename it")
		}
	}
}

func isControl(r rune) bool { return r < ' ' || r == 0x7f }
