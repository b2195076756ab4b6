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
        readonly Watched<object> watchedVariables;
        readonly Dictionary<int, object> handles = new Dictionary<int, object>();
        // Bodies read in a process that this one took over from.
        readonly HashSet<int> consumedEarlier = new HashSet<int>();
        int lastHandle;

        // What the evaluation under way did; the gateway gets it with the result.
        public readonly List<string> Traces = new List<string>();
        public readonly List<int> ReadBodies = new List<int>();
        public readonly List<int> ConsumedBodies = new List<int>();
        public NeedsBody Missing;
        public DateTime Now;

        public Session(Channel channel)
        {
            this.channel = channel;
            watchedVariables = new Watched<object>(variables, Look.Variable, null, value => ApiManagement.Values.Plain(value) ? value : Looks.Hand(value));
        }

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
            requestId = Guid.TryParse(from.String(), out id) ? id : Guid.Empty;
            timestamp = from.Time();
            tracing = from.Bool();
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

        T Seen<T>(Look part, Func<Reader, T> make) where T : class
        {
            Looks.At(part);
            return Get((Section)part, make);
        }

        static T Beyond<T>(T value)
        {
            Looks.Beyond();
            return value;
        }

        public IContextApi Api { get { return Seen(Look.Api, r => new Api(r)); } }
        public IDeployment Deployment { get { return Seen(Look.Deployment, r => new Deployment(r)); } }
        public IOperation Operation { get { return Seen(Look.Operation, r => new Operation(r)); } }
        public IProduct Product { get { return Seen(Look.Product, r => new Product(r)); } }
        public ISubscription Subscription { get { return Seen(Look.Subscription, r => new Subscription(r)); } }
        public IUser User { get { return Seen(Look.User, r => new User(r)); } }
        public ILastError LastError { get { return Seen(Look.LastError, r => new LastError(r)); } }
        public IReadOnlyDictionary<string, object> Variables { get { return watchedVariables; } }

        // A request always exists; what is looked at is a part of it.
        public IRequest Request { get { return Get(Section.Request, r => new Request(r, this)); } }

        public IResponse Response
        {
            get
            {
                Looks.At(Look.Response);
                return Get(Section.Response, r => new Response(r, this));
            }
        }

        Guid requestId;
        DateTime timestamp;
        bool tracing;

        public Guid RequestId { get { return Beyond(requestId); } }
        public DateTime Timestamp { get { return Beyond(timestamp); } }
        public bool Tracing { get { return Beyond(tracing); } }
        public TimeSpan Elapsed { get { Looks.Here(Look.Elapsed); return Now - timestamp; } }

        public void Trace(string message)
        {
            Looks.Beyond();
            Traces.Add(message);
        }

        public MessageBody Body(Reader from)
        {
            int id = from.Int();
            if (id == 0) return null;
            MessageBody body;
            if (!bodies.TryGetValue(id, out body)) bodies[id] = body = new MessageBody(id, consumedEarlier.Contains(id), this);
            return body;
        }

        readonly Dictionary<int, byte[]> given = new Dictionary<int, byte[]>();

        // Give takes a body that came before it was needed.
        public void Give(int id, byte[] content) { given[id] = content; }

        // Fetch asks the gateway for a body, unless it has come already. It answers at once, with the bytes or with
        // "not yet"; it never makes this process wait for a slow client.
        public byte[] Fetch(int id)
        {
            byte[] here;
            if (given.TryGetValue(id, out here)) return here;
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

        public void Mark(bool ahead)
        {
            tracesBefore = Traces.Count;
            readBefore = ReadBodies.Count;
            consumedBefore = ConsumedBodies.Count;
            Missing = null;
            Looks.Begin(ahead);
        }

        // Rewind undoes what an evaluation did that has to be repeated.
        public void Rewind()
        {
            for (int i = consumedBefore; i < ConsumedBodies.Count; i++) bodies[ConsumedBodies[i]].Restore();
            ConsumedBodies.RemoveRange(consumedBefore, ConsumedBodies.Count - consumedBefore);
            ReadBodies.RemoveRange(readBefore, ReadBodies.Count - readBefore);
            Traces.RemoveRange(tracesBefore, Traces.Count - tracesBefore);
        }

        readonly List<KeyValuePair<string, object>> supposed = new List<KeyValuePair<string, object>>();
        static readonly object absent = new object();

        // Suppose sets a variable for what is evaluated ahead of its turn.
        public void Suppose(string name, object value)
        {
            object before;
            supposed.Add(new KeyValuePair<string, object>(name, variables.TryGetValue(name, out before) ? before : absent));
            variables[name] = value;
        }

        // Forget takes back everything that was supposed.
        public void Forget()
        {
            for (int i = supposed.Count - 1; i >= 0; i--)
            {
                if (supposed[i].Value == absent) variables.Remove(supposed[i].Key);
                else variables[supposed[i].Key] = supposed[i].Value;
            }
            supposed.Clear();
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
