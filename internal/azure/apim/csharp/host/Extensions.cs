// The helpers Microsoft documents next to the context variable: credentials, tokens,
// look-ups with a default, forms, encryption, certificates.
using System;
using System.Collections.Generic;
using System.Linq;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Newtonsoft.Json.Linq;

namespace ApiManagement
{
    public sealed class BasicAuthCredentials
    {
        internal BasicAuthCredentials(string user, string password) { UserId = user; Password = password; }
        public string UserId { get; private set; }
        public string Password { get; private set; }
    }

    public sealed class Jwt
    {
        readonly Dictionary<string, string[]> claims = new Dictionary<string, string[]>();

        internal Jwt(JObject header, JObject payload)
        {
            Algorithm = (string)header["alg"];
            Type = (string)header["typ"];
            foreach (var claim in payload)
                claims[claim.Key] = claim.Value is JArray ? claim.Value.Select(Text).ToArray() : new[] { Text(claim.Value) };
            Id = First("jti");
            Issuer = First("iss");
            Subject = First("sub");
            string[] audiences;
            Audiences = claims.TryGetValue("aud", out audiences) ? audiences : new string[0];
            ExpirationTime = Time(payload["exp"]);
            NotBefore = Time(payload["nbf"]);
            IssuedAt = Time(payload["iat"]);
        }

        static string Text(JToken value)
        {
            var plain = value as JValue;
            return plain != null ? Convert.ToString(plain.Value, Values.Culture) : value.ToString(Newtonsoft.Json.Formatting.None);
        }

        static DateTime? Time(JToken seconds)
        {
            if (seconds == null || seconds.Type == JTokenType.Null) return null;
            return new DateTime(1970, 1, 1, 0, 0, 0, DateTimeKind.Utc).AddSeconds((double)seconds);
        }

        string First(string name)
        {
            string[] values;
            return claims.TryGetValue(name, out values) && values.Length > 0 ? values[0] : null;
        }

        public string Algorithm { get; private set; }
        public IEnumerable<string> Audiences { get; private set; }
        public IReadOnlyDictionary<string, string[]> Claims { get { return claims; } }
        public DateTime? ExpirationTime { get; private set; }
        public string Id { get; private set; }
        public DateTime? IssuedAt { get; private set; }
        public string Issuer { get; private set; }
        public DateTime? NotBefore { get; private set; }
        public string Subject { get; private set; }
        public string Type { get; private set; }
    }

    public static class CredentialExtensions
    {
        static string After(string scheme, string input)
        {
            if (input == null) return null;
            input = input.Trim();
            return input.StartsWith(scheme + " ", StringComparison.OrdinalIgnoreCase) ? input.Substring(scheme.Length).Trim() : null;
        }

        public static BasicAuthCredentials AsBasic(this string input)
        {
            try
            {
                var text = Encoding.UTF8.GetString(Convert.FromBase64String(After("Basic", input) ?? "?"));
                int colon = text.IndexOf(':');
                return colon < 0 ? null : new BasicAuthCredentials(text.Substring(0, colon), text.Substring(colon + 1));
            }
            catch (FormatException) { return null; }
        }

        public static bool TryParseBasic(this string input, out BasicAuthCredentials result)
        {
            result = AsBasic(input);
            return result != null;
        }

        // The token may still carry its scheme, as in Headers.GetValueOrDefault("Authorization").AsJwt().
        public static Jwt AsJwt(this string input)
        {
            var parts = (After("Bearer", input) ?? (input ?? "").Trim()).Split('.');
            if (parts.Length != 3) return null;
            try { return new Jwt(Json(parts[0]), Json(parts[1])); }
            catch (Exception e)
            {
                if (e is FormatException || e is Newtonsoft.Json.JsonException || e is ArgumentException || e is InvalidCastException || e is OverflowException) return null;
                throw;
            }
        }

        static JObject Json(string part)
        {
            var base64 = part.Replace('-', '+').Replace('_', '/');
            base64 += new string('=', (4 - base64.Length % 4) % 4);
            using (var reader = new Newtonsoft.Json.JsonTextReader(new System.IO.StringReader(Encoding.UTF8.GetString(Convert.FromBase64String(base64)))))
            {
                // A claim that looks like a date stays the text it was signed as.
                reader.DateParseHandling = Newtonsoft.Json.DateParseHandling.None;
                return JObject.Load(reader);
            }
        }

        public static bool TryParseJwt(this string input, out Jwt result)
        {
            result = AsJwt(input);
            return result != null;
        }
    }

