package arm

type groupModel struct {
	Location   *string            `json:"location,omitzero"`
	ManagedBy  *string            `json:"managedBy,omitzero"`
	Tags       map[string]*string `json:"tags,omitzero"`
	Properties *struct {
		ProvisioningState *string `json:"provisioningState,omitzero"`
	} `json:"properties,omitzero"`
}

func resourceKinds() []*Kind {
	return []*Kind{
		{
			Type: groupType, model: model[groupModel](modelOptions{}),
		},
		{
			Type: "Microsoft.Resources/deployments", model: model[deploymentModel](modelOptions{}),
			checks: []func(*write){runDeployment}, fill: fillDeployment,
		},
		{
			Type: "Microsoft.Resources/deploymentStacks", model: model[stackModel](modelOptions{}),
			checks: []func(*write){runStack}, fill: fillStack, removing: []func(*removal) *Error{unmanageOnDelete},
		},
	}
}
