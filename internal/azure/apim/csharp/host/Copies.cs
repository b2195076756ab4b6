// Copies of the objects that an evaluation ahead of its turn looks at, so that nothing it does to them is seen.
using System.Collections.Generic;
using System.Runtime.CompilerServices;
using Newtonsoft.Json.Linq;

namespace ApiManagement
{
    internal sealed class Copies
    {
        sealed class SameObject : IEqualityComparer<object>
        {
            bool IEqualityComparer<object>.Equals(object a, object b) { return ReferenceEquals(a, b); }
            public int GetHashCode(object value) { return RuntimeHelpers.GetHashCode(value); }
        }

        // What is one object in two places is one copy in two places.
        readonly Dictionary<object, object> made = new Dictionary<object, object>(new SameObject());

        public void Clear() { if (made.Count > 0) made.Clear(); }

        // Of copies what a body is commonly kept as; anything else waits for its turn.
        public bool Of(object value, out object copy)
        {
            copy = null;
            if (value == null) return true;
            if (made.TryGetValue(value, out copy)) return true;
            if (value.GetType() == typeof(string[])) copy = ((string[])value).Clone();
            else if (value.GetType() == typeof(List<string>)) copy = new List<string>((List<string>)value);
            else if (value.GetType() == typeof(Dictionary<string, string>))
                copy = new Dictionary<string, string>((Dictionary<string, string>)value, ((Dictionary<string, string>)value).Comparer);
            else if (value.GetType() == typeof(Dictionary<string, string[]>)) copy = Copy((Dictionary<string, string[]>)value);
            // What stands inside of another document knows its parent, which a copy does not have.
            else if (value is JToken && ((JToken)value).Parent == null) copy = ((JToken)value).DeepClone();
            else return false;
            made[value] = copy;
            return true;
        }

        Dictionary<string, string[]> Copy(Dictionary<string, string[]> from)
        {
            var to = new Dictionary<string, string[]>(from.Count, from.Comparer);
            foreach (var pair in from)
            {
                object values;
                Of(pair.Value, out values);
                to[pair.Key] = (string[])values;
            }
            return to;
        }

        // Changed tells whether a copy is no longer what it was made of.
        public bool Changed
        {
            get
            {
                foreach (var pair in made)
                    if (!Same(pair.Key, pair.Value)) return true;
                return false;
            }
        }

        bool Same(object value, object copy)
        {
            var array = value as string[];
            if (array != null) return Same(array, (string[])copy);
            var list = value as List<string>;
            if (list != null) return Same(list, (List<string>)copy);
            var texts = value as Dictionary<string, string>;
            if (texts != null) return Same(texts, (Dictionary<string, string>)copy);
            var lists = value as Dictionary<string, string[]>;
            return lists != null ? Same(lists, (Dictionary<string, string[]>)copy) : JToken.DeepEquals((JToken)value, (JToken)copy);
        }

        static bool Same(IList<string> a, IList<string> b)
        {
            if (a.Count != b.Count) return false;
            for (int i = 0; i < a.Count; i++)
                if (a[i] != b[i]) return false;
            return true;
        }

        static bool Same(Dictionary<string, string> a, Dictionary<string, string> b)
        {
            if (a.Count != b.Count) return false;
            foreach (var pair in a)
            {
                string other;
                if (!b.TryGetValue(pair.Key, out other) || other != pair.Value) return false;
            }
            return true;
        }

        bool Same(Dictionary<string, string[]> a, Dictionary<string, string[]> b)
        {
            if (a.Count != b.Count) return false;
            foreach (var pair in a)
            {
                string[] other;
                object copy;
                // The arrays themselves are among what was made and are compared there.
                if (!b.TryGetValue(pair.Key, out other) || !Of(pair.Value, out copy) || !ReferenceEquals(copy, other)) return false;
            }
            return true;
        }
    }
}
