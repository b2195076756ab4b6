package arm

import (
	"net/http"
	"slices"
	"strings"
)

// kindOf finds the type of an id and checks the API version of a request. A version that nobody published is refused with the list of those
// that are known. A PUT answers NoRegisteredProviderFound (Microsoft Learn: troubleshooting/error-noregisteredproviderfound) [M: exact text], every
// other method InvalidResourceType (Azure/azure-sdk-for-js issue 15460).
func kindOf(req *request, id ID) (*Kind, *Error) {
	kind := registry[strings.ToLower(id.Type)]
	namespace, rest, _ := strings.Cut(id.Type, "/")
	switch {
	case kind == nil:
		return nil, notModelled(http.StatusNotFound, "InvalidResourceType",
			"The resource type '%s' could not be found in the namespace '%s' for api version '%s'", rest, namespace, req.version)
	case slices.Contains(kind.row.Versions, req.version):
		return kind, nil
	case req.method == http.MethodPut && slices.Contains(kind.row.Reads, req.version):
		return nil, notModelled(http.StatusBadRequest, "NoRegisteredProviderFound",
			"A write of type '%s' in API version '%s' is refused although Azure has the version. The api-versions for writes are '%s'",
			kind.Type, req.version, strings.Join(kind.row.Versions, ", "))
	case req.method == http.MethodPut:
		return nil, notModelled(http.StatusBadRequest, "NoRegisteredProviderFound",
			"No registered resource provider found for API version '%s' for type '%s'. The supported api-versions are '%s'",
			req.version, kind.Type, strings.Join(kind.row.Versions, ", "))
	case slices.Contains(kind.row.Reads, req.version):
		return kind, nil
	}
	return nil, unknownVersion(namespace, rest, req.version, kind.row.Versions, kind.row.Reads)
}

// readable are the versions of a type for everything but a PUT.
func (k *Kind) readable() []string { return newestFirst(k.row.Versions, k.row.Reads) }

func newestFirst(lists ...[]string) []string {
	all := slices.Concat(lists...)
	slices.Sort(all)
	slices.Reverse(all)
	return slices.Compact(all)
}

func unknownVersion(namespace, rest, version string, lists ...[]string) *Error {
	return notModelled(http.StatusNotFound, "InvalidResourceType",
		"The resource type '%s' could not be found in the namespace '%s' for api version '%s'. The supported api-versions are '%s'.",
		rest, namespace, version, strings.Join(newestFirst(lists...), ","))
}

// resourceManagerVersions are those of ARM's own lists: subscriptions, locations, groups, resources, providers (Azure/azure-cli issue 28038,
// and the newer ones of Azure/bicep-types-az, generated/resources).
var resourceManagerVersions = []string{
	"2025-04-01", "2025-03-01", "2024-11-01", "2024-08-01", "2024-07-01", "2024-03-01", "2023-08-01", "2023-07-01", "2022-12-01", "2022-09-01", "2022-06-01",
	"2022-05-01", "2022-01-01", "2021-04-01", "2021-01-01", "2020-10-01", "2020-09-01", "2020-08-01", "2020-07-01", "2020-06-01", "2020-05-01", "2020-01-01",
	"2019-11-01", "2019-10-01", "2019-09-01", "2019-08-01", "2019-07-01", "2019-06-01", "2019-05-10", "2019-05-01", "2019-03-01", "2018-11-01", "2018-09-01",
	"2018-08-01", "2018-07-01", "2018-06-01", "2018-05-01", "2018-02-01", "2018-01-01", "2017-12-01", "2017-08-01", "2017-06-01", "2017-05-10", "2017-05-01",
	"2017-03-01", "2016-09-01", "2016-07-01", "2016-06-01", "2016-02-01", "2015-11-01", "2015-01-01",
}

// ownVersion checks the version of a request to one of ARM's own lists (Azure/azure-rest-api-specs issue 11711).
func ownVersion(req *request) *Error {
	if slices.Contains(resourceManagerVersions, req.version) {
		return nil
	}
	return refusal(http.StatusBadRequest, "InvalidApiVersionParameter", "The api-version '%s' is invalid. The supported versions are '%s'.",
		req.version, strings.Join(resourceManagerVersions, ","))
}
