package stacks_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"enterprise-openai/internal/jsonpath"
	"enterprise-openai/plan"
	"enterprise-openai/stacks"
)

// environments are the stacks whose settings are in the repository.
var environments = []string{"dev", "prod"}

// program is one environment's plan with a few ways to look at it.
type program struct {
	env       string
	resources []plan.Resource
	byURN     map[string]plan.Resource
}

// declared keeps plans: every promise looks at the same ones.
var declared = map[string]program{}

func declare(t *testing.T, env string, mode plan.Mode) program {
	t.Helper()
	key := fmt.Sprint(env, mode)
	if p, ok := declared[key]; ok {
		return p
	}
	made, err := plan.Of(context.Background(), "..", env, mode, stacks.Deploy)
	require.NoError(t, err, env)
	p := program{env: env, resources: made.Resources, byURN: map[string]plan.Resource{}}
	for _, r := range p.resources {
		p.byURN[r.URN] = r
	}
	declared[key] = p
	return p
}

// everywhere checks a promise in every environment, each on its own.
func everywhere(t *testing.T, check func(t *testing.T, p program)) {
	t.Helper()
	for _, env := range environments {
		t.Run(env, func(t *testing.T) { check(t, declare(t, env, plan.Update)) })
	}
}

// of lists resources by the last part of their type; a promise about nothing is no promise, so that none is a failure.
func (p program) of(t *testing.T, kind string) []plan.Resource {
	t.Helper()
	var found []plan.Resource
	for _, r := range p.resources {
		if r.Custom && strings.HasSuffix(r.Type, ":"+kind) {
			found = append(found, r)
		}
	}
	require.NotEmpty(t, found, "%s declares no %s", p.env, kind)
	return found
}

// at follows a path of keys and indexes into a resource's inputs.
func at(r plan.Resource, path ...any) any {
	steps := make([]string, len(path))
	for i, step := range path {
		steps[i] = fmt.Sprint(step)
	}
	return jsonpath.At(r.Inputs, steps...)
}

func TestEveryResourceBelongsToOneOfOurComponents(t *testing.T) {
	everywhere(t, func(t *testing.T, p program) {
		for _, r := range p.resources {
			if !r.Custom {
				continue
			}
			parent, ok := p.byURN[r.Parent]
			assert.True(t, ok && strings.HasPrefix(parent.Type, "enterprise-openai:infra:"), "%s %s is nobody's child", r.Type, r.Name)
		}
	})
}

// waits reports whether one resource is written only after the other.
func (p program) waits(one, other plan.Resource) bool {
	seen := map[string]bool{}
	var reaches func(urn string) bool
	reaches = func(urn string) bool {
		if urn == other.URN {
			return true
		}
		if seen[urn] {
			return false
		}
		seen[urn] = true
		return slices.ContainsFunc(p.byURN[urn].DependsOn, reaches)
	}
	return slices.ContainsFunc(one.DependsOn, reaches)
}

func TestEverySecretIsASecret(t *testing.T) {
	everywhere(t, func(t *testing.T, p program) {
		for _, logger := range p.of(t, "Logger") {
			if at(logger, "loggerType") == "azureEventHub" {
				continue // has an identity, see TestTheExportsLoggerHasAnIdentityInsteadOfAConnectionString
			}
			assert.Equal(t, plan.Secret, at(logger, "credentials", "connectionString"), logger.Name)
		}
		for _, r := range p.resources {
			for _, text := range texts(r.Inputs) {
				assert.NotContains(t, text, "KEY-OF-", "%s %s holds a team's key in plain text", r.Type, r.Name)
				assert.NotContains(t, text, "connectionString", "%s %s holds a connection string in plain text", r.Type, r.Name)
			}
		}
	})
}

// texts are all the strings in a value.
func texts(value any) []string {
	switch v := value.(type) {
	case string:
		return []string{v}
	case map[string]any:
		var all []string
		for _, key := range slices.Sorted(maps.Keys(v)) {
			all = append(all, texts(v[key])...)
		}
		return all
	case []any:
		var all []string
		for _, element := range v {
			all = append(all, texts(element)...)
		}
		return all
	}
	return nil
}

func TestAPreviewNamesEverythingAnUpdateCreates(t *testing.T) {
	for _, env := range environments {
		t.Run(env, func(t *testing.T) {
			preview, update := declare(t, env, plan.Preview), declare(t, env, plan.Update)
			assert.Equal(t, slices.Sorted(maps.Keys(update.byURN)), slices.Sorted(maps.Keys(preview.byURN)))
		})
	}
}

func TestLogicalNamesSayNeitherEnvironmentNorRegion(t *testing.T) {
	dev, prod := declare(t, "dev", plan.Update), declare(t, "prod", plan.Update)
	for _, p := range []program{dev, prod} {
		for _, r := range p.resources {
			assert.NotRegexp(t, `\b`+p.env+`\b`, r.Name, r.URN)
			for _, region := range []string{"swedencentral", "francecentral", "germanywestcentral", "westeurope"} {
				assert.NotContains(t, r.Name, region, r.URN)
			}
		}
	}
}
