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
        Variable = 16, Method, IpAddress, Parameter, RequestHeader, Response, StatusCode, StatusReason, ResponseHeader
    }

    // One expression runs at a time, so that there is one list of looks.
    internal static class Looks
    {
        const int Most = 16;

        static readonly List<KeyValuePair<Look, string>> list = new List<KeyValuePair<Look, string>>();
        static bool known;

        public static void Begin()
        {
            list.Clear();
            known = true;
        }

        public static void At(Look part, string name = "")
        {
            if (!known) return;
            foreach (var look in list)
                if (look.Key == part && look.Value == name) return;
            if (list.Count == Most) known = false;
            else list.Add(new KeyValuePair<Look, string>(part, name));
        }

        // Beyond is a look at what no other request can be compared by: the time, a body, an object that can be changed.
        public static void Beyond() { known = false; }

        public static void Write(Writer to)
        {
            to.Int(known ? list.Count : -1);
            if (!known) return;
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
        readonly Func<T, bool> plain;

        // plain tells whether a value can be handed out without the risk that it is changed.
        public Watched(Dictionary<string, T> map, Look part, Func<T, bool> plain)
        {
            this.map = map;
            this.part = part;
            this.plain = plain;
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
            if (found && !plain(value)) Looks.Beyond();
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

        Dictionary<string, T> All { get { Looks.Beyond(); return map; } }

        public int Count { get { return All.Count; } }
        public IEnumerable<string> Keys { get { return All.Keys; } }
        public IEnumerable<T> Values { get { return All.Values; } }
        public IEnumerator<KeyValuePair<string, T>> GetEnumerator() { return All.GetEnumerator(); }
        IEnumerator IEnumerable.GetEnumerator() { return All.GetEnumerator(); }
    }
}
