using NixStore.Engine.Signatures;
using NixStore.Engine.Sources;

namespace NixStore.Engine.Repair;

/// <summary>What a repair may use and believe.</summary>
public sealed record RepairOptions
{
    /// <summary>Where contents may come from, in the order in which they are asked.</summary>
    public IReadOnlyList<IContentSource> Sources { get; init; } = [];

    /// <summary>Whose signatures decide where the database's row itself is in doubt.</summary>
    public TrustedKeys TrustedKeys { get; init; } = TrustedKeys.None;

    /// <summary>Believe what sources say of a path without a signature.</summary>
    public bool SkipSignatureCheck { get; init; }

    /// <summary>
    /// Where nothing proves what the contents should be, take those that are there: the row is made to fit them. Makes damage valid when the
    /// contents are damaged, so it is never done unasked.
    /// </summary>
    public bool AssumeContents { get; init; }

    /// <summary>Rebuild with a Nix that is on this machine when no source has the contents.</summary>
    public bool Rebuild { get; init; }

    /// <summary>Repair paths of an empty store directory: every one of them is missing then.</summary>
    public bool AcceptEmptyStore { get; init; }
}
