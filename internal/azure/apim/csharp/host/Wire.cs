// Frames between the gateway and this program: a little-endian length, then fields.
// A string is its UTF-8 length and bytes, -1 for null. The writer in wire.go mirrors this.
using System;
using System.IO;
using System.Text;

namespace ApiManagement
{
    internal sealed class Reader
    {
        readonly byte[] data;
        readonly int end;
        int at;

        public Reader(byte[] data, int from, int length) { this.data = data; at = from; end = from + length; }
        public Reader(byte[] data) : this(data, 0, data.Length) { }

        int Take(int count)
        {
            if (count < 0 || count > end - at) throw new EndOfStreamException("frame is shorter than its fields");
            int start = at;
            at += count;
            return start;
        }

        public byte Byte() { return data[Take(1)]; }
        public bool Bool() { return Byte() != 0; }
        public int Int() { return BitConverter.ToInt32(data, Take(4)); }
        public long Long() { return BitConverter.ToInt64(data, Take(8)); }
        public double Double() { return BitConverter.ToDouble(data, Take(8)); }

        public string String()
        {
            int length = Int();
            return length < 0 ? null : Encoding.UTF8.GetString(data, Take(length), length);
        }

        public byte[] Bytes()
        {
            int length = Int();
            if (length < 0) return null;
            var copy = new byte[length];
            Buffer.BlockCopy(data, Take(length), copy, 0, length);
            return copy;
        }

        public string[] Strings()
        {
            var list = new string[Int()];
            for (int i = 0; i < list.Length; i++) list[i] = String();
            return list;
        }

        public DateTime Time() { return new DateTime(Long(), DateTimeKind.Utc); }

        public DateTime? OptionalTime()
        {
            long ticks = Long();
            return ticks == 0 ? (DateTime?)null : new DateTime(ticks, DateTimeKind.Utc);
        }
    }

    internal sealed class Writer
    {
        byte[] data = new byte[4096];
        int at = 4;

        public void Clear() { at = 4; }

        void Room(int count)
        {
            if (data.Length - at >= count) return;
            Array.Resize(ref data, Math.Max(data.Length * 2, at + count));
        }

        public void Byte(byte value) { Room(1); data[at++] = value; }
        public void Bool(bool value) { Byte(value ? (byte)1 : (byte)0); }

        public void Int(int value) { Room(4); PutInt(at, value); at += 4; }

        void PutInt(int where, int value)
        {
            data[where] = (byte)value;
            data[where + 1] = (byte)(value >> 8);
            data[where + 2] = (byte)(value >> 16);
            data[where + 3] = (byte)(value >> 24);
        }

        public void Long(long value) { Int((int)value); Int((int)(value >> 32)); }
        public void Double(double value) { Long(BitConverter.DoubleToInt64Bits(value)); }

        public void String(string value)
        {
            if (value == null) { Int(-1); return; }
            int count = Encoding.UTF8.GetByteCount(value);
            Int(count);
            Room(count);
            at += Encoding.UTF8.GetBytes(value, 0, value.Length, data, at);
        }

        public void Bytes(byte[] value)
        {
            Int(value.Length);
            Room(value.Length);
            Buffer.BlockCopy(value, 0, data, at, value.Length);
            at += value.Length;
        }

        public void Send(Stream to)
        {
            PutInt(0, at - 4);
            to.Write(data, 0, at);
            to.Flush();
            at = 4;
        }
    }

    internal sealed class Channel
    {
        readonly Stream input = Console.OpenStandardInput();
        readonly Stream output = Console.OpenStandardOutput();
        byte[] buffer = new byte[65536];
        int have;

        // Receive returns null when the other side has closed the pipe. A frame is good until the next one is received. The other side
        // sends the next one when it has the answer to this, so that one reading takes no more than one frame.
        public Reader Receive()
        {
            have = 0;
            if (!Fill(4)) return null;
            int length = BitConverter.ToInt32(buffer, 0);
            if (buffer.Length < 4 + length) Array.Resize(ref buffer, 4 + length);
            return Fill(4 + length) ? new Reader(buffer, 4, length) : null;
        }

        bool Fill(int count)
        {
            while (have < count)
            {
                int n = input.Read(buffer, have, buffer.Length - have);
                if (n <= 0) return false;
                have += n;
            }
            return true;
        }

        public void Send(Writer frame) { frame.Send(output); }
    }
}
