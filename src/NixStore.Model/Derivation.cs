namespace NixStore;

/// <summary>
/// A derivation as its .drv file states it (Nix libstore/derivations.cc). The builder's strings are bytes; everything that must be
/// ASCII by Nix's rules is a string. Collections are in Nix's order, by bytes.
/// </summary>
public sealed record Derivation
{
    /// <summary>The file name's name part without <c>.drv</c>; it is not in the file.</summary>
    public required string Name { get; init; }

    /// <summary>Outputs by name.</summary>
    public required IReadOnlyDictionary<string, DerivationOutput> Outputs { get; init; }

    /// <summary>The derivations needed, with the names of the outputs wanted of each.</summary>
    public required IReadOnlyDictionary<StorePath, IReadOnlyList<string>> InputDerivations { get; init; }

    /// <summary>The paths needed that are not built.</summary>
    public required IReadOnlyList<StorePath> InputSources { get; init => field = Indexable.Of(value); }

    /// <summary>The platform, for example <c>x86_64-linux</c>.</summary>
    public required ByteString System { get; init; }

    /// <summary>The program that builds.</summary>
    public required ByteString Builder { get; init; }

    /// <summary>Its arguments.</summary>
    public required IReadOnlyList<ByteString> Arguments { get; init => field = Indexable.Of(value); }

    /// <summary>Its environment.</summary>
    public required IReadOnlyDictionary<ByteString, ByteString> Environment { get; init; }

    /// <summary>The one fixed output, when this is a fixed-output derivation.</summary>
    public DerivationOutput? FixedOutput
        => Outputs.Count == 1 && Outputs.TryGetValue("out", out var output) && output.Kind == DerivationOutputKind.Fixed ? output : null;

    /// <summary>What the store registers as the references of the .drv: its input derivations and sources, sorted.</summary>
    public IReadOnlyList<StorePath> References => InputDerivations.Keys.Concat(InputSources).Distinct().Order().ToList();
}
