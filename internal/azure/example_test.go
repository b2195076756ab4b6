package azure_test

import (
	"context"
	"fmt"
	"log"

	"enterprise-openai/internal/azure"
)

// An empty Azure, ready for an engine: PULUMI_DEBUG_PROVIDERS=azure-native:<port>.
func ExampleStart() {
	cloud, err := azure.Start(context.Background(), azure.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = cloud.Close() }()
	fmt.Println(cloud.ProviderPort > 0, len(cloud.Remaining()))
	// Output: true 0
}
