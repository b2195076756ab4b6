package arm

// Rule is one thing that Azure refuses, or does not do at once, and how the program gets past it.
type Rule struct {
	// Trigger is what somebody does.
	Trigger string
	// Answer is ARM's code, or what happens.
	Answer string
	// Program is how the program avoids it.
	Program string
	// Source is where it was read; Confidence is documented, reported (seen in public deployments) or unverified.
	Source, Confidence string
}

// The confidences.
const (
	documented = "documented"
	reported   = "reported"
	unverified = "unverified"
)

// Rules lists what is refused because of order, conflicts, names and time. All of them are always on; what is wrong in a body is not among them.
func Rules() []Rule {
	return []Rule{
		{"two writes below one Azure OpenAI account", "409 RequestConflict", "deployments wait for each other", "Azure/bicep-registry-modules avm/res/cognitive-services/account", reported},
		{"a private endpoint while its account is being written to", "AccountProvisioningStateInvalid, the endpoint ends in Failed", "the endpoint waits for the last deployment", "public deployment logs", reported},
		{"a role on an account that is being written to", "409 RequestConflict", "the role waits for the endpoint", "public deployment logs", unverified},
		{"an account whose name is soft-deleted", "409 FlagMustBeSetForRestore", "naming.suffix", "Microsoft Learn: ai-services/recover-purge-resources", documented},
		{"a custom subdomain that is taken, also by a deleted account", "409 CustomDomainInUse", "naming.suffix", "public deployment logs", reported},
		{"more capacity of a model in a region than the subscription has", "400 InsufficientQuota", "settings; rehearse doctor", "Microsoft Learn: ai-services/openai/quotas-limits", documented},
		{"anything inside an API Management service that is being created or changed", "409 ServiceLocked", "children use the service's outputs", "Azure/azure-sdk-for-js recordings", reported},
		{"a service whose name is soft-deleted", "409 ServiceAlreadyExistsInSoftDeletedState", "naming.suffix", "Microsoft Learn: api-management/soft-delete", documented},
		{"a service whose name somebody has", "409 ServiceAlreadyExists", "naming.suffix", "Azure/bicep-types-az: names are global", unverified},
		{"two writes below one API, its product links included", "409 PessimisticConcurrencyConflict", "operations, policy, diagnostic and links wait for each other", "Azure/azure-api-management-devops-resource-kit#340", reported},
		{"a policy that names a value, fragment or backend that is not there", "400 ValidationError", "documents wait for what they name", "public deployment logs; fragments and backends unverified", reported},
		{"deleting a named value, fragment or pool member that is used", "400 ValidationError", "they go with the service", "Microsoft Learn: api-management/policy-fragments", documented},
		{"a pool with a member that is not there", "400 ValidationError", "pools use the backends' ids", "Azure/bicep-types-az BackendPoolItem", unverified},
		{"an injected service whose subnet keeps port 3443 closed", "the service ends in Failed", "infra/rules.go opens it to ApiManagement", "Microsoft Learn: api-management/virtual-network-reference", documented},
		{"an injected service in a subnet that is delegated, unguarded, elsewhere or full", "400 InvalidParameters", "the gateway's subnet is its own, guarded, and checked for size", "Microsoft Learn: api-management/virtual-network-injection-resources; the code unverified", documented},
		{"two writes in one virtual network", "409 AnotherOperationInProgress, which the provider retries three times", "subnets are part of the network; endpoints wait for each other", "public deployment logs", reported},
		{"a network resource that uses one which is not ready", "400 ReferencedResourceNotProvisioned", "outputs", "public deployment logs", reported},
		{"deleting a subnet that something sits in", "400 InUseSubnetCannotBeDeleted", "the network goes last", "public deployment logs", reported},
		{"a DNS label that is taken in the region", "400 DnsRecordInUse", "naming.suffix", "public deployment logs", reported},
		{"a second diagnostic setting for the same category and sink", "409 Conflict", "one setting for each resource", "public deployment logs", reported},
		{"changing a table of a workspace that is new", "404 ResourceNotFound, Workspace not active", "tables wait for the gateway, which takes half an hour", "hashicorp/terraform-provider-azurerm#30069", reported},
		{"deleting a table that every workspace has", "400", "tables are detached, never deleted", "Microsoft Learn: azure-monitor/logs/create-custom-table", unverified},
		{"a role for an identity that Entra does not know yet", "400 PrincipalNotFound", "principalType ServicePrincipal", "Microsoft Learn: role-based-access-control/troubleshooting", documented},
		{"the same role for the same principal twice", "409 RoleAssignmentExists", "one assignment for each account", "Microsoft Learn: role-based-access-control/troubleshooting", unverified},
		{"a call right after its role was assigned", "401 PermissionDenied for some minutes", "the gateway answers 502 until then; wait after the first up", "Microsoft Learn: role-based-access-control/troubleshooting", documented},
		{"a service that is born without public access", "400 ActivateServiceWithPrivateEndpointAccessNotAllowed", "it is not switched off", "Azure/terraform-ai-gateway-landing-zone modules/apim", reported},
		{"a private zone linked twice to one network, or two of one name", "409 Conflict", "one zone, one link", "public deployment logs", unverified},
		{"a second zone group on a private endpoint", "400", "one group", "Azure/bicep-types-az", unverified},
		{"deleting a product that has subscriptions", "400 ValidationError", "products go with the service", "pulumi/pulumi-azure-native#846", reported},
	}
}
