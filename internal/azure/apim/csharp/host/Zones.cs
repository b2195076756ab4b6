// Time zones as an expression finds them: API Management's gateways run .NET Framework on Windows, where a zone has Windows'
// name. The rules are those of this machine's tz database. The table is Unicode's CLDR, supplemental/windowsZones.xml (territory
// 001, and the display names in its comments), with the present names of zones that were renamed.
using System;
using System.Collections.Generic;
using System.Collections.ObjectModel;
using System.Linq;
using System.Reflection;

namespace System
{
    // The generator writes this name in place of TimeZoneInfo where a zone is looked up; it has the same length.
    public static class TimeZones___
    {
        public static TimeZoneInfo FindSystemTimeZoneById(string id) { return ApiManagement.Zones.Find(id); }

        public static ReadOnlyCollection<TimeZoneInfo> GetSystemTimeZones() { return ApiManagement.Zones.All(); }

        public static DateTimeOffset ConvertTimeBySystemTimeZoneId(DateTimeOffset time, string to)
        {
            return TimeZoneInfo.ConvertTime(time, FindSystemTimeZoneById(to));
        }

        public static DateTime ConvertTimeBySystemTimeZoneId(DateTime time, string to)
        {
            return TimeZoneInfo.ConvertTime(time, FindSystemTimeZoneById(to));
        }

        // A time of the machine's own kind may name the machine's zone, which is UTC.
        public static DateTime ConvertTimeBySystemTimeZoneId(DateTime time, string from, string to)
        {
            if (time.Kind == DateTimeKind.Local && string.Equals(from, TimeZoneInfo.Local.Id, StringComparison.OrdinalIgnoreCase))
                return TimeZoneInfo.ConvertTime(time, TimeZoneInfo.Local, FindSystemTimeZoneById(to));
            return TimeZoneInfo.ConvertTime(time, FindSystemTimeZoneById(from), FindSystemTimeZoneById(to));
        }
    }
}

namespace ApiManagement
{
    internal static class Zones
    {
        static readonly Dictionary<string, string[]> table = Table();
        static readonly Dictionary<string, TimeZoneInfo> found = new Dictionary<string, TimeZoneInfo>(StringComparer.OrdinalIgnoreCase);

        // A name of the tz database ("Europe/Berlin") is unknown to .NET Framework (Microsoft Learn, TimeZoneInfo.FindSystemTimeZoneById).
        public static TimeZoneInfo Find(string id)
        {
            if (id == null) throw new ArgumentNullException("id");
            if (string.Equals(id, "UTC", StringComparison.OrdinalIgnoreCase)) return TimeZoneInfo.Utc;
            TimeZoneInfo zone;
            if (found.TryGetValue(id, out zone)) return zone;
            string[] row;
            if (!table.TryGetValue(id, out row))
                throw new TimeZoneNotFoundException("The time zone ID '" + id + "' was not found on the local computer.");
            return found[id] = Named(row[0], TimeZoneInfo.FindSystemTimeZoneById(row[1]), row[2]);
        }

        public static ReadOnlyCollection<TimeZoneInfo> All()
        {
            var all = table.Keys.Select(Find).Concat(new[] { TimeZoneInfo.Utc });
            return all.OrderBy(zone => zone.BaseUtcOffset).ThenBy(zone => zone.DisplayName, StringComparer.Ordinal).ToList().AsReadOnly();
        }

        // Named is the zone under Windows' names. A zone cannot be made from rules that came from the tz database, so it is a copy.
        static TimeZoneInfo Named(string id, TimeZoneInfo zone, string display)
        {
            // Windows knows no daylight time that ended before its first dynamic rules. [M]
            var daylight = zone.GetAdjustmentRules().Any(rule => rule.DaylightDelta != TimeSpan.Zero && rule.DateEnd.Year >= 2007);
            var copy = typeof(object).GetMethod("MemberwiseClone", BindingFlags.NonPublic | BindingFlags.Instance).Invoke(zone, null);
            Set(copy, "_id", id);
            Set(copy, "_displayName", display);
            Set(copy, "_standardDisplayName", id);
            Set(copy, "_daylightDisplayName", id.Replace("Standard", "Daylight"));
            Set(copy, "_supportsDaylightSavingTime", daylight);
            return (TimeZoneInfo)copy;
        }

        static void Set(object zone, string field, object value)
        {
            typeof(TimeZoneInfo).GetField(field, BindingFlags.NonPublic | BindingFlags.Instance).SetValue(zone, value);
        }

        static Dictionary<string, string[]> Table()
        {
            var rows = new Dictionary<string, string[]>(StringComparer.OrdinalIgnoreCase);
            foreach (var line in ZoneTable.Text.Split(new[] { '\n' }, StringSplitOptions.RemoveEmptyEntries))
            {
                var row = line.Trim().Split('|');
                if (row.Length == 3) rows[row[0]] = row;
            }
            return rows;
        }
    }
}
