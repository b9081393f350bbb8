using System.Text;

namespace NixStore.Caches.Http;

/// <summary>
/// A netrc file with passwords for servers, as Nix's <c>netrc-file</c>: <c>machine</c>, <c>default</c>, <c>login</c>,
/// <c>password</c>, <c>account</c>, <c>macdef</c>, comments and quoted words, as curl reads them.
/// </summary>
internal sealed class Netrc
{
    /// <summary>The file of a Nix installation.</summary>
    public const string DefaultPath = "/etc/nix/netrc";

    private readonly List<Entry> _entries;

    private Netrc(List<Entry> entries) => _entries = entries;

    public static Netrc Empty { get; } = new([]);

    /// <summary>Reads a file; the default one may be absent or unreadable, because only root's Nix daemon may need to read it.</summary>
    /// <exception cref="NixStoreException">NetrcUnreadable</exception>
    public static Netrc Load(string? path)
    {
        try
        {
            return Parse(File.ReadAllText(path ?? DefaultPath));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return path is null ? Empty : throw new NixStoreException("NetrcUnreadable",
                e is UnauthorizedAccessException ? StoreErrorKind.PermissionDenied : StoreErrorKind.NotFound,
                $"The netrc file '{path}' cannot be read: {e.Message}", path, null, e);
        }
    }

    public static Netrc Parse(string text)
    {
        var entries = new List<Entry>();
        var words = new Words(text);
        while (words.Next() is { } word)
        {
            switch (word)
            {
                case "machine":
                    entries.Add(new Entry { Machine = words.Next() });
                    break;
                case "default":
                    entries.Add(new Entry());
                    break;
                case "login" when entries.Count > 0:
                    entries[^1].Login = words.Next();
                    break;
                case "password" when entries.Count > 0:
                    entries[^1].Password = words.Next();
                    break;
                case "login" or "password" or "account":
                    _ = words.Next();
                    break;
                case "macdef":
                    words.SkipMacro();
                    break;
            }
        }

        return new Netrc(entries);
    }

    /// <summary>Login and password for a host: those of the first entry that fits.</summary>
    public (string Login, string Password)? Find(string host)
    {
        var entry = _entries.Find(e => e.Machine is null || e.Machine.Equals(host, StringComparison.OrdinalIgnoreCase));
        return entry is { Login: not null } or { Password: not null } ? (entry.Login ?? "", entry.Password ?? "") : null;
    }

    /// <summary>One machine; null = default.</summary>
    private sealed class Entry
    {
        public string? Machine { get; init; }

        public string? Login { get; set; }

        public string? Password { get; set; }
    }

    /// <summary>Cuts the file into words.</summary>
    private sealed class Words(string text)
    {
        private int _position;

        public string? Next()
        {
            SkipSpaceAndComments();
            if (_position == text.Length)
            {
                return null;
            }

            return text[_position] == '"' ? Quoted() : Plain();
        }

        // A macro goes on to the next empty line; nobody runs it here.
        public void SkipMacro()
        {
            var end = text.IndexOf("\n\n", _position, StringComparison.Ordinal);
            _position = end < 0 ? text.Length : end + 2;
        }

        private void SkipSpaceAndComments()
        {
            var atLineStart = _position == 0;
            while (_position < text.Length)
            {
                if (text[_position] == '#' && atLineStart)
                {
                    var end = text.IndexOf('\n', _position);
                    _position = end < 0 ? text.Length : end;
                }
                else if (char.IsWhiteSpace(text[_position]))
                {
                    atLineStart |= text[_position] == '\n';
                    _position++;
                }
                else
                {
                    break;
                }
            }
        }

        private string Plain()
        {
            var start = _position;
            while (_position < text.Length && !char.IsWhiteSpace(text[_position]))
            {
                _position++;
            }

            return text[start.._position];
        }

        private string Quoted()
        {
            var word = new StringBuilder();
            for (_position++; _position < text.Length && text[_position] != '"'; _position++)
            {
                if (text[_position] == '\\' && _position + 1 < text.Length)
                {
                    _position++;
                    word.Append(text[_position] switch { 'n' => '\n', 'r' => '\r', 't' => '\t', var c => c });
                }
                else
                {
                    word.Append(text[_position]);
                }
            }

            _position = Math.Min(_position + 1, text.Length);
            return word.ToString();
        }
    }
}
