// Requests, responses, bodies and URLs.
using System;
using System.Collections.Generic;
using System.IO;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Xml.Linq;
using Newtonsoft.Json.Linq;

namespace ApiManagement
{
    // NeedsBody ends an evaluation whose body has not arrived yet. The gateway fetches
    // the body without holding this process and evaluates again.
    internal sealed class NeedsBody : Exception
    {
        public readonly int Id;
        public NeedsBody(int id) { Id = id; }
    }

    internal static class Read
    {
        public static Dictionary<string, string[]> Multi(Reader from)
        {
            int count = from.Int();
            var map = new Dictionary<string, string[]>(count, StringComparer.OrdinalIgnoreCase);
            for (int i = 0; i < count; i++) map[from.String()] = from.Strings();
            return map;
        }

        // Own is an array for one expression alone. [M] Whether a change of a header's or a parameter's array is seen by the next one.
        public static string[] Own(string[] values) { return (string[])values.Clone(); }

        public static Dictionary<string, string[]> Own(Dictionary<string, string[]> map)
        {
            var own = new Dictionary<string, string[]>(map.Count, map.Comparer);
            foreach (var pair in map) own[pair.Key] = Own(pair.Value);
            return own;
        }

        public static Dictionary<string, string> Map(Reader from)
        {
            int count = from.Int();
            var map = new Dictionary<string, string>(count, StringComparer.OrdinalIgnoreCase);
            for (int i = 0; i < count; i++) map[from.String()] = from.String();
            return map;
        }

        public static X509Certificate2 Certificate(Reader from)
        {
            var der = from.Bytes();
            return der == null || der.Length == 0 ? null : new X509Certificate2(der);
        }
    }

    internal sealed class Url : IUrl
    {
        readonly Dictionary<string, string[]> query;

        public Url(Reader from)
        {
            Scheme = from.String();
            Host = from.String();
            Port = from.Int();
            Path = from.String();
            QueryString = from.String();
            query = Read.Multi(from);
        }

        public string Host { get; private set; }
        public string Path { get; private set; }
        public int Port { get; private set; }
        public string QueryString { get; private set; }
        public string Scheme { get; private set; }
        public IReadOnlyDictionary<string, string[]> Query { get { return Read.Own(query); } }

        public override string ToString()
        {
            bool usual = Port == 0 || (Scheme == "https" && Port == 443) || (Scheme == "http" && Port == 80);
            return Scheme + "://" + Host + (usual ? "" : ":" + Port) + Path + QueryString;
        }
    }

    internal sealed class PrivateEndpoint : IPrivateEndpointConnection
    {
        public string Name { get; set; }
        public string GroupId { get; set; }
        public string MemberName { get; set; }
    }

    internal sealed class VnetInfo : IAzureVnetInfo
    {
        public int VnetTrafficTag { get; set; }
        public int SubnetId { get; set; }
        public int PrivateLinkId { get; set; }
        public string SnatVip { get; set; }
    }

    // Requests and responses note what is looked at.
    internal sealed class Request : IRequest
    {
        readonly Watched<string[]> headers;
        readonly Watched<string> parameters;
        readonly string method, ipAddress;
        readonly byte[] urlBytes, originalUrlBytes;
        Url url, originalUrl;
        readonly X509Certificate2 certificate;
        readonly PrivateEndpoint privateEndpoint;
        readonly VnetInfo vnetInfo;
        readonly IMessageBody body;

        public Request(Reader from, Session session)
        {
            method = from.String();
            ipAddress = from.String();
            headers = new Watched<string[]>(Read.Multi(from), Look.RequestHeader, Look.RequestHeaderNames, Read.Own);
            parameters = new Watched<string>(Read.Map(from), Look.Parameter, null, value => value);
            urlBytes = from.Bytes();
            originalUrlBytes = from.Bytes();
            certificate = Read.Certificate(from);
            if (from.Bool())
                privateEndpoint = new PrivateEndpoint { Name = from.String(), GroupId = from.String(), MemberName = from.String() };
            if (from.Bool())
                vnetInfo = new VnetInfo { VnetTrafficTag = from.Int(), SubnetId = from.Int(), PrivateLinkId = from.Int(), SnatVip = from.String() };
            body = session.Body(from);
        }

        static T Beyond<T>(T part)
        {
            Looks.Beyond();
            return part;
        }

        static T Here<T>(Look look, T part)
        {
            Looks.Here(look);
            return part;
        }

