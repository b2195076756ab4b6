// What an expression may use: Microsoft Learn, api-management/api-management-policy-expressions,
// ".NET Framework types allowed in policy expressions".
using System.Collections.Generic;
using System.Linq;

namespace ApiManagement
{
    internal static class AllowList
    {
        // Types all of whose members may be used.
        static readonly HashSet<string> whole = Words(@"
            Newtonsoft.Json.Formatting
            Newtonsoft.Json.Linq.Extensions Newtonsoft.Json.Linq.JArray Newtonsoft.Json.Linq.JConstructor
            Newtonsoft.Json.Linq.JContainer Newtonsoft.Json.Linq.JObject Newtonsoft.Json.Linq.JProperty
            Newtonsoft.Json.Linq.JRaw Newtonsoft.Json.Linq.JToken Newtonsoft.Json.Linq.JTokenType Newtonsoft.Json.Linq.JValue
            System.Array System.BitConverter System.Boolean System.Byte System.Char System.Convert
            System.Collections.Generic.Dictionary System.Collections.Generic.HashSet System.Collections.Generic.ICollection
            System.Collections.Generic.IDictionary System.Collections.Generic.IEnumerable System.Collections.Generic.IEnumerator
            System.Collections.Generic.IList System.Collections.Generic.IReadOnlyCollection
            System.Collections.Generic.IReadOnlyDictionary System.Collections.Generic.ISet
            System.Collections.Generic.KeyValuePair System.Collections.Generic.List System.Collections.Generic.Queue
            System.Collections.Generic.Stack
            System.DateTimeOffset System.Decimal System.Double System.Exception System.Guid
            System.Int16 System.Int32 System.Int64 System.IO.StringReader System.IO.StringWriter System.Linq.Enumerable
            System.Math System.MidpointRounding System.Net.WebUtility System.Nullable System.Object
            System.Random System.SByte
            System.Security.Cryptography.AsymmetricAlgorithm System.Security.Cryptography.CipherMode
            System.Security.Cryptography.HashAlgorithm System.Security.Cryptography.HashAlgorithmName
            System.Security.Cryptography.HMAC System.Security.Cryptography.HMACMD5 System.Security.Cryptography.HMACSHA1
            System.Security.Cryptography.HMACSHA256 System.Security.Cryptography.HMACSHA384 System.Security.Cryptography.HMACSHA512
            System.Security.Cryptography.KeyedHashAlgorithm System.Security.Cryptography.MD5 System.Security.Cryptography.Oid
            System.Security.Cryptography.PaddingMode System.Security.Cryptography.RNGCryptoServiceProvider
            System.Security.Cryptography.RSA System.Security.Cryptography.RSAEncryptionPadding
            System.Security.Cryptography.RSASignaturePadding System.Security.Cryptography.SHA1 System.Security.Cryptography.SHA1Managed
            System.Security.Cryptography.SHA256 System.Security.Cryptography.SHA256Managed System.Security.Cryptography.SHA384
            System.Security.Cryptography.SHA384Managed System.Security.Cryptography.SHA512 System.Security.Cryptography.SHA512Managed
            System.Security.Cryptography.SymmetricAlgorithm
            System.Security.Cryptography.X509Certificates.PublicKey
            System.Security.Cryptography.X509Certificates.RSACertificateExtensions
            System.Security.Cryptography.X509Certificates.X509Certificate
            System.Security.Cryptography.X509Certificates.X509Certificate2
            System.Security.Cryptography.X509Certificates.X509ContentType
            System.Security.Cryptography.X509Certificates.X509NameType
            System.Single System.String System.StringComparer System.StringComparison System.StringSplitOptions
            System.Text.Encoding System.Text.RegularExpressions.RegexOptions System.Text.StringBuilder
            System.TimeSpan System.TimeZone System.TimeZoneInfo System.TimeZoneInfo.AdjustmentRule
            System.TimeZoneInfo.TransitionTime System.Tuple System.UInt16 System.UInt32 System.UInt64 System.Uri System.UriPartial
            System.Xml.Linq.Extensions System.Xml.Linq.XAttribute System.Xml.Linq.XCData System.Xml.Linq.XComment
            System.Xml.Linq.XContainer System.Xml.Linq.XDeclaration System.Xml.Linq.XDocumentType System.Xml.Linq.XElement
            System.Xml.Linq.XName System.Xml.Linq.XNamespace System.Xml.Linq.XNode System.Xml.Linq.XNodeDocumentOrderComparer
            System.Xml.Linq.XNodeEqualityComparer System.Xml.Linq.XObject System.Xml.Linq.XProcessingInstruction
            System.Xml.Linq.XText System.Xml.XmlNodeType");

        // Types of which only the members named may be used.
        static readonly Dictionary<string, HashSet<string>> some = new Dictionary<string, HashSet<string>>
        {
            { "Newtonsoft.Json.JsonConvert", Words("SerializeObject DeserializeObject") },
            { "System.DateTime", Words(@".ctor Add AddDays AddHours AddMilliseconds AddMinutes AddMonths AddSeconds AddTicks
                AddYears Date Day DayOfWeek DayOfYear DaysInMonth Hour IsDaylightSavingTime IsLeapYear MaxValue Millisecond
                Minute MinValue Month Now Parse Second Subtract Ticks TimeOfDay Today ToString UtcNow Year") },
            { "System.DateTimeKind", Words("Utc") },
            { "System.Enum", Words("Parse TryParse ToString") },
            { "System.Net.IPAddress", Words("AddressFamily Equals GetAddressBytes IsLoopback Parse TryParse ToString") },
            { "System.Security.Cryptography.X509Certificates.X500DistinguishedName", Words("Name") },
            { "System.Runtime.CompilerServices.RuntimeHelpers", Words("InitializeArray") }, // array initializers
            { "System.Text.RegularExpressions.Capture", Words("Index Length Value") },
            { "System.Text.RegularExpressions.CaptureCollection", Words("Count Item") },
            { "System.Text.RegularExpressions.Group", Words("Captures Success") },
            { "System.Text.RegularExpressions.GroupCollection", Words("Count Item") },
            { "System.Text.RegularExpressions.Match", Words("Empty Groups Result") },
            { "System.Text.RegularExpressions.Regex", Words(".ctor IsMatch Match Matches Replace Unescape Split") },
        };

        static readonly Dictionary<string, HashSet<string>> except = new Dictionary<string, HashSet<string>>
        {
            { "System.Xml.Linq.XDocument", Words("Load") },
        };

        // What the compiler writes where the source names an allowed type: lambdas, tuples,
        // array initializers, and the base class an override was first declared in.
        static readonly HashSet<string> written = Words(@"
            System.Func System.Action System.Predicate System.Comparison System.Converter System.ValueTuple
            System.IO.TextReader System.IO.TextWriter System.Security.Cryptography.RandomNumberGenerator
            System.Clock___ System.ClockOffset___ System.TimeZones___");

        // foreach and using write these calls; the source never names them.
        static readonly HashSet<string> loops = Words("GetEnumerator MoveNext Current Dispose");

        static HashSet<string> Words(string list)
        {
            return new HashSet<string>(list.Split((char[])null, System.StringSplitOptions.RemoveEmptyEntries));
        }

        public static bool Type(string type)
        {
            return whole.Contains(type) || some.ContainsKey(type) || except.ContainsKey(type) || written.Contains(type);
        }

        public static bool Member(string type, string member)
        {
            HashSet<string> names;
            if (loops.Contains(member)) return true;
            if (some.TryGetValue(type, out names)) return names.Contains(member) || member.StartsWith("op_");
            if (except.TryGetValue(type, out names)) return !names.Contains(member);
            return whole.Contains(type) || written.Contains(type);
        }
    }
}
