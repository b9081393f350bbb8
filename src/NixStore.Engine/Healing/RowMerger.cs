using NixStore.Engine.Database;
using NixStore.Engine.Rebuilding;
using NixStore.Engine.Salvage;

namespace NixStore.Engine.Healing;

/// <summary>
/// Makes one row of what the database had and what the files say. What the database had stays, as long as nothing contradicts it; what it
/// had lost, or what is no value at all, comes from the files. Signatures and the mark of a local build are only ever kept, never made.
/// </summary>
internal sealed class RowMerger(DamagedRows damaged, StorePathFactory factory)
{
    /// <summary>The row of a path of which the database had something.</summary>
    internal HealedRow Merge(StorePath path, SalvagedPath before, RebuiltRow? remade)
    {
        if (remade is not null && !IsBelievable(before, remade))
        {
            // A remainder of an earlier registration, or nothing but the path: the files say all.
            return HealedRow.From(remade, before);
        }

        var parsed = damaged.Parse(before, out _);
        var row = before.Row with
        {
            Hash = parsed.NarHash is null ? remade?.Row.Hash ?? NoHash : before.Row.Hash,
            Signatures = parsed.Signatures.Count == 0 ? remade?.Row.Signatures
                : IsWellFormed(before.Row.Signatures, parsed.Signatures) ? before.Row.Signatures : string.Join(' ', parsed.Signatures),
            Deriver = parsed.Deriver is null ? remade?.Row.Deriver : before.Row.Deriver,
            RegistrationTime = parsed.RegistrationTime is null
                ? remade?.Row.RegistrationTime ?? DateTimeOffset.UtcNow.ToUnixTimeSeconds() : before.Row.RegistrationTime,
        };
        var hasItsContents = remade is not null && remade.Row.Hash == row.Hash;
        row = row with
        {
            NarSize = hasItsContents ? remade!.Row.NarSize : parsed.NarSize,
            References = MergeReferences(before, remade, hasItsContents),
            Outputs = path.IsDerivation ? MergeOutputs(before, remade) : before.Row.Outputs,
        };
        return new HealedRow
        {
            Row = row with { ContentAddress = MendAddress(path, row, parsed, remade) },
            Before = before,
            Remade = remade,
        };
    }

    /// <summary>What Nix takes for a hash that is not known (Nix libstore/local-store.cc:verifyStore).</summary>
    internal static string NoHash { get; } = $"sha256:{new string('0', 64)}";

    /// <summary>
    /// A row is believed where SQLite finds it. One that lies about in pages of no tree may have been deleted since, and made anew with other
    /// contents: it must agree with the files.
    /// </summary>
    private static bool IsBelievable(SalvagedPath before, RebuiltRow remade)
        => before.IsComplete && (DamagedRows.IsCurrent(before) || before.Row.Hash == remade.Row.Hash);

    private static bool IsWellFormed(string? text, IReadOnlyList<StoreSignature> signatures)
        => text?.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length == signatures.Count;

    /// <summary>
    /// What is proved replaces everything. Otherwise references are only added: one too many keeps something alive, one too few has it deleted.
    /// </summary>
    private string[] MergeReferences(SalvagedPath before, RebuiltRow? remade, bool hasItsContents)
    {
        if (remade is not null && remade.Certainty.References == StoreCertainty.Proved)
        {
            return Sort([.. remade.Row.References, .. remade.Certainty.MissingReferences]);
        }

        if (!hasItsContents)
        {
            return Sort(before.Row.References.Concat(before.DoubtfulReferences));
        }

        // A mention of what is not there is no reference, unless the builder could see it, or a reference is known to be lost.
        var hasLost = before.DanglingReferences.Count > 0 || damaged.HasLostReferences || remade!.Certainty.References > StoreCertainty.Assumed;
        return Sort([.. before.Row.References, .. remade!.Row.References, .. hasLost ? remade.Certainty.MissingReferences : []]);
    }

    private static Dictionary<string, string> MergeOutputs(SalvagedPath before, RebuiltRow? remade)
    {
        var outputs = new Dictionary<string, string>(remade?.Row.Outputs ?? before.DoubtfulOutputs, StringComparer.Ordinal);
        if (remade?.Certainty.Outputs != StoreCertainty.Proved)
        {
            // Those whose paths depend on their contents are in the database only.
            foreach (var (name, output) in before.Row.Outputs)
            {
                outputs.TryAdd(name, output);
            }
        }

        return outputs;
    }

    private string? MendAddress(StorePath path, ForgottenRow row, ParsedRow parsed, RebuiltRow? remade)
    {
        if (string.IsNullOrEmpty(row.ContentAddress))
        {
            return row.ContentAddress;
        }

        if (parsed.ContentAddress is { } address)
        {
            var references = row.References.Select(reference => factory.Directory.TryParse(reference, out var parsedPath) ? parsedPath : null).OfType<StorePath>();
            if (factory.Proves(path, address, [.. references]))
            {
                return row.ContentAddress;
            }
        }

        // Without files there is nothing to make it of; a value that is none keeps Nix from reading the row at all.
        return remade is not null ? remade.Row.ContentAddress : parsed.ContentAddress is null ? null : row.ContentAddress;
    }

    private static string[] Sort(IEnumerable<string> paths) => [.. paths.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
}
