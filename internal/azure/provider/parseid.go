package provider

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"
)

var pathParam = regexp.MustCompile(`\\\{(\w+)\\\}`)

// parseID takes a resource id apart along its path template. ARM compares ids without regard to case.
func parseID(path, id string) (map[string]any, error) {
	pattern := pathParam.ReplaceAllStringFunc(regexp.QuoteMeta(path), func(param string) string {
		name := pathParam.FindStringSubmatch(param)[1]
		if name == "scope" || name == "resourceUri" {
			return "(?P<" + name + ">.+?)"
		}
		return "(?P<" + name + ">[^/]+)"
	})
	expr, err := regexp.Compile("(?i)^" + pattern + "$")
	if err != nil {
		return nil, fmt.Errorf("path %s: %w", path, err)
	}
	match := expr.FindStringSubmatch(id)
	if match == nil {
		return nil, fmt.Errorf("resource id %q does not have the form %s", id, path)
	}
	values := map[string]any{}
	for i, name := range expr.SubexpNames() {
		if name == "" || strings.EqualFold(name, "subscriptionId") {
			continue
		}
		value, err := url.PathUnescape(match[i])
		if err != nil {
			return nil, fmt.Errorf("resource id %q: %w", id, err)
		}
		values[name] = value
	}
	return values, nil
}
