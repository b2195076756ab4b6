package csharp

import "testing"

// The names and offsets are Windows' (Microsoft Learn: windows-hardware/manufacture/desktop/default-time-zones).
func TestTimeZonesHaveWindowsNames(t *testing.T) {
	evalAll(t, fullContext(), []evalCase{
		{`@(TimeZoneInfo.ConvertTimeBySystemTimeZoneId(DateTime.UtcNow, "W. Europe Standard Time").ToString("s"))`, "2026-03-04T11:30:00"},
		{`@(TimeZoneInfo.ConvertTimeFromUtc(DateTime.UtcNow.AddMonths(4), TimeZoneInfo.FindSystemTimeZoneById("W. Europe Standard Time")).Hour)`, "12"},
		{`@(System.TimeZoneInfo.ConvertTime(DateTime.UtcNow, System.TimeZoneInfo.FindSystemTimeZoneById("Eastern Standard Time")).Hour)`, "5"},
		{`@(TimeZoneInfo.ConvertTimeBySystemTimeZoneId(DateTimeOffset.UtcNow, "India Standard Time").ToString("o"))`, "2026-03-04T16:00:00.0000000+05:30"},
		{`@(TimeZoneInfo.ConvertTimeBySystemTimeZoneId(DateTime.Parse("2026-07-01T09:00:00"), "Tokyo Standard Time", "GMT Standard Time").Hour)`, "1"},
		{`@(TimeZoneInfo.ConvertTimeBySystemTimeZoneId(DateTime.UtcNow, "UTC", "AUS Eastern Standard Time").Hour)`, "21"},
		{`@(TimeZoneInfo.ConvertTimeBySystemTimeZoneId(DateTime.Now, "UTC", "AUS Eastern Standard Time").Hour)`, "21"},
		{`@{ var tz = TimeZoneInfo.FindSystemTimeZoneById("Pacific Standard Time"); return tz.Id + ";" + tz.StandardName + ";" + tz.DaylightName + ";" + tz.BaseUtcOffset; }`,
			"Pacific Standard Time;Pacific Standard Time;Pacific Daylight Time;-08:00:00"},
		{`@(TimeZoneInfo.FindSystemTimeZoneById("Romance Standard Time").DisplayName)`, "(UTC+01:00) Brussels, Copenhagen, Madrid, Paris"},
		{`@(TimeZoneInfo.FindSystemTimeZoneById("Romance Standard Time").IsDaylightSavingTime(DateTime.UtcNow.AddMonths(3)))`, "True"},
		{`@(TimeZoneInfo.FindSystemTimeZoneById("India Standard Time").SupportsDaylightSavingTime)`, "False"},
		{`@(TimeZoneInfo.FindSystemTimeZoneById("nepal standard time").GetUtcOffset(DateTime.UtcNow))`, "05:45:00"},
		{`@(TimeZoneInfo.FindSystemTimeZoneById("UTC").BaseUtcOffset + TimeZoneInfo.FindSystemTimeZoneById("UTC+12").BaseUtcOffset)`, "12:00:00"},
		{`@(string.Join(";", new[] { "Dateline Standard Time", "Samoa Standard Time", "Russia Time Zone 3" }.Select(TimeZoneInfo.FindSystemTimeZoneById).Select(z => z.BaseUtcOffset)))`,
			"-12:00:00;13:00:00;04:00:00"},
		{`@(TimeZoneInfo.GetSystemTimeZones().Count())`, "139"},
		{`@(TimeZoneInfo.GetSystemTimeZones().First().Id)`, "Dateline Standard Time"},
		{`@(TimeZoneInfo.Local.Id)`, "UTC"},
		{`@(TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin").Id)`, "throws System.TimeZoneNotFoundException"},
		{`@(TimeZoneInfo.ConvertTimeBySystemTimeZoneId(DateTime.UtcNow, "Nowhere Standard Time").Hour)`, "throws System.TimeZoneNotFoundException"},
		{`@("TimeZoneInfo.FindSystemTimeZoneById" + $"{TimeZoneInfo.FindSystemTimeZoneById("UTC").Id}")`, "TimeZoneInfo.FindSystemTimeZoneByIdUTC"},
	})
}
