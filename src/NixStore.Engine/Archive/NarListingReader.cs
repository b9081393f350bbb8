using System.Buffers.Text;
using System.Text;
using System.Text.Json;

namespace NixStore.Engine.Archive;

/// <summary>
/// Parses the <c>.ls</c> file of a binary cache (JSON, version 1). Names that are not UTF-8, which old versions of Nix wrote as they are,
/// come through unchanged. Unknown keys are skipped.
/// </summary>
public static class NarListingReader
{
    private const int MaximumDepth = 2 * 4096 + 16;

    /// <summary>Parses a document.</summary>
    /// <exception cref="NixStoreException">InvalidNarListing; UnsupportedNarListing for another version.</exception>
    public static NarListing Read(ReadOnlySpan<byte> json)
    {
        try
        {
            var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MaximumDepth });
            return ReadDocument(ref reader);
        }
        catch (JsonException e)
        {
            throw Invalid(e.Message, e);
        }
    }

    private static NarListing ReadDocument(ref Utf8JsonReader reader)
    {
        NarListingEntry? root = null;
        var version = 0L;
        reader.Read();
        Demand(reader.TokenType == JsonTokenType.StartObject, "it is no object");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("version"u8))
            {
                version = ReadNumber(ref reader);
            }
            else if (reader.ValueTextEquals("root"u8))
            {
                reader.Read();
                root = ReadTree(ref reader);
            }
            else
            {
                reader.Skip();
            }
        }

        Demand(!reader.Read(), "something follows its end");
        if (version != 1)
        {
            throw new NixStoreException("UnsupportedNarListing", StoreErrorKind.NotSupported, $"A listing of version {version} is not supported.");
        }

        return new NarListing(root ?? throw Invalid("it has no root"));
    }

    private static NarListingEntry ReadTree(ref Utf8JsonReader reader)
    {
        Demand(reader.TokenType == JsonTokenType.StartObject, "a node is no object");
        var open = new Stack<Node>();
        open.Push(new Node());
        for (; ; )
        {
            reader.Read();
            var node = open.Peek();
            if (reader.TokenType == JsonTokenType.EndObject)
            {
                if (node.IsInEntries)
                {
                    node.IsInEntries = false;
                    continue;
                }

                open.Pop();
                var entry = node.Build();
                if (open.Count == 0)
                {
                    return entry;
                }

                Demand(open.Peek().Entries!.TryAdd(node.Name, entry), $"the name '{node.Name}' stands there twice");
            }
            else if (node.IsInEntries)
            {
                var name = GetBytes(ref reader);
                Demand(!name.IsEmpty && !name.Span.ContainsAny((byte)'/', (byte)0) && !name.Span.SequenceEqual("."u8)
                    && !name.Span.SequenceEqual(".."u8), $"'{name}' is no name for a file");
                reader.Read();
                Demand(reader.TokenType == JsonTokenType.StartObject, "a node is no object");
                open.Push(new Node { Name = name });
            }
            else
            {
                node.ReadProperty(ref reader);
            }
        }
    }

    private static long ReadNumber(ref Utf8JsonReader reader)
    {
        reader.Read();
        Demand(reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var number) && number >= 0, "a number is expected");
        return reader.GetInt64();
    }

    /// <summary>The bytes of a string or property name, escapes resolved, whatever they are otherwise.</summary>
    private static ByteString GetBytes(ref Utf8JsonReader reader)
    {
        var raw = reader.ValueSpan;
        if (!reader.ValueIsEscaped)
        {
            return new ByteString(raw);
        }

        var bytes = new byte[raw.Length];
        var length = 0;
        while (raw.IndexOf((byte)'\\') is >= 0 and var backslash)
        {
            raw[..backslash].CopyTo(bytes.AsSpan(length));
            length += backslash;
            var escape = raw[backslash + 1];
            raw = raw[(backslash + 2)..];
            if (escape == 'u')
            {
                var rune = ReadEscapedRune(ref raw);
                length += rune.EncodeToUtf8(bytes.AsSpan(length));
                continue;
            }

            bytes[length++] = escape switch
            {
                (byte)'n' => (byte)'\n',
                (byte)'r' => (byte)'\r',
                (byte)'t' => (byte)'\t',
                (byte)'b' => (byte)'\b',
                (byte)'f' => (byte)'\f',
                _ => escape,
            };
        }

        raw.CopyTo(bytes.AsSpan(length));
        return new ByteString(bytes.AsSpan(0, length + raw.Length));
    }

    /// <summary>Reads the digits after <c>\u</c>, and the second half of a surrogate pair.</summary>
    private static Rune ReadEscapedRune(ref ReadOnlySpan<byte> raw)
    {
        var first = ReadEscapedUnit(ref raw);
        if (char.IsHighSurrogate(first) && raw.StartsWith("\\u"u8))
        {
            raw = raw[2..];
            Demand(Rune.TryCreate(first, ReadEscapedUnit(ref raw), out var pair), "half a surrogate pair stands alone");
            return pair;
        }

        Demand(Rune.TryCreate(first, out var rune), "half a surrogate pair stands alone");
        return rune;
    }

    private static char ReadEscapedUnit(ref ReadOnlySpan<byte> raw)
    {
        Demand(Utf8Parser.TryParse(raw[..4], out ushort unit, out var consumed, 'x') && consumed == 4, "an escape is malformed");
        raw = raw[4..];
        return (char)unit;
    }

    private static void Demand(bool condition, string reason)
    {
        if (!condition)
        {
            throw Invalid(reason);
        }
    }

    private static NixStoreException Invalid(string reason, Exception? inner = null)
        => new("InvalidNarListing", StoreErrorKind.InvalidData, $"The listing cannot be read: {reason.TrimEnd('.')}.", inner: inner);

    /// <summary>A node whose object is still open.</summary>
    private sealed class Node
    {
        private ByteString? _target;
        private ByteString? _type;
        private long? _size;
        private long? _offset;
        private bool _isExecutable;

        internal ByteString Name { get; init; }

        internal SortedDictionary<ByteString, NarListingEntry>? Entries { get; private set; }

        internal bool IsInEntries { get; set; }

        internal void ReadProperty(ref Utf8JsonReader reader)
        {
            if (reader.ValueTextEquals("entries"u8))
            {
                reader.Read();
                Demand(reader.TokenType == JsonTokenType.StartObject && Entries is null, "entries are no object");
                Entries = [];
                IsInEntries = true;
            }
            else if (reader.ValueTextEquals("size"u8))
            {
                _size = ReadNumber(ref reader);
            }
            else if (reader.ValueTextEquals("narOffset"u8))
            {
                _offset = ReadNumber(ref reader);
            }
            else if (reader.ValueTextEquals("executable"u8))
            {
                reader.Read();
                _isExecutable = reader.TokenType == JsonTokenType.True;
            }
            else if (reader.ValueTextEquals("type"u8))
            {
                _type = ReadText(ref reader);
            }
            else if (reader.ValueTextEquals("target"u8))
            {
                _target = ReadText(ref reader);
            }
            else
            {
                reader.Skip();
            }
        }

        internal NarListingEntry Build() => _type?.ToString() switch
        {
            "directory" when Entries is not null => new NarListingEntry.Directory(Entries),
            "regular" when _size is { } size => new NarListingEntry.Regular(size, _isExecutable, _offset),
            "symlink" when _target is { } target => new NarListingEntry.Link(target),
            _ => throw Invalid($"the node '{Name}' is no complete directory, regular file or symlink"),
        };

        private static ByteString ReadText(ref Utf8JsonReader reader)
        {
            reader.Read();
            Demand(reader.TokenType == JsonTokenType.String, "a string is expected");
            return GetBytes(ref reader);
        }
    }
}
