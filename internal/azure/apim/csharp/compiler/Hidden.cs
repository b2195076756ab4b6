// Mono has members that .NET Framework has not, such as string.Split(char, int). API Management's gateways do not compile
// them (MicrosoftDocs/azure-docs#123364), and a call may mean another overload there. The compiler is shown Mono's
// assemblies with these members private and these types without a name; hidden.txt lists them, of the types that expressions may use.
using System;
using System.IO;
using System.Linq;
using System.Reflection;

namespace ApiManagement
{
    internal static class Hidden
    {
        const BindingFlags Declared = BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;
        // Tables of ECMA-335, II.22, and where the rows of each have their flags; the last three bits are the accessibility.
        const int TypeDef = 0x02, Field = 0x04, MethodDef = 0x06, Accessibility = 7, NotPublic = 0, Private = 1, StringHeap = 1;

        public static byte[] From(Assembly assembly, Assembly reader, string list)
        {
            var image = File.ReadAllBytes(assembly.Location);
            var tables = new Tables(image, reader);
            foreach (var line in File.ReadAllLines(list))
            {
                var words = line.Split(' ');
                var type = assembly.GetType(words[0]);
                if (type == null || type.Assembly != assembly) continue;
                if (words.Length == 1)
                {
                    tables.Set(TypeDef, type.MetadataToken, 0, NotPublic);
                    tables.Unname(type.MetadataToken);
                }
                foreach (var member in type.GetMembers(Declared).Where(m => words.Length == 1 || Name(m) == words[1]))
                    if (member is FieldInfo) tables.Set(Field, member.MetadataToken, 0, Private);
                    else if (member is MethodBase) tables.Set(MethodDef, member.MetadataToken, 6, Private);
            }
            return image;
        }

        static string Name(MemberInfo member)
        {
            var method = member as MethodBase;
            if (method == null) return member.Name;
            return member.Name + "(" + string.Join(",", method.GetParameters().Select(p => p.ParameterType.ToString())) + ")";
        }

        // Tables finds rows in an image with the reader that Roslyn brings.
        sealed class Tables
        {
            readonly byte[] image;
            readonly object metadata;
            readonly Type extensions;
            readonly int start;

            public Tables(byte[] image, Assembly reader)
            {
                this.image = image;
                var portable = reader.GetType("System.Reflection.PortableExecutable.PEReader", true);
                var file = Activator.CreateInstance(portable, new MemoryStream(image));
                var headers = portable.GetProperty("PEHeaders").GetValue(file);
                start = (int)headers.GetType().GetProperty("MetadataStartOffset").GetValue(headers);
                metadata = reader.GetType("System.Reflection.Metadata.PEReaderExtensions", true).GetMethod("GetMetadataReader", new[] { portable })
                    .Invoke(null, new[] { file });
                extensions = reader.GetType("System.Reflection.Metadata.Ecma335.MetadataReaderExtensions", true);
            }

            int Ask(string what, int table)
            {
                var method = extensions.GetMethod(what);
                return (int)method.Invoke(null, new[] { metadata, Enum.ToObject(method.GetParameters()[1].ParameterType, table) });
            }

            int Row(int table, int token)
            {
                return start + Ask("GetTableMetadataOffset", table) + ((token & 0xffffff) - 1) * Ask("GetTableRowSize", table);
            }

            public void Set(int table, int token, int flags, int access)
            {
                int at = Row(table, token) + flags;
                image[at] = (byte)(image[at] & ~Accessibility | access);
            }

            // Unname gives a type the name of the first, <Module>: an internal type is still found, and then called inaccessible.
            // It cannot be done to a type that other assemblies name, such as Span.
            public void Unname(int token)
            {
                const int name = 4;
                int size = Ask("GetHeapSize", StringHeap) > ushort.MaxValue ? 4 : 2;
                Array.Copy(image, Row(TypeDef, 1) + name, image, Row(TypeDef, token) + name, size);
            }
        }
    }
}
