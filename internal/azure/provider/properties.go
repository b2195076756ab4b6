package provider

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"google.golang.org/protobuf/types/known/structpb"
)

// plainInputs reads inputs the way the real provider does before it works with them: no nulls, no secret marks.
func plainInputs(s *structpb.Struct) (resource.PropertyMap, error) {
	return unmarshal(s, false)
}

// unmarshal reads properties; secret marks are kept on request.
func unmarshal(s *structpb.Struct, secrets bool) (resource.PropertyMap, error) {
	m, err := plugin.UnmarshalProperties(s, plugin.MarshalOptions{KeepUnknowns: true, SkipNulls: true, KeepSecrets: secrets})
	if err != nil {
		return nil, fmt.Errorf("resource properties: %w", err)
	}
	return m, nil
}

// marshal writes properties, with unknown values and secret marks.
func marshal(m resource.PropertyMap) (*structpb.Struct, error) {
	s, err := plugin.MarshalProperties(m, plugin.MarshalOptions{KeepUnknowns: true, SkipNulls: true, KeepSecrets: true})
	if err != nil {
		return nil, fmt.Errorf("resource properties: %w", err)
	}
	return s, nil
}

// inputsKey is where the state of a version 2 provider keeps the inputs.
const inputsKey = resource.PropertyKey("__inputs")

// checkpoint is what goes into the state: outputs, and the inputs as a secret.
func checkpoint(k *kind, inputs resource.PropertyMap, outputs map[string]any) (*structpb.Struct, error) {
	state := resource.NewPropertyMapFromMap(outputs)
	state[inputsKey] = resource.MakeSecret(resource.NewObjectProperty(inputs))
	state["azureApiVersion"] = resource.NewStringProperty(k.apiVersion)
	return marshal(state)
}

// oldInputs returns the inputs of the last operation: as the engine sends them, else from the state.
func oldInputs(sent *structpb.Struct, state resource.PropertyMap) (resource.PropertyMap, error) {
	if sent != nil {
		return plainInputs(sent)
	}
	v, ok := state[inputsKey]
	if !ok {
		return nil, nil
	}
	if v.IsSecret() {
		v = v.SecretValue().Element
	}
	if !v.IsObject() {
		return nil, nil
	}
	return v.ObjectValue(), nil
}
