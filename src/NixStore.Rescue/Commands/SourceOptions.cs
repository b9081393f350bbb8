using System.CommandLine;
using NixStore.Caches.Repair;

namespace NixStore.Rescue.Commands;

/// <summary>The options that say where good contents come from, and who is believed.</summary>
internal sealed class SourceOptions
{
    private readonly Option<string[]?> _sources = new("--source")
    {
        Description = "A binary cache (file://, https://, s3://), another store or a directory with either; may be repeated. Default: substituters of nix.conf.",
    };

    private readonly Option<string[]?> _keys = new("--trusted-public-key")
    {
        Description = "A key, name:base64, that decides where the row is in doubt; may be repeated. Default: trusted-public-keys of nix.conf.",
    };

    private readonly Option<bool> _skipSignatures = new("--skip-signature-check") { Description = "Believe sources without a signature." };
    private readonly Option<bool> _rebuild = new("--rebuild") { Description = "Let the Nix of this machine build what no source has." };

    /// <summary>All of them.</summary>
    public IReadOnlyList<Option> All => [_sources, _keys, _skipSignatures, _rebuild];

    /// <summary>What the command line says.</summary>
    public RepairRequest Of(ParseResult parsed) => new()
    {
        Sources = parsed.GetValue(_sources) is { Length: > 0 } sources
            ? Array.ConvertAll(sources, source => source is ['.', ..] ? Path.GetFullPath(source) : source) : null,
        TrustedPublicKeys = parsed.GetValue(_keys) is { Length: > 0 } keys ? keys : null,
        SkipSignatureCheck = parsed.GetValue(_skipSignatures),
        Rebuild = parsed.GetValue(_rebuild),
    };
}