    public static class DictionaryExtensions
    {
        public static string GetValueOrDefault(this IReadOnlyDictionary<string, string[]> map, string name)
        {
            return GetValueOrDefault(map, name, null);
        }

        public static string GetValueOrDefault(this IReadOnlyDictionary<string, string[]> map, string name, string defaultValue)
        {
            string[] values;
            var watched = map as Watched<string[]>;
            bool found = watched != null ? watched.Peek(name, out values) : map.TryGetValue(name, out values);
            return found ? string.Join(",", values) : defaultValue;
        }

        public static string GetValueOrDefault(this IReadOnlyDictionary<string, string> map, string name)
        {
            return GetValueOrDefault(map, name, null);
        }

        public static string GetValueOrDefault(this IReadOnlyDictionary<string, string> map, string name, string defaultValue)
        {
            string value;
            return map.TryGetValue(name, out value) ? value : defaultValue;
        }

        public static object GetValueOrDefault(this IReadOnlyDictionary<string, object> map, string name)
        {
            return GetValueOrDefault<object>(map, name, null);
        }

        public static T GetValueOrDefault<T>(this IReadOnlyDictionary<string, object> map, string name)
        {
            return GetValueOrDefault(map, name, default(T));
        }

        // A value of another type is an InvalidCastException, as the documentation says.
        public static T GetValueOrDefault<T>(this IReadOnlyDictionary<string, object> map, string name, T defaultValue)
        {
            object value;
            return map.TryGetValue(name, out value) && value != null ? (T)value : defaultValue;
        }

        public static string ToQueryString(this IDictionary<string, IList<string>> map)
        {
            return Join(map, Uri.EscapeDataString);
        }

        public static string ToFormUrlEncodedContent(this IDictionary<string, IList<string>> map)
        {
            return Join(map, WebUtility.UrlEncode);
        }

        static string Join(IDictionary<string, IList<string>> map, Func<string, string> encode)
        {
            return string.Join("&", map.SelectMany(pair => pair.Value.Select(value => encode(pair.Key) + "=" + encode(value))));
        }
    }

    public static class JsonExtensions
    {
        // Later versions of Newtonsoft.Json have it; the packaged one does not.
        public static bool ContainsKey(this JObject map, string name) { return map.Property(name) != null; }
    }

    public static class ByteArrayExtensions
    {
        public static byte[] Encrypt(this byte[] input, string alg, byte[] key, byte[] iv)
        {
            using (var algorithm = Named(alg)) return Encrypt(input, algorithm, key, iv);
        }

        public static byte[] Encrypt(this byte[] input, SymmetricAlgorithm alg)
        {
            using (var transform = alg.CreateEncryptor()) return transform.TransformFinalBlock(input, 0, input.Length);
        }

        public static byte[] Encrypt(this byte[] input, SymmetricAlgorithm alg, byte[] key, byte[] iv)
        {
            using (var transform = alg.CreateEncryptor(key, iv)) return transform.TransformFinalBlock(input, 0, input.Length);
        }

        public static byte[] Decrypt(this byte[] input, string alg, byte[] key, byte[] iv)
        {
            using (var algorithm = Named(alg)) return Decrypt(input, algorithm, key, iv);
        }

        public static byte[] Decrypt(this byte[] input, SymmetricAlgorithm alg)
        {
            using (var transform = alg.CreateDecryptor()) return transform.TransformFinalBlock(input, 0, input.Length);
        }

        public static byte[] Decrypt(this byte[] input, SymmetricAlgorithm alg, byte[] key, byte[] iv)
        {
            using (var transform = alg.CreateDecryptor(key, iv)) return transform.TransformFinalBlock(input, 0, input.Length);
        }

        static SymmetricAlgorithm Named(string name)
        {
            var algorithm = SymmetricAlgorithm.Create(name);
            if (algorithm == null) throw new CryptographicException("There is no symmetric algorithm '" + name + "'.");
            return algorithm;
        }
    }

    public static class CertificateExtensions
    {
        public static bool VerifyNoRevocation(this X509Certificate2 input)
        {
            var chain = new X509Chain();
            chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
            return chain.Build(input);
        }
    }
}

namespace ApiManagement.Arrays
{
    // In a namespace of its own, so that it is found only where the default is an array: a default of null is one of a string.
    // Not in Microsoft's list of extensions; deployed samples call it (Azure-Samples/Apim-Samples, pf-authz-match-any.xml).
    public static class DictionaryExtensions
    {
        public static string[] GetValueOrDefault(this IReadOnlyDictionary<string, string[]> map, string name, string[] defaultValue)
        {
            string[] values;
            return map.TryGetValue(name, out values) ? values : defaultValue;
        }
    }
}
