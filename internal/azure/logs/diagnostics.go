package logs

import "strings"

// undedicated renames the columns of a row as AzureDiagnostics has them: in camel case, with the type behind.
//
// [M] unverified: the names of all but the columns that Microsoft's own samples show (responseCode_d, operationId_s and
// their kin).
func (s *Store) undedicated(category string, row Row) Row {
	out := identified(s.options.ServiceID, Row{"Category": category, "ResourceType": "SERVICE"})
	known := columnsOf(Diagnostics)
	for name, v := range row {
		switch name {
		case "CallerIpAddress":
			out["CallerIPAddress"] = v
			continue
		case "LastErrorReason", "LastErrorMessage":
			out["lastError_"+strings.ToLower(strings.TrimPrefix(name, "LastError"))+"_s"] = v
			continue
		}
		if known[name] {
			out[name] = v
			continue
		}
		base := strings.ToLower(name[:1]) + name[1:]
		if _, text := v.(string); !text && known[base+"_s"] && v != nil {
			v = jsonText(v)
		}
		for _, suffix := range []string{"_s", "_d", "_b"} {
			if known[base+suffix] {
				out[base+suffix] = v
			}
		}
	}
	return out
}

func columnsOf(table string) map[string]bool {
	known := map[string]bool{}
	for _, s := range schemas {
		if s.Name == table {
			for _, c := range s.Columns {
				known[c.Name] = true
			}
		}
	}
	return known
}