        public string Method { get { Looks.At(Look.Method); return method; } }
        public string IpAddress { get { Looks.At(Look.IpAddress); return ipAddress; } }
        public IReadOnlyDictionary<string, string[]> Headers { get { return headers; } }
        public IReadOnlyDictionary<string, string> MatchedParameters { get { return parameters; } }
        public IMessageBody Body { get { return Here(Look.RequestBody, body); } }
        public X509Certificate2 Certificate { get { return Beyond(certificate); } }
        public IUrl OriginalUrl { get { return Here(Look.OriginalUrl, originalUrl ?? (originalUrl = new Url(new Reader(originalUrlBytes)))); } }
        public IUrl Url { get { return Here(Look.Url, url ?? (url = new Url(new Reader(urlBytes)))); } }
        public IPrivateEndpointConnection PrivateEndpointConnection { get { return Beyond(privateEndpoint); } }
        public IAzureVnetInfo AzureVnetInfo { get { return Beyond(vnetInfo); } }
    }

    internal sealed class Response : IResponse
    {
        readonly Watched<string[]> headers;
        readonly int statusCode;
        readonly string statusReason;
        readonly IMessageBody body;

        public Response(Reader from, Session session)
        {
            statusCode = from.Int();
            statusReason = from.String();
            headers = new Watched<string[]>(Read.Multi(from), Look.ResponseHeader, Look.ResponseHeaderNames, Read.Own);
            body = session.Body(from);
        }

        public int StatusCode { get { Looks.At(Look.StatusCode); return statusCode; } }
        public string StatusReason { get { Looks.At(Look.StatusReason); return statusReason; } }
        public IReadOnlyDictionary<string, string[]> Headers { get { return headers; } }
        public IMessageBody Body { get { Looks.Here(Look.ResponseBody); return body; } }
    }

    internal sealed class MessageBody : IMessageBody
    {
        readonly int id;
        readonly Session session;
        byte[] content;
        bool consumed;

        public MessageBody(int id, bool consumed, Session session)
        {
            this.id = id;
            this.consumed = consumed;
            this.session = session;
        }

        // Without preserveContent the stream is read once; what is left is empty.
        byte[] Take(bool preserve)
        {
            // Ahead of its turn nothing is taken away.
            if (!preserve) Looks.Beyond();
            if (consumed) return new byte[0];
            if (content == null) content = session.Fetch(id);
            session.Touched(id, !preserve);
            var taken = content;
            if (!preserve) { consumed = true; content = null; }
            return taken;
        }

        public void Restore() { consumed = false; }

        public T As<T>(bool preserveContent = false)
        {
            return (T)Convert(typeof(T), Take(preserveContent));
        }

        static object Convert(Type type, byte[] content)
        {
            if (type == typeof(byte[])) return content.Clone();
            var text = Decode(content);
            if (type == typeof(string)) return text;
            if (type == typeof(JObject)) return JObject.Parse(text);
            if (type == typeof(JArray)) return JArray.Parse(text);
            if (type == typeof(JToken)) return JToken.Parse(text);
            if (type == typeof(XElement)) return XElement.Parse(text);
            if (type == typeof(XDocument) || type == typeof(XNode)) return XDocument.Parse(text);
            throw new NotSupportedException("A message body cannot be read as " + type.FullName + ".");
        }

        static readonly UTF8Encoding utf8 = new UTF8Encoding(false);

        static string Decode(byte[] content)
        {
            // Without a byte order mark, which begins with one of these, a text is UTF-8.
            if (content.Length == 0 || content[0] != 0xEF && content[0] < 0xFE && content[0] != 0) return utf8.GetString(content);
            using (var reader = new StreamReader(new MemoryStream(content), new UTF8Encoding(false), true))
                return reader.ReadToEnd();
        }

        public IDictionary<string, IList<string>> AsFormUrlEncodedContent(bool preserveContent = false)
        {
            var form = new Dictionary<string, IList<string>>();
            foreach (var pair in Decode(Take(preserveContent)).Split(new[] { '&' }, StringSplitOptions.RemoveEmptyEntries))
            {
                int equals = pair.IndexOf('=');
                var name = WebUtility.UrlDecode(equals < 0 ? pair : pair.Substring(0, equals));
                IList<string> values;
                if (!form.TryGetValue(name, out values)) form[name] = values = new List<string>();
                values.Add(equals < 0 ? "" : WebUtility.UrlDecode(pair.Substring(equals + 1)));
            }
            return form;
        }
    }
}
