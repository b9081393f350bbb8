using NixStore.Engine.Database;
using NixStore.Engine.Stores;
using NixStore.Engine.Verification;

namespace NixStore.Engine.Repair;

/// <summary>
/// Works out what a damaged row should say, once its files are known to be right: from the files themselves, from a description that can
/// be believed, from the derivations' outputs. Signatures and the mark of a local build are never invented.
/// </summary>
/// <param name="store">The store.</param>
/// <param name="database">Its database.</param>
/// <param name="options">Who is believed.</param>
/// <param name="descriptions">What sources say.</param>
/// <param name="proofs">Content addresses.</param>
internal sealed class RowMender(
    StoreLocation store, StoreDatabase database, RepairOptions options, TrustedDescription descriptions, ContentProof proofs)
{
    /// <summary>The change for a path whose files are right; without columns when nothing is wrong.</summary>
    /// <param name="path">As verified after its files were mended.</param>
    /// <param name="trail">Gets what sources had to say.</param>
    /// <param name="cancellation">Ends it.</param>
    internal RowChange Plan(VerifiedPath path, RepairTrail trail, CancellationToken cancellation)
    {
        var kinds = path.Info.Problems.Select(problem => problem.Kind).ToHashSet();
        var actual = path.Actual!.Value;
        var trusted = new Lazy<ValidPathInfo?>(() => Describe(path, trail, cancellation));
        var change = new RowChange();
        if (kinds.Contains(StoreProblemKind.RowHash) || kinds.Contains(StoreProblemKind.HashMismatch))
        {
            change = change with { NarHash = actual.Hash, NarSize = actual.Size };
        }

        if (kinds.Contains(StoreProblemKind.RowSize))
        {
            change = change with { NarSize = actual.Size };
        }

        if (kinds.Contains(StoreProblemKind.RowSignature))
        {
            change = change with { Signatures = MendSignatures(path, trusted.Value) };
        }

        if (kinds.Contains(StoreProblemKind.RowDeriver))
        {
            change = change with { Deriver = MendDeriver(path, trusted.Value) };
        }

        var references = path.Parsed.References;
        if (kinds.Contains(StoreProblemKind.RowReference))
        {
            var missing = path.Info.Problems.Where(problem => problem.Kind == StoreProblemKind.RowReference).Select(problem => problem.Expected!).ToList();
            references = [.. references.Concat(missing.Select(store.Directory.Parse)).Distinct().Order()];
            change = change with { AddReferences = missing };
        }

        if (kinds.Contains(StoreProblemKind.RowContentAddress) && !IsProvedBy(path, references))
        {
            var address = proofs.FindContentAddress(path, references, cancellation)
                ?? proofs.FindContentAddress(path, path.Parsed.References, cancellation);
            change = change with { ContentAddress = address, ClearContentAddress = address is null && IsInputAddressed(path, trusted.Value) };
        }

        foreach (var (column, _) in path.Row.MalformedColumns)
        {
            change = column switch
            {
                "registrationTime" => change with { RegistrationTime = DateTimeOffset.UtcNow },
                "ultimate" => change with { ClearUltimate = true },
                _ => change,
            };
        }

        return path.Row.RegistrationTime is not null && path.Info.RegistrationTime is null
            ? change with { RegistrationTime = DateTimeOffset.UtcNow } : change;
    }

    /// <summary>True when the content address in the row is right once the references are.</summary>
    private bool IsProvedBy(VerifiedPath path, IReadOnlyCollection<StorePath> references)
        => path.Parsed.ContentAddress is { } address && new StorePathFactory(store.Directory).Proves(path.Parsed.Path!, address, references);

    private ValidPathInfo? Describe(VerifiedPath path, RepairTrail trail, CancellationToken cancellation)
        => descriptions.Find(path.Parsed.Path!, trail, cancellation) is { } found
            && found.Path.Info.NarHash.Equals(path.Actual!.Value.Hash) ? found.Path.Info : null;

    /// <summary>Those that can be parsed, and those of the trusted description that a trusted key made.</summary>
    private List<StoreSignature> MendSignatures(VerifiedPath path, ValidPathInfo? trusted)
    {
        var signatures = path.Parsed.Signatures.ToList();
        foreach (var signature in trusted?.Signatures ?? [])
        {
            if (!signatures.Contains(signature)
                && options.TrustedKeys.Verifies(trusted! with { Signatures = [signature] }, store.Directory, out _))
            {
                signatures.Add(signature);
            }
        }

        return signatures;
    }

    private string MendDeriver(VerifiedPath path, ValidPathInfo? trusted)
        => database.FindDerivers(path.Info.Path) is [var deriver, ..] ? deriver
            : trusted?.Deriver is { } named ? store.Directory.Print(named) : "";

    /// <summary>True when something that can be believed knows the path and gives it no content address.</summary>
    private bool IsInputAddressed(VerifiedPath path, ValidPathInfo? trusted)
        => options.AssumeContents || trusted is { ContentAddress: null }
            || options.TrustedKeys.Verifies(path.ToValidPathInfo(), store.Directory, out _);
}
