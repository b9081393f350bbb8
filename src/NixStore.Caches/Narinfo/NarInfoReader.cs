using System.Globalization;
using System.Text;

namespace NixStore.Caches.Narinfo;

/// <summary>
/// Parses narinfos: as Nix does (STORE-SPEC §8; Nix libstore/nar-info.cc), with tolerance for what other programs have
/// written (CRLF, blank lines, no space after an empty field's colon), and with limits, because a narinfo may be hostile.
/// </summary>
public static class NarInfoReader
{
    /// <summary>The longest file that is read; a path with 100 000 references needs 6 MiB.</summary>
    public const int MaximumFileSize = 8 << 20;

    /// <summary>The longest line other than References.</summary>
    public const int MaximumLineLength = 64 << 10;

    /// <summary>Parses the bytes of a narinfo.</summary>
    /// <param name="bytes">The file.</param>
    /// <param name="directory">The store directory that StorePath must be in.</param>
    /// <param name="origin">Path or URL for errors.</param>
    /// <exception cref="NarInfoCorruptException">NarInfoCorrupt</exception>
    public static NarInfo Parse(ReadOnlySpan<byte> bytes, StoreDirectory directory, string origin)
    {
        if (bytes.Length > MaximumFileSize)
        {
            throw new NarInfoCorruptException(origin, $"it is larger than {MaximumFileSize} bytes", 0);
        }

        return Parse(Encoding.UTF8.GetString(bytes), directory, origin);
    }

    /// <summary>Parses the text of a narinfo.</summary>
    /// <exception cref="NarInfoCorruptException">NarInfoCorrupt</exception>
    public static NarInfo Parse(string text, StoreDirectory directory, string origin)
    {
        var fields = new Fields(directory, origin);
        var rest = text.AsSpan();
        for (var line = 1; rest.Length > 0; line++)
        {
            fields.Line = line;
            var end = rest.IndexOf('\n');
            if (end < 0)
            {
                // Not pedantry: this is how a narinfo looks that was cut off.
                throw fields.Corrupt("expecting '\\n'");
            }

            var current = rest[..end].TrimEnd('\r');
            rest = rest[(end + 1)..];
            if (current.IsEmpty)
            {
                continue;
            }

            var colon = current.IndexOf(':');
            if (colon < 0)
            {
                throw fields.Corrupt("expecting ':'");
            }

            fields.Set(current[..colon], current[(colon + 1)..]);
        }

        return fields.ToNarInfo();
    }

    /// <summary>The fields seen so far.</summary>
    private sealed class Fields(StoreDirectory directory, string origin)
    {
        private readonly List<StoreSignature> _signatures = [];
        private readonly List<string> _malformedSignatures = [];
        private StorePath? _path;
        private string? _url;
        private string? _compression;
        private NixHash? _fileHash;
        private long? _fileSize;
        private NixHash? _narHash;
        private long _narSize;
        private SortedSet<StorePath>? _references;
        private StorePath? _deriver;
        private ContentAddress? _contentAddress;
        private bool _hasContentAddress;

        public int Line { get; set; }

        public NarInfoCorruptException Corrupt(string reason) => new(origin, reason, Line);

        public void Set(ReadOnlySpan<char> name, ReadOnlySpan<char> text)
        {
            if (text.Length > MaximumLineLength && name is not "References")
            {
                throw Corrupt($"line longer than {MaximumLineLength} characters");
            }

            // Nix skips exactly one character behind the colon, whatever it is; some programs strip the space of an empty field.
            var value = text.IsEmpty ? "" : text[1..].ToString();
            switch (name)
            {
                case "StorePath":
                    _path = directory.TryParse(value, out var path) ? path : throw Corrupt($"'{Shown(value)}' is no store path in {directory}");
                    break;
                case "URL":
                    _url = NarUrl.Objection(value) is { } objection ? throw Corrupt(objection) : value;
                    break;
                case "Compression":
                    _compression = value;
                    break;
                case "FileHash":
                    _fileHash = ParseHash(value);
                    break;
                case "FileSize":
                    _fileSize = ParseSize(value, "FileSize");
                    break;
                case "NarHash":
                    _narHash = ParseHash(value);
                    if (_narHash.Algorithm != NixHashAlgorithm.Sha256)
                    {
                        throw Corrupt("NarHash is not a SHA-256");
                    }

                    break;
                case "NarSize":
                    _narSize = ParseSize(value, "NarSize");
                    break;
                case "References":
                    AddReferences(value);
                    break;
                case "Deriver":
                    _deriver = value is "unknown-deriver" or "" ? null : ParsePath(value);
                    break;
                case "Sig":
                    AddSignature(value);
                    break;
                case "CA":
                    SetContentAddress(value);
                    break;
            }
        }

        public NarInfo ToNarInfo()
        {
            // These are about the whole file.
            Line = 0;
            return new NarInfo
            {
                Info = new ValidPathInfo
                {
                    Path = _path ?? throw Corrupt("StorePath missing"),
                    NarHash = _narHash ?? throw Corrupt("NarHash missing"),
                    NarSize = _narSize > 0 ? _narSize : throw Corrupt("NarSize missing or zero"),
                    References = [.. _references ?? []],
                    Deriver = _deriver,
                    Signatures = _signatures,
                    ContentAddress = _contentAddress,
                },
                Url = _url ?? throw Corrupt("URL missing"),
                Compression = string.IsNullOrEmpty(_compression) ? "bzip2" : _compression,
                FileHash = _fileHash,
                FileSize = _fileSize,
                MalformedSignatures = _malformedSignatures,
            };
        }

        private NixHash ParseHash(string text) => NixHash.TryParse(text, out var hash) ? hash : throw Corrupt("bad hash");

        private long ParseSize(string text, string field)
            => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var size) ? size : throw Corrupt($"invalid {field}");

        private StorePath ParsePath(string baseName)
            => StorePath.TryParse(baseName, out var path, out var reason) ? path : throw Corrupt($"'{Shown(baseName)}' is no store path: {reason}");

        private void AddReferences(string value)
        {
            if (_references is { Count: > 0 })
            {
                throw Corrupt("extra References");
            }

            _references = [];
            foreach (var part in value.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            {
                _references.Add(ParsePath(part));
            }
        }

        private void AddSignature(string value)
        {
            if (!StoreSignature.TryParse(value, out var signature))
            {
                if (!_malformedSignatures.Contains(value))
                {
                    _malformedSignatures.Add(value);
                }
            }
            else if (!_signatures.Contains(signature))
            {
                _signatures.Add(signature);
            }
        }

        private void SetContentAddress(string value)
        {
            if (_hasContentAddress)
            {
                throw Corrupt("extra CA");
            }

            if (value.Length > 0)
            {
                _contentAddress = ContentAddress.TryParse(value, out var address) ? address : throw Corrupt("bad content address");
                _hasContentAddress = true;
            }
        }

        private static string Shown(string value) => value.Length <= 300 ? value : value[..300] + "…";
    }
}
