// Compiles expressions with Roslyn, Microsoft's C# compiler. Its assemblies are made for .NET Core: a
// reference to one of .NET Core's own is answered with Forwards.dll, which forwards every type they use to
// Mono's. Mono's compiler, which builds this program, cannot follow that; so Roslyn is called by reflection.
using System;
using System.Collections;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Reflection;

namespace ApiManagement
{
    internal static class Compiler
    {
        const byte Assembled = 1;
        const int Library = 2, Release = 1, Error = 3;

        static readonly string folder = Path.GetDirectoryName(typeof(Compiler).Assembly.Location);
        static readonly Dictionary<string, object> references = new Dictionary<string, object>();
        static Assembly core, csharp;

        static void Main()
        {
            AppDomain.CurrentDomain.AssemblyResolve += (_, wanted) => Resolve(new AssemblyName(wanted.Name).Name);
            core = Load("Microsoft.CodeAnalysis");
            csharp = Load("Microsoft.CodeAnalysis.CSharp");
            var channel = new Channel();
            var reply = new Writer();
            for (Reader frame; (frame = channel.Receive()) != null;)
            {
                reply.Clear();
                reply.Byte(Assembled);
                Compile(frame, reply);
                channel.Send(reply);
            }
        }

        static Assembly Load(string name) { return Assembly.LoadFrom(Path.Combine(folder, name + ".dll")); }

        static Assembly Resolve(string name)
        {
            if (name.EndsWith(".resources")) return null;
            return Load(File.Exists(Path.Combine(folder, name + ".dll")) ? name : "Forwards");
        }

        // A frame is: C# version, files to refer to, names and texts of the sources. The answer is the errors and the assembly.
        static void Compile(Reader frame, Writer reply)
        {
            var options = Call(Constructor("CSharp.CSharpParseOptions", "languageVersion"), null, "languageVersion", frame.Int());
            var files = Framework().Concat(frame.Strings().Select(Reference));
            var parse = Method("CSharp.CSharpSyntaxTree", "ParseText", typeof(string));
            var names = frame.Strings();
            var trees = names.Select(name => Call(parse, null, "text", frame.String(), "path", name, "options", options)).ToList();
            var compilation = Call(Method("CSharp.CSharpCompilation", "Create", typeof(string)), null, "assemblyName", "expressions",
                "syntaxTrees", List("SyntaxTree", trees), "references", List("MetadataReference", files),
                "options", Call(Constructor("CSharp.CSharpCompilationOptions", "outputKind"), null,
                    "outputKind", Library, "optimizationLevel", Release, "concurrentBuild", false, "warningLevel", 0));
            var assembly = new MemoryStream();
            var result = Call(Method("Compilation", "Emit", typeof(Stream)), compilation, "peStream", assembly);
            var errors = ((IEnumerable)Get(result, "Diagnostics")).Cast<object>().Where(d => (int)Get(d, "Severity") == Error);
            reply.String(string.Join("\n", errors));
            reply.Bytes(assembly.ToArray());
        }

        // Framework is what .NET gives every program, at the place where this Mono keeps it.
        static IEnumerable<object> Framework()
        {
            return new[]
            {
                typeof(object), typeof(Uri), typeof(Enumerable), typeof(System.Xml.XmlReader), typeof(System.Xml.Linq.XElement),
                typeof(Microsoft.CSharp.RuntimeBinder.Binder),
            }.Select(type => type.Assembly).Select(FrameworkReference);
        }

        static object FrameworkReference(Assembly assembly)
        {
            object reference;
            if (!references.TryGetValue(assembly.Location, out reference))
                references[assembly.Location] = reference = Call(Method("MetadataReference", "CreateFromImage", typeof(IEnumerable<byte>)), null,
                    "peImage", Hidden.From(assembly, Load("System.Reflection.Metadata"), Path.Combine(folder, "hidden.txt")));
            return reference;
        }

        // What was read once is read no more: no file is ever changed under its name.
        static object Reference(string file)
        {
            object reference;
            if (!references.TryGetValue(file, out reference))
                references[file] = reference = Call(Method("MetadataReference", "CreateFromFile", typeof(string)), null, "path", file);
            return reference;
        }

        static Type Named(string name)
        {
            name = "Microsoft.CodeAnalysis." + name;
            return core.GetType(name) ?? csharp.GetType(name, true);
        }

        static MethodBase Constructor(string type, string first)
        {
            return Longest(Named(type).GetConstructors().Where(c => c.GetParameters().Any() && c.GetParameters()[0].Name == first));
        }

        static MethodBase Method(string type, string name, Type first)
        {
            return Longest(Named(type).GetMethods().Where(m => m.Name == name && m.GetParameters()[0].ParameterType == first));
        }

        static MethodBase Longest(IEnumerable<MethodBase> overloads) { return overloads.OrderBy(m => m.GetParameters().Length).Last(); }

        // Call passes the arguments that are named, and the defaults of all others.
        static object Call(MethodBase method, object self, params object[] named)
        {
            var arguments = method.GetParameters().Select(p => Argument(p, named)).ToArray();
            var constructor = method as ConstructorInfo;
            return constructor != null ? constructor.Invoke(arguments) : method.Invoke(self, arguments);
        }

        static object Argument(ParameterInfo parameter, object[] named)
        {
            int at = Array.IndexOf(named, parameter.Name);
            var value = at >= 0 ? named[at + 1] : parameter.HasDefaultValue ? parameter.DefaultValue : null;
            var type = parameter.ParameterType;
            if (value == null) return type.IsValueType ? Activator.CreateInstance(type) : null;
            return type.IsEnum ? Enum.ToObject(type, value) : value;
        }

        static object Get(object from, string property) { return from.GetType().GetProperty(property).GetValue(from); }

        static Array List(string type, IEnumerable<object> items)
        {
            var list = items.ToArray();
            var typed = Array.CreateInstance(Named(type), list.Length);
            Array.Copy(list, typed, list.Length);
            return typed;
        }
    }
}
