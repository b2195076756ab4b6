// One request's context. Sections arrive as bytes and are read when an expression first
// asks for them: most expressions look at one or two.
using System;
using System.Collections.Generic;

namespace ApiManagement
{
    internal enum Section : byte
    {
        Core = 1, Api, Deployment, Operation, Product, Subscription, User, Request, Response, LastError, Variable
    }

    internal sealed class Session : IExpressionContext
    {
        const int Sections = 16;

        readonly Channel channel;
        readonly byte[][] raw = new byte[Sections][];
        readonly object[] read = new object[Sections];
        readonly Dictionary<int, MessageBody> bodies = new Dictionary<int, MessageBody>();
        readonly Dictionary<string, object> variables = new Dictionary<string, object>();
        readonly Dictionary<int, object> handles = new Dictionary<int, object>();
        // Bodies read in a process that this one took over from.
        readonly HashSet<int> consumedEarlier = new HashSet<int>();
        int lastHandle;

        // What the evaluation under way did; the gateway is told with the result.
        public readonly List<string> Traces = new List<string>();
        public readonly List<int> ReadBodies = new List<int>();
        public readonly List<int> ConsumedBodies = new List<int>();
        public NeedsBody Missing;
        public DateTime Now;

        public Session(Channel channel) { this.channel = channel; }

        public void Update(Section section, Reader from)
        {
            if (section == Section.Variable)
            {
                var name = from.String();
                variables[name] = Values.Read(from, this);
                return;
            }
            var bytes = from.Bytes();
            raw[(int)section] = bytes;
            read[(int)section] = null;
            if (section == Section.Core) ReadCore(new Reader(bytes));
        }

        void ReadCore(Reader from)
        {
            Guid id;
            RequestId = Guid.TryParse(from.String(), out id) ? id : Guid.Empty;
            Timestamp = from.Time();
            Tracing = from.Bool();
            for (int count = from.Int(); count > 0; count--) consumedEarlier.Add(from.Int());
        }

        T Get<T>(Section section, Func<Reader, T> make) where T : class
        {
            var known = read[(int)section];
            if (known != null) return (T)known;
            var bytes = raw[(int)section];
            if (bytes == null) return null;
            var made = make(new Reader(bytes));
            read[(int)section] = made;
            return made;
        }

        public IContextApi Api { get { return Get(Section.Api, r => new Api(r)); } }
        public IDeployment Deployment { get { return Get(Section.Deployment, r => new Deployment(r)); } }
        public IOperation Operation { get { return Get(Section.Operation, r => new Operation(r)); } }
        public IProduct Product { get { return Get(Section.Product, r => new Product(r)); } }
        public ISubscription Subscription { get { return Get(Section.Subscription, r => new Subscription(r)); } }
        public IUser User { get { return Get(Section.User, r => new User(r)); } }
        public IRequest Request { get { return Get(Section.Request, r => new Request(r, this)); } }
        public IResponse Response { get { return Get(Section.Response, r => new Response(r, this)); } }
        public ILastError LastError { get { return Get(Section.LastError, r => new LastError(r)); } }
        public IReadOnlyDictionary<string, object> Variables { get { return variables; } }

        public Guid RequestId { get; private set; }
        public DateTime Timestamp { get; private set; }
        public bool Tracing { get; private set; }
        public TimeSpan Elapsed { get { return Now - Timestamp; } }

        public void Trace(string message) { Traces.Add(message); }

        public MessageBody Body(Reader from)
        {
            int id = from.Int();
            if (id == 0) return null;
            MessageBody body;
            if (!bodies.TryGetValue(id, out body)) bodies[id] = body = new MessageBody(id, consumedEarlier.Contains(id), this);
            return body;
        }

        // Fetch asks the gateway for a body. It answers at once, with the bytes or with
        // "not yet"; it never makes this process wait for a slow client.
        public byte[] Fetch(int id)
        {
            var ask = new Writer();
            ask.Byte(Protocol.AskBody);
            ask.Int(id);
            channel.Send(ask);
            var answer = channel.Receive();
            if (answer == null) Environment.Exit(0);
            switch (answer.Byte())
            {
                case Protocol.BodyIsHere: return answer.Bytes();
                case Protocol.BodyFailed: throw new InvalidOperationException(answer.String());
            }
            Missing = new NeedsBody(id);
            throw Missing;
        }

        public void Touched(int id, bool consumed)
        {
            if (!ReadBodies.Contains(id)) ReadBodies.Add(id);
            if (consumed && !ConsumedBodies.Contains(id)) ConsumedBodies.Add(id);
        }

        public void Begin()
        {
            Traces.Clear();
            ReadBodies.Clear();
            ConsumedBodies.Clear();
            Missing = null;
        }

        int tracesBefore, readBefore, consumedBefore;

        public void Mark()
        {
            tracesBefore = Traces.Count;
            readBefore = ReadBodies.Count;
            consumedBefore = ConsumedBodies.Count;
            Missing = null;
        }

        // Rewind undoes what an evaluation did that has to be repeated.
        public void Rewind()
        {
            for (int i = consumedBefore; i < ConsumedBodies.Count; i++) bodies[ConsumedBodies[i]].Restore();
            ConsumedBodies.RemoveRange(consumedBefore, ConsumedBodies.Count - consumedBefore);
            ReadBodies.RemoveRange(readBefore, ReadBodies.Count - readBefore);
            Traces.RemoveRange(tracesBefore, Traces.Count - tracesBefore);
        }

        public int Hold(object value)
        {
            handles[++lastHandle] = value;
            return lastHandle;
        }

        public object Held(int handle)
        {
            object value;
            if (!handles.TryGetValue(handle, out value))
                throw new InvalidOperationException("A value is used in another request than the one that made it.");
            return value;
        }
    }
}
