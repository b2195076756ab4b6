package gateway_test

import (
	"context"
	"testing"

	"enterprise-openai/rehearsal/gateway"
)

func FuzzCheck(f *testing.F) {
	for _, s := range []string{
		inbound(`<base />`), inbound(`<choose><when condition="@(x)"><set-header name="a"><value>b</value></set-header></when></choose>`),
		inbound(`<retry count="1" interval="1" condition="true"><retry count="" interval="" condition="" /></retry>`), fullChain,
		inbound(`<cors><allowed-origins><origin>*</origin></allowed-origins><allowed-headers /></cors>`), inbound(`<rate-limit calls="-1" renewal-period="1e9" />`),
		inbound(entra), inbound(corsPolicy), inbound(`<wait><choose /></wait>`), inbound(`<include-fragment fragment-id="" />`), inbound(`<trace source="x" />`),
		inbound(`<set-body><a>{{x}}</a></set-body>`), inbound(`<mock-response status-code="x" index="99999999999999999999" />`), `<fragment><base /></fragment>`,
	} {
		f.Add(s)
	}
	cfg := service(nil)
	f.Fuzz(func(t *testing.T, text string) {
		for _, scope := range []gateway.Scope{gateway.Global, gateway.ProductScope, gateway.APIScope, gateway.OperationScope, gateway.ScopeFragment} {
			err := gateway.Check(context.Background(), *policy(text), gateway.Place{Scope: scope}, &cfg, gateway.Deps{})
			if err != nil && err.Error() == "" {
				t.Error("an error without words")
			}
		}
	})
}
