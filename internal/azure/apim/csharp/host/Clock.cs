// The clock expressions read. The generator writes these names in place of DateTime and
// DateTimeOffset in DateTime.UtcNow and its like: same length, so positions stay true.
// With them a token that expires in an hour expires when the gateway's clock says so.
namespace ApiManagement
{
    internal static class Clock
    {
        public static System.DateTime Now = System.DateTime.UtcNow;
    }
}

namespace System
{
    public static class Clock___
    {
        public static DateTime UtcNow { get { return ApiManagement.Clock.Now; } }
        public static DateTime Now { get { return DateTime.SpecifyKind(ApiManagement.Clock.Now, DateTimeKind.Local); } }
        public static DateTime Today { get { return Now.Date; } }
    }

    public static class ClockOffset___
    {
        public static DateTimeOffset UtcNow { get { return new DateTimeOffset(ApiManagement.Clock.Now); } }
        public static DateTimeOffset Now { get { return new DateTimeOffset(ApiManagement.Clock.Now); } }
    }
}
