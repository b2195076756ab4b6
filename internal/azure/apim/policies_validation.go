// Microsoft Learn: api-management/api-management-policies#content-validation

package apim

func contentValidation() []statement {
	const why = "validation against schemas is not modelled"
	return []statement{
		unsupported("validate-content", "validate-content-policy", why),
		unsupported("validate-graphql-request", "validate-graphql-request-policy", "GraphQL is not modelled"),
		unsupported("validate-odata-request", "validate-odata-request-policy", "OData is not modelled"),
		unsupported("validate-parameters", "validate-parameters-policy", why),
		unsupported("validate-headers", "validate-headers-policy", why),
		unsupported("validate-status-code", "validate-status-code-policy", why),
	}
}

// Microsoft Learn: api-management/api-management-policies#graphql-resolvers

func graphQL() []statement {
	const why = "GraphQL is not modelled"
	return []statement{
		unsupported("sql-data-source", "sql-data-source-policy", why),
		unsupported("cosmosdb-data-source", "cosmosdb-data-source-policy", why),
		unsupported("http-data-source", "http-data-source-policy", why),
		unsupported("publish-event", "publish-event-policy", why),
	}
}
