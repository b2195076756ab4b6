// The loop: one frame in, one frame out, until the gateway closes the pipe.
using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Threading;

namespace ApiManagement
{
    internal static class Protocol
    {
        public const byte Load = 1, Run = 2;                            // gateway → host
        public const byte Loaded = 1, Result = 2, AskBody = 3;          // host → gateway
        public const byte BodyIsHere = 1, BodyNotYet = 2, BodyFailed = 3;
        public const byte Ok = 0, Failed = 1, Again = 2, End = 3, TooEarly = 4;
    }

    internal sealed class Host
    {
        delegate object Expression(IExpressionContext context);

        readonly Channel channel = new Channel();
        readonly Writer reply = new Writer();
        readonly Dictionary<int, Session> sessions = new Dictionary<int, Session>();
        Expression[] expressions = new Expression[0];
        Want[] wants = new Want[0];
        long busySince;

        static void Main(string[] args)
        {
            Thread.CurrentThread.CurrentCulture = Values.Culture;
            CultureInfo.DefaultThreadCurrentCulture = Values.Culture;
            var host = new Host();
            host.Watch(int.Parse(args[0], CultureInfo.InvariantCulture));
            host.Serve();
        }

        // Watch ends this process when an expression runs far beyond its limit: normally
        // the gateway has killed it by then, unless the gateway itself is gone.
        void Watch(int limitMilliseconds)
        {
            var watcher = new Thread(() =>
            {
                for (;;)
                {
                    long since = Interlocked.Read(ref busySince);
                    Thread.Sleep(500);
                    if (since != 0 && since == Interlocked.Read(ref busySince) && Now() - since > limitMilliseconds)
                        Process.GetCurrentProcess().Kill();
                }
            });
            watcher.IsBackground = true;
            watcher.Start();
        }

        static long Now() { return Stopwatch.GetTimestamp() / (Stopwatch.Frequency / 1000); }

        void Serve()
        {
            for (;;)
            {
                var frame = channel.Receive();
                if (frame == null) return;
                Interlocked.Exchange(ref busySince, Now());
                reply.Clear();
                if (frame.Byte() == Protocol.Load) Load(frame);
                else Run(frame);
                channel.Send(reply);
                Interlocked.Exchange(ref busySince, 0);
            }
        }

        void Load(Reader frame)
        {
            var check = frame.Bool();
            wants = Array.ConvertAll(frame.Bytes(), b => (Want)b);
            var assembly = Assembly.Load(frame.Bytes());
            var findings = check ? Check.Assembly(assembly) : new List<Finding>();
            reply.Byte(Protocol.Loaded);
            reply.Int(findings.Count);
            foreach (var finding in findings)
            {
                reply.Int(finding.Expression);
                reply.String(finding.Type);
                reply.String(finding.Member);
            }
            if (findings.Count == 0) Bind(assembly);
        }

        void Bind(Assembly assembly)
        {
            expressions = new Expression[wants.Length];
            for (int i = 0; i < expressions.Length; i++)
            {
                var run = assembly.GetType("ApiManagement.Expressions.E" + i).GetMethod("Run");
                // Compiled to machine code now, so that no request waits for it.
                RuntimeHelpers.PrepareMethod(run.MethodHandle);
                if (run.ReturnType == typeof(bool))
                {
                    var typed = (Func<IExpressionContext, bool>)Delegate.CreateDelegate(typeof(Func<IExpressionContext, bool>), run);
                    expressions[i] = context => typed(context);
                }
                else expressions[i] = (Expression)Delegate.CreateDelegate(typeof(Expression), run);
            }
        }

        void Run(Reader frame)
        {
            for (int closed = frame.Int(); closed > 0; closed--) sessions.Remove(frame.Int());
            int id = frame.Int();
            Session session;
            if (!sessions.TryGetValue(id, out session)) sessions[id] = session = new Session(channel);
            session.Now = new DateTime(frame.Long(), DateTimeKind.Utc);
            Clock.Now = session.Now;
            session.Begin();
            reply.Byte(Protocol.Result);
            string refused = null;
            for (int updates = frame.Int(); updates > 0; updates--)
            {
                var section = (Section)frame.Byte();
                try { session.Update(section, frame); }
                catch (InvalidOperationException e) { refused = e.Message; }
            }
            // All of the frame is read before the first evaluation: an answer to AskBody takes over its buffer.
            int sent = frame.Int();
            if (sent != 0) session.Give(sent, frame.Bytes());
            var reached = new Step(frame);
            var given = new KeyValuePair<string, object>[frame.Int()];
            for (int i = 0; i < given.Length; i++) given[i] = new KeyValuePair<string, object>(frame.String(), Values.Read(frame, session));
            var ahead = new Step[frame.Int()];
            for (int i = 0; i < ahead.Length; i++) ahead[i] = new Step(frame);
            if (Evaluate(session, reached, refused))
            {
                foreach (var variable in given) session.Suppose(variable.Key, variable.Value);
                foreach (var step in ahead) EvaluateAhead(session, step);
            }
            session.Forget();
            reply.Byte(Protocol.End);
            foreach (var list in new[] { session.ReadBodies, session.ConsumedBodies })
            {
                reply.Int(list.Count);
                foreach (var body in list) reply.Int(body);
            }
            reply.Int(session.Traces.Count);
            foreach (var message in session.Traces) reply.String(message);
        }

        // Step is an expression and the variable that its value is going to be put into.
        struct Step
        {
            public readonly int Index;
            public readonly string Variable;

            public Step(Reader from)
            {
                Index = from.Int();
                Variable = from.String();
            }
        }

        // Evaluate reports false when there is no value that what follows could be evaluated with.
        bool Evaluate(Session session, Step step, string refused)
        {
            object value;
            session.Mark(false);
            try
            {
                if (refused != null) throw new InvalidOperationException(refused);
                value = Values.Convert(expressions[step.Index](session), wants[step.Index]);
            }
            catch (Exception e)
            {
                if (session.Missing == null) { Fail(e); return false; }
                value = null;
            }
            if (session.Missing != null)
            {
                // Even an expression that caught the exception is evaluated again.
                reply.Byte(Protocol.Again);
                reply.Int(session.Missing.Id);
                session.Rewind();
                return false;
            }
            Answer(session, step, value);
            return true;
        }

        // EvaluateAhead evaluates what is going to be reached, with the variables as the steps before it would leave them. It leaves
        // no trace. What throws, looks at what changes by itself, or changes something is evaluated at its turn.
        void EvaluateAhead(Session session, Step step)
        {
            object value = null;
            bool done = false;
            session.Mark(true);
            try
            {
                value = Values.Convert(expressions[step.Index](session), wants[step.Index]);
                done = session.Missing == null && Looks.Hold && Values.Plain(value);
            }
            catch (Exception) { }
            if (done) Answer(session, step, value);
            else
            {
                session.Rewind();
                reply.Byte(Protocol.TooEarly);
            }
        }

        void Answer(Session session, Step step, object value)
        {
            reply.Byte(Protocol.Ok);
            Values.Write(reply, value, wants[step.Index], session);
            Looks.Write(reply);
            if (step.Variable != "") session.Suppose(step.Variable, value);
        }

        void Fail(Exception e)
        {
            reply.Byte(Protocol.Failed);
            reply.String(e.GetType().FullName);
            reply.String(e.Message);
        }
    }
}
