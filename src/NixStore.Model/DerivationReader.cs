using System.Text;

namespace NixStore;

/// <summary>
/// Parses .drv files: one ATerm <c>Derive([outputs],[inputDrvs],[inputSrcs],"system","builder",[args],[env])</c>,
/// in strings the escapes <c>\n \r \t \\ \"</c> (Nix libstore/derivations.cc:parseDerivation).
/// </summary>
public ref struct DerivationReader
{
    /// <summary>The largest file that is looked at.</summary>
    public const int MaximumLength = 256 * 1024 * 1024;

    private readonly ReadOnlySpan<byte> _text;
    private readonly string _name;
    private readonly StoreDirectory _directory;
    private int _position;

    private DerivationReader(ReadOnlySpan<byte> text, string name, StoreDirectory directory)
    {
        _text = text;
        _name = name;
        _directory = directory;
    }

    /// <summary>Parses a whole file.</summary>
    /// <param name="text">The bytes of the file.</param>
    /// <param name="name">The derivation's name without <c>.drv</c>, for the paths of its outputs and for messages.</param>
    /// <param name="directory">The store directory whose paths the file must speak of.</param>
    /// <exception cref="DerivationFormatException">InvalidDerivation, UnsupportedDerivation</exception>
    public static Derivation Read(ReadOnlySpan<byte> text, string name, StoreDirectory directory)
        => new DerivationReader(text, name, directory).ReadDerivation();

    /// <summary>Parses the file of a .drv path.</summary>
    /// <exception cref="DerivationFormatException">InvalidDerivation, UnsupportedDerivation</exception>
    public static Derivation Read(ReadOnlySpan<byte> text, StorePath path, StoreDirectory directory)
        => Read(text, path.IsDerivation ? path.Name[..^".drv".Length] : path.Name, directory);

    private Derivation ReadDerivation()
    {
        if (_text.Length > MaximumLength)
        {
            throw Invalid($"it is longer than {MaximumLength} bytes");
        }

        if (_text.StartsWith("DrvWithVersion("u8))
        {
            throw new DerivationFormatException("UnsupportedDerivation", StoreErrorKind.NotSupported, _name,
                "derivations with a version (dynamic derivations) are not supported", 0);
        }

        Expect("Derive(["u8);
        var outputs = new SortedDictionary<string, DerivationOutput>(StringComparer.Ordinal);
        while (!EndOfList())
        {
            Expect("("u8);
            var name = ReadAscii();
            if (!StorePath.IsValidName(name, out var reason))
            {
                throw Invalid($"the output name '{name}' is not acceptable: {reason}");
            }

            if (!outputs.TryAdd(name, ReadOutput()))
            {
                throw Invalid($"the output '{name}' stands there twice");
            }
        }

        Expect(",["u8);
        var inputs = new SortedDictionary<StorePath, IReadOnlyList<string>>();
        while (!EndOfList())
        {
            Expect("("u8);
            var path = ReadPath();
            Expect(",["u8);
            var wanted = new SortedSet<string>(StringComparer.Ordinal);
            while (!EndOfList())
            {
                wanted.Add(ReadAscii());
            }

            Expect(")"u8);
            if (!inputs.TryAdd(path, [.. wanted]))
            {
                throw Invalid($"the input '{path}' stands there twice");
            }
        }

        Expect(",["u8);
        var sources = new SortedSet<StorePath>();
        while (!EndOfList())
        {
            sources.Add(ReadPath());
        }

        Expect(","u8);
        var system = ReadString();
        Expect(","u8);
        var builder = ReadString();
        Expect(",["u8);
        var arguments = new List<ByteString>();
        while (!EndOfList())
        {
            arguments.Add(ReadString());
        }

        Expect(",["u8);
        var environment = new SortedDictionary<ByteString, ByteString>();
        while (!EndOfList())
        {
            Expect("("u8);
            var name = ReadString();
            Expect(","u8);
            // Nix lets the last one win.
            environment[name] = ReadString();
            Expect(")"u8);
        }

        Expect(")"u8);
        if (_position != _text.Length)
        {
            throw Invalid("something follows its end");
        }

        return new Derivation
        {
            Name = _name, Outputs = outputs, InputDerivations = inputs, InputSources = [.. sources],
            System = system, Builder = builder, Arguments = arguments, Environment = environment,
        };
    }

    private DerivationOutput ReadOutput()
    {
        Expect(","u8);
        var start = _position;
        var path = ReadAscii();
        Expect(","u8);
        var algorithm = ReadAscii();
        Expect(","u8);
        var hash = ReadAscii();
        Expect(")"u8);
        if (path.Length == 0)
        {
            return new DerivationOutput(null, algorithm, hash) is { Kind: DerivationOutputKind.Fixed } || (algorithm.Length == 0 && hash.Length > 0)
                ? throw Invalid("an output with a hash has no path", start)
                : new DerivationOutput(null, algorithm, hash);
        }

        var output = new DerivationOutput(ParsePath(path, start), algorithm, hash);
        return output.Kind switch
        {
            DerivationOutputKind.InputAddressed when hash.Length == 0 => output,
            DerivationOutputKind.Fixed when output.ContentAddress is not null => output,
            _ => throw Invalid("an output's path, hash algorithm and hash do not go together", start),
        };
    }

    private StorePath ReadPath()
    {
        var start = _position;
        return ParsePath(ReadAscii(), start);
    }

    private readonly StorePath ParsePath(string text, int offset)
        => _directory.TryParse(text, out var path) ? path : throw Invalid($"'{text}' is not a path of {_directory}", offset);

    /// <summary>True at the end of a list; otherwise steps over the comma before the next element.</summary>
    private bool EndOfList()
    {
        switch (Peek())
        {
            case (byte)']':
                _position++;
                return true;
            // Like Nix, a comma is a separator wherever it stands in a list.
            case (byte)',':
                _position++;
                return false;
            default:
                return false;
        }
    }

    private readonly int Peek() => _position < _text.Length ? _text[_position] : -1;

    private void Expect(ReadOnlySpan<byte> token)
    {
        if (!_text[_position..].StartsWith(token))
        {
            throw Invalid($"'{Encoding.ASCII.GetString(token)}' is expected");
        }

        _position += token.Length;
    }

    private string ReadAscii()
    {
        var start = _position;
        var text = ReadString();
        return Ascii.IsValid(text.Span) ? Encoding.ASCII.GetString(text.Span) : throw Invalid("a name or path is not ASCII", start);
    }

    private ByteString ReadString()
    {
        Expect("\""u8);
        var rest = _text[_position..];
        var length = 0;
        var escapes = 0;
        while (true)
        {
            var next = rest[length..].IndexOfAny((byte)'"', (byte)'\\');
            if (next < 0 || (rest[length + next] == '\\' && length + next + 1 >= rest.Length))
            {
                throw Invalid("a string has no end");
            }

            length += next;
            if (rest[length] == '"')
            {
                break;
            }

            escapes++;
            length += 2;
        }

        _position += length + 1;
        return escapes == 0 ? new ByteString(rest[..length]) : Unescape(rest[..length], length - escapes);
    }

    private static ByteString Unescape(ReadOnlySpan<byte> escaped, int length)
    {
        var bytes = new byte[length];
        var written = 0;
        for (var i = 0; i < escaped.Length; i++)
        {
            var b = escaped[i];
            bytes[written++] = b != '\\' ? b : escaped[++i] switch
            {
                (byte)'n' => (byte)'\n',
                (byte)'r' => (byte)'\r',
                (byte)'t' => (byte)'\t',
                var other => other,
            };
        }

        return new ByteString(bytes);
    }

    private readonly DerivationFormatException Invalid(string reason) => Invalid(reason, _position);

    private readonly DerivationFormatException Invalid(string reason, int offset)
        => new("InvalidDerivation", StoreErrorKind.InvalidData, _name, reason, offset);
}
