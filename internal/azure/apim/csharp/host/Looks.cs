// What an evaluation looks at. An expression is a function of that: where the same looks
// show the same, the gateway may take the result it has.
using System;
using System.Collections;
using System.Collections.Generic;

namespace ApiManagement
{
    // The first ones are those of Section. The order is that of looks.go.
    internal enum Look : byte
    {
        Api = 2, Deployment, Operation, Product, Subscription, User, LastError = 10,
        Variable = 16, Method, IpAddress, Parameter, RequestHeader, Response, StatusCode, StatusReason, ResponseHeader,
        RequestHeaderNames, ResponseHeaderNames, RequestBody, ResponseBody, Url, OriginalUrl, Elapsed
    }

    // TooEarly ends an evaluation ahead of its turn that would see or change what is only right at its turn.
    internal sealed class TooEarly : Exception { }

    // One expression runs at a time, so that there is one list of looks.
    internal static class Looks
    {
        const int Most = 16;

        static readonly List<KeyValuePair<Look, string>> list = new List<KeyValuePair<Look, string>>();
        static readonly Copies copies = new Copies();
        // all: the value follows from the looks in any request; here: it follows from them in this one.
        static bool all, here, ahead;

        public static void Begin(bool aheadOfTurn)
        {
            list.Clear();
            // What is evaluated ahead one after the other shares its copies, as long as none of it changes them.
            if (!aheadOfTurn || copies.Changed) copies.Clear();
            all = here = true;
            ahead = aheadOfTurn;
        }

        // At is a look that another request can be compared by.
        public static void At(Look part, string name = "")
        {
            if (!here) return;
            foreach (var look in list)
                if (look.Key == part && look.Value == name) return;
            if (list.Count == Most) Beyond();
            else list.Add(new KeyValuePair<Look, string>(part, name));
        }

        // Here is a look that only the same request can be compared by: at a body, at an object.
        public static void Here(Look part)
        {
            At(part);
            all = false;
        }

        // Beyond is a look at what nothing can be compared by, such as the time.
        public static void Beyond()
        {
            all = here = false;
            if (ahead) throw new TooEarly();
        }

        // Hand gives an object that the expression could change. Ahead of its turn it gets a copy, which must not be changed.
        public static T Hand<T>(T value)
        {
            all = false;
            if (!ahead) return value;
            object copy;
            if (!copies.Of(value, out copy)) Beyond();
            return (T)copy;
        }

        // Hold tells whether an evaluation ahead of its turn gave what its turn would give.
        public static bool Hold { get { return here && !copies.Changed; } }

        public static void Write(Writer to)
        {
            to.Bool(all);
            to.Int(here ? list.Count : 0);
            if (!here) return;
            foreach (var look in list)
            {
                to.Byte((byte)look.Key);
                to.String(look.Value);
            }
        }
    }

    // Watched notes which of its entries are looked at.
    internal sealed class Watched<T> : IReadOnlyDictionary<string, T>
    {
        readonly Dictionary<string, T> map;
        readonly Look part;
        readonly Look? names;
        readonly Func<T, T> hand;

        // hand gives a value out so that nothing the expression does to it changes what another sees; names is the look at all names.
        public Watched(Dictionary<string, T> map, Look part, Look? names, Func<T, T> hand)
        {
            this.map = map;
            this.part = part;
            this.names = names;
            this.hand = hand;
        }

        // Peek looks at a value that is not handed out.
        public bool Peek(string name, out T value)
        {
            bool found = map.TryGetValue(name, out value);
            Looks.At(part, name);
            return found;
        }

        public bool TryGetValue(string name, out T value)
        {
            bool found = Peek(name, out value);
            if (found) value = hand(value);
            return found;
        }

        public bool ContainsKey(string name)
        {
            T value;
            return Peek(name, out value);
        }

        public T this[string name]
        {
            get
            {
                T value;
                return TryGetValue(name, out value) ? value : map[name];
            }
        }

        Dictionary<string, T> Named
        {
            get
            {
                if (names.HasValue) Looks.At(names.Value);
                else Looks.Beyond();
                return map;
            }
        }

        Dictionary<string, T> All { get { Looks.Beyond(); return map; } }

        public int Count { get { return Named.Count; } }
        public IEnumerable<string> Keys { get { return Named.Keys; } }
        public IEnumerable<T> Values { get { return All.Values; } }
        public IEnumerator<KeyValuePair<string, T>> GetEnumerator() { return All.GetEnumerator(); }
        IEnumerator IEnumerable.GetEnumerator() { return All.GetEnumerator(); }
    }
}
