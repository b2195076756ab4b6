// Walks the compiled code of every expression and finds each .NET type and member it
// touches. The compiled form hides nothing: var, extension methods, implicit conversions
// and lambdas have all become tokens.
using System;
using System.Collections.Generic;
using System.Reflection;
using System.Reflection.Emit;

namespace ApiManagement
{
    internal sealed class Finding
    {
        public int Expression;
        public string Type;
        public string Member;
    }

    internal static class Check
    {
        const BindingFlags Everything = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance |
            BindingFlags.Static | BindingFlags.DeclaredOnly;

        static readonly OpCode[] one = new OpCode[256], two = new OpCode[256];
        static readonly HashSet<Type> bodyTypes = new HashSet<Type>
        {
            typeof(string), typeof(byte[]), typeof(Newtonsoft.Json.Linq.JObject), typeof(Newtonsoft.Json.Linq.JToken),
            typeof(Newtonsoft.Json.Linq.JArray), typeof(System.Xml.Linq.XNode), typeof(System.Xml.Linq.XElement),
            typeof(System.Xml.Linq.XDocument),
        };

        static Check()
        {
            foreach (var field in typeof(OpCodes).GetFields(BindingFlags.Public | BindingFlags.Static))
            {
                var code = (OpCode)field.GetValue(null);
                if (code.Size == 1) one[code.Value & 0xff] = code;
                else two[code.Value & 0xff] = code;
            }
        }

        public static List<Finding> Assembly(Assembly assembly)
        {
            var found = new List<Finding>();
            foreach (var type in assembly.GetTypes())
            {
                int expression = ExpressionOf(type);
                if (expression < 0) continue;
                foreach (var method in type.GetMethods(Everything)) Method(method, expression, found);
                foreach (var constructor in type.GetConstructors(Everything)) Method(constructor, expression, found);
            }
            return found;
        }

        // Anonymous types are the compiler's own and belong to no expression.
        static int ExpressionOf(Type type)
        {
            while (type.DeclaringType != null) type = type.DeclaringType;
            int number;
            return type.Namespace == "ApiManagement.Expressions" && int.TryParse(type.Name.Substring(1), out number) ? number : -1;
        }

        static void Method(MethodBase method, int expression, List<Finding> found)
        {
            var body = method.GetMethodBody();
            if (body == null) return;
            var il = body.GetILAsByteArray();
            for (int at = 0; at < il.Length;)
            {
                var code = il[at] == 0xfe ? two[il[++at]] : one[il[at]];
                at++;
                if (code.OperandType == OperandType.InlineMethod || code.OperandType == OperandType.InlineField ||
                    code.OperandType == OperandType.InlineTok)
                    Token(method, BitConverter.ToInt32(il, at), expression, found);
                at += Operand(code, il, at);
            }
        }

        static int Operand(OpCode code, byte[] il, int at)
        {
            switch (code.OperandType)
            {
                case OperandType.InlineNone: return 0;
                case OperandType.ShortInlineBrTarget:
                case OperandType.ShortInlineI:
                case OperandType.ShortInlineVar: return 1;
                case OperandType.InlineVar: return 2;
                case OperandType.InlineI8:
                case OperandType.InlineR: return 8;
                case OperandType.InlineSwitch: return 4 + 4 * BitConverter.ToInt32(il, at);
                default: return 4;
            }
        }

        static void Token(MethodBase within, int token, int expression, List<Finding> found)
        {
            var typeArguments = within.DeclaringType.IsGenericType ? within.DeclaringType.GetGenericArguments() : null;
            var methodArguments = within.IsGenericMethod ? within.GetGenericArguments() : null;
            var member = within.Module.ResolveMember(token, typeArguments, methodArguments);
            var type = member as Type ?? member.DeclaringType;
            if (type.Assembly == within.Module.Assembly || type.IsArray) return;
            var name = member is Type ? null : Plain(member.Name);
            var typeName = NameOf(type);
            if (OfIterator(within, typeName)) return;
            if (!Allowed(type, typeName, name)) Add(found, expression, typeName, name);
            var method = member as MethodBase;
            if (method != null) Signature(method, expression, found);
        }

        // Around the body of an iterator, which becomes MoveNext, the compiler writes what makes it an enumerator.
        static bool OfIterator(MethodBase within, string typeName)
        {
            return within.DeclaringType.Name.StartsWith("<") && within.Name != "MoveNext" &&
                typeof(System.Collections.IEnumerator).IsAssignableFrom(within.DeclaringType) &&
                (typeName == "System.Environment" || typeName == "System.NotSupportedException");
        }

        static bool Allowed(Type type, string typeName, string member)
        {
            if (type.Assembly == typeof(Check).Assembly)
                return type.IsPublic && (type.Namespace == "ApiManagement" || type.Namespace == "ApiManagement.Arrays" || AllowList.Type(typeName));
            if (member == null) return AllowList.Type(typeName);
            if (AllowList.Member(typeName, member)) return true;
            // A lambda becomes whatever delegate it is passed as, by the compiler's own choice.
            if (member == ".ctor" && typeof(Delegate).IsAssignableFrom(type)) return true;
            // The enumerator of a collection, as foreach uses it, belongs to the collection.
            return type.DeclaringType != null && typeName.EndsWith("Enumerator") && AllowList.Type(NameOf(type.DeclaringType));
        }

        // Constants leave no trace of their type in compiled code, but the parameter they are
        // passed to does. Body.As has its own short list.
        static void Signature(MethodBase method, int expression, List<Finding> found)
        {
            if (method.Name == "As" && method.DeclaringType == typeof(IMessageBody))
            {
                var wanted = ((MethodInfo)method).GetGenericArguments()[0];
                if (!bodyTypes.Contains(wanted)) Add(found, expression, NameOf(wanted), null);
            }
            foreach (var parameter in method.GetParameters())
                if (parameter.ParameterType.IsEnum && parameter.ParameterType.Assembly != typeof(Check).Assembly &&
                    !AllowList.Type(NameOf(parameter.ParameterType)))
                    Add(found, expression, NameOf(parameter.ParameterType), null);
        }

        static void Add(List<Finding> found, int expression, string type, string member)
        {
            // A member of a type that is not allowed at all is reported as the type.
            var reported = member != null && AllowList.Type(type) ? member : null;
            if (found.Exists(f => f.Expression == expression && f.Type == type && f.Member == reported)) return;
            found.Add(new Finding { Expression = expression, Type = type, Member = reported });
        }

        static string Plain(string name)
        {
            if (name.StartsWith("get_") || name.StartsWith("set_")) return name.Substring(4);
            return name;
        }

        static string NameOf(Type type)
        {
            if (type.IsGenericType) type = type.GetGenericTypeDefinition();
            var name = (type.FullName ?? type.Name).Replace('+', '.');
            int tick;
            while ((tick = name.IndexOf('`')) >= 0)
            {
                int end = tick + 1;
                while (end < name.Length && char.IsDigit(name[end])) end++;
                name = name.Remove(tick, end - tick);
            }
            return name;
        }
    }
}
