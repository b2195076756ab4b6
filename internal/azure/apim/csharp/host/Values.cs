// Values that cross the pipe. Plain ones travel; anything else stays here and the gateway
// holds a handle.
using System;
using System.Globalization;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace ApiManagement
{
    internal enum Kind : byte
    {
        Null, Bool, Int, Long, Double, String, Bytes, DateTime, TimeSpan, Guid, Decimal, Handle, Response, Jwt, Json
    }

    internal enum Want : byte { Any, String, Bool, Int, Float, Portable }

    internal static class Values
    {
        // The culture of API Management's hosts; decimals and dates print as in en-US.
        public static readonly CultureInfo Culture = new CultureInfo("en-US", false);

        public static object Read(Reader from, Session session)
        {
            switch ((Kind)from.Byte())
            {
                case Kind.Null: return null;
                case Kind.Bool: return from.Bool();
                case Kind.Int: return from.Int();
                case Kind.Long: return from.Long();
                case Kind.Double: return from.Double();
                case Kind.String: return from.String();
                case Kind.Bytes: return from.Bytes();
                case Kind.DateTime: return DateTime.FromBinary(from.Long());
                case Kind.TimeSpan: return new TimeSpan(from.Long());
                case Kind.Guid: return Guid.Parse(from.String());
                case Kind.Decimal: return decimal.Parse(from.String(), CultureInfo.InvariantCulture);
                case Kind.Handle: return session.Held(from.Int());
                case Kind.Response: return new Response(new Reader(from.Bytes()), session);
                case Kind.Jwt: return from.String().AsJwt();
                case Kind.Json: return JToken.Parse(from.String());
            }
            throw new InvalidOperationException("unknown kind of value");
        }

        public static object Convert(object value, Want want)
        {
            if (value == null) return null;
            switch (want)
            {
                case Want.String:
                    return value is string || value is byte[] ? value : Text(value);
                case Want.Bool:
                    return System.Convert.ToBoolean(value, Culture);
                case Want.Int:
                    return System.Convert.ToInt64(value, Culture);
                case Want.Float:
                    return System.Convert.ToDouble(value, Culture);
            }
            return want == Want.Portable ? Portable(value) : value;
        }

        // Portable is a value that outlives its request, in a cache: JSON keeps its type,
        // anything else that is not plain becomes its text.
        static object Portable(object value)
        {
            if (value is JToken || value is byte[] || value is TimeSpan || value is Guid) return value;
            var code = Type.GetTypeCode(value.GetType());
            return code == TypeCode.Object || value is Enum ? Text(value) : value;
        }

        // Plain values cannot be changed by the expression that gets them.
        public static bool Plain(object value)
        {
            if (value == null || value is TimeSpan || value is Guid) return true;
            return Type.GetTypeCode(value.GetType()) != TypeCode.Object;
        }

        static string Text(object value)
        {
            var formattable = value as IFormattable;
            return formattable != null ? formattable.ToString(null, Culture) : value.ToString();
        }

        public static void Write(Writer to, object value, Want want, Session session)
        {
            if (value == null) { to.Byte((byte)Kind.Null); return; }
            var json = want == Want.Portable ? value as JToken : null;
            if (json != null) { to.Byte((byte)Kind.Json); to.String(json.ToString(Formatting.None)); return; }
            switch (Type.GetTypeCode(value.GetType()))
            {
                case TypeCode.Boolean: to.Byte((byte)Kind.Bool); to.Bool((bool)value); return;
                case TypeCode.Int64: to.Byte((byte)Kind.Long); to.Long((long)value); return;
                case TypeCode.Double: to.Byte((byte)Kind.Double); to.Double((double)value); break;
                case TypeCode.String: to.Byte((byte)Kind.String); to.String((string)value); return;
                case TypeCode.DateTime: to.Byte((byte)Kind.DateTime); to.Long(((DateTime)value).ToBinary()); break;
                case TypeCode.Decimal: to.Byte((byte)Kind.Decimal); to.String(((decimal)value).ToString(CultureInfo.InvariantCulture)); break;
                case TypeCode.Int32:
                    if (value is int) { to.Byte((byte)Kind.Int); to.Int((int)value); return; }
                    Other(to, value, session);
                    return;
                default:
                    Other(to, value, session);
                    return;
            }
            to.String(Text(value));
        }

        static void Other(Writer to, object value, Session session)
        {
            var bytes = value as byte[];
            if (bytes != null) { to.Byte((byte)Kind.Bytes); to.Bytes(bytes); return; }
            if (value is TimeSpan) { to.Byte((byte)Kind.TimeSpan); to.Long(((TimeSpan)value).Ticks); }
            else if (value is Guid) { to.Byte((byte)Kind.Guid); to.String(value.ToString()); }
            else { Handle(to, value, session); return; }
            to.String(Text(value));
        }

        static void Handle(Writer to, object value, Session session)
        {
            to.Byte((byte)Kind.Handle);
            to.Int(session.Hold(value));
            to.String(value.GetType().FullName);
        }
    }
}
