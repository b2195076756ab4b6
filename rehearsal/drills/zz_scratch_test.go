package drills

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"enterprise-openai/rehearsal/azure"
	"enterprise-openai/rehearsal/azure/arm"
	"enterprise-openai/rehearsal/tlsca"
	"enterprise-openai/stacks"

	"gopkg.in/yaml.v3"
)

func scratchSite(t *testing.T, stack string) *Site {
	state, err := os.Open("/tmp/h11/state/" + stack + ".json")
	if err != nil {
		t.Fatal(err)
	}
	a := arm.New(arm.Options{SubscriptionID: azure.SubscriptionID, TenantID: azure.TenantID})
	if err := a.Load(state); err != nil {
		t.Fatal(err)
	}
	data, _ := os.ReadFile("../../Pulumi." + stack + ".yaml")
	var doc struct{ Config map[string]any }
	if err := yaml.Unmarshal(data, &doc); err != nil {
		t.Fatal(err)
	}
	values := map[string]string{}
	for k, v := range doc.Config {
		if name, ok := strings.CutPrefix(k, "enterprise-openai:"); ok {
			if s, ok := v.(string); ok {
				values[name] = s
			} else {
				b, _ := json.Marshal(v)
				values[name] = string(b)
			}
		}
	}
	s, err := stacks.Decode(values, func(string) string { return "" })
	if err != nil {
		t.Fatal(err)
	}
	ca, _ := tlsca.New()
	return &Site{ARM: a, SubscriptionID: azure.SubscriptionID, TenantID: azure.TenantID, Settings: s, CA: ca, CacheDir: os.Getenv("HOME") + "/.cache/enterprise-openai"}
}

func TestScratch(t *testing.T) {
	for _, stack := range []string{"dev", "prod"} {
		site := scratchSite(t, stack)
		for _, d := range All() {
			if want := os.Getenv("DRILL"); d.Name == "idempotent" || d.Name == "driftless" || d.Name == "clean" || want != "" && !strings.Contains(want, d.Name) {
				continue
			}
			start := time.Now()
			m, f := d.Run(context.Background(), &Env{Name: stack, Site: site})
			b, _ := json.Marshal(m)
			fmt.Println(stack, d.Name, time.Since(start), string(b))
			for _, x := range f {
				fmt.Println("   -", x)
			}
		}
	}
}
