package subscription

import "enterprise-openai/doctor"

// Checks lists what is queried, in the order of the documentation.
func Checks() []doctor.Check {
	return []doctor.Check{
		{
			ID: loginCheck, Settings: "none", Looks: "A login for Azure on this machine, and a subscription to query (error)",
			Source: "Microsoft Learn: azure/developer/go/sdk/authentication/credential-chains", Confidence: doctor.Documented,
		},
		{
			ID: providersCheck, Settings: "none", Looks: "Resource providers that are not registered: every resource of theirs is refused (error), or still registering (warning)",
			Source: "Microsoft Learn: azure-resource-manager/management/resource-providers-and-types", Confidence: doctor.Documented,
		},
		{
			ID: rolesCheck, Settings: "none", Looks: "What the deploying identity may not do, above all to give the gateway its role on the accounts (error), or only under a condition (warning)",
			Source: "Microsoft Learn: role-based-access-control/role-assignments-steps; only active assignments are seen, those that must be activated first are not", Confidence: doctor.Documented,
		},
		{
			ID: modelsCheck, Settings: "accounts[].deployments[]", Looks: "Models, versions and deployment types that the region does not offer this subscription, sizes it does not take (error)",
			Source: "REST Microsoft.CognitiveServices/locations/models", Confidence: doctor.Documented,
		},
		{
			ID: retirementCheck, Settings: "accounts[].deployments[].version", Looks: "Azure's own date of a version's end: past (error), within 90 days (warning), within nine months (advice)",
			Source: "REST Microsoft.CognitiveServices/locations/models, deprecation.inference", Confidence: doctor.Documented,
		},
		{
			ID: quotaCheck, Settings: "accounts[].deployments[].capacity", Looks: "Quota that is not free; what the environment itself has deployed does not count against it (error)",
			Source: "REST Microsoft.CognitiveServices/locations/usages", Confidence: doctor.Documented,
		},
		{
			ID: capacityCheck, Settings: "accounts[].deployments[].capacity", Looks: "Provisioned units that the region cannot serve at this moment, whatever the quota says (warning)",
			Source: "Microsoft Learn: foundry/openai/concepts/provisioned-throughput, quota does not guarantee capacity", Confidence: doctor.Documented,
		},
		{
			ID: deletedCheck, Settings: "naming.suffix", Looks: "Names that a deletion of the last 48 hours still holds (error)",
			Source: "Microsoft Learn: api-management/soft-delete, ai-services/recover-purge-resources", Confidence: doctor.Documented,
		},
		{
			ID: namesCheck, Settings: "naming", Looks: "Names of the gateway, the accounts and the public address that another customer has (error)",
			Source: "REST checkNameAvailability, checkDomainAvailability, CheckDnsNameAvailability", Confidence: doctor.Documented,
		},
		{
			ID: policyCheck, Settings: "accounts, gateway", Looks: "Accounts and a gateway that a policy of the company denies (error); deployments of models are not judged",
			Source: "REST Microsoft.PolicyInsights/checkPolicyRestrictions", Confidence: doctor.Documented,
		},
	}
}

const (
	loginCheck      = "azure-login"
	providersCheck  = "azure-providers"
	rolesCheck      = "azure-roles"
	modelsCheck     = "azure-models"
	retirementCheck = "azure-retirement"
	quotaCheck      = "azure-quota"
	capacityCheck   = "azure-capacity"
	deletedCheck    = "azure-deleted"
	namesCheck      = "azure-names"
	policyCheck     = "azure-policy"
)
