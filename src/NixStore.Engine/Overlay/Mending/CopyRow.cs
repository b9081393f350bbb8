using NixStore.Engine.Database;

namespace NixStore.Engine.Overlay.Mending;

/// <summary>
/// Copies the row of a path, and those of all that it needs, from the lower store's database into the overlay store's, as Nix does when it sees
/// them (Nix libstore/local-overlay-store.cc:isValidPathUncached).
/// </summary>
/// <param name="path">The path.</param>
internal sealed class CopyRow(string path) : OverlayMend(
    OverlayRepairAction.CopyRow, path, $"copy the row of {path}, and of what it needs, from the lower store's database")
{
    /// <inheritdoc/>
    internal override void Apply(MendedOverlay store, CancellationToken cancellation)
    {
        var writable = store.Open(cancellation);
        var rows = new Dictionary<string, ForgottenRow>(StringComparer.Ordinal);
        var wanted = new Stack<string>([Path]);
        while (wanted.TryPop(out var next))
        {
            cancellation.ThrowIfCancellationRequested();
            var parsed = store.Location.Directory.Parse(next);
            if (rows.ContainsKey(next) || writable.Database.IsValid(parsed))
            {
                continue;
            }

            writable.Roots.Add(parsed, cancellation);
            var row = Read(store, next, parsed);
            rows.Add(next, row);
            foreach (var reference in row.References)
            {
                wanted.Push(reference);
            }
        }

        writable.Database.Remember(rows.Values);
    }

    private static ForgottenRow Read(MendedOverlay store, string path, StorePath parsed)
    {
        var row = store.LowerRows.Find(path);
        return row is not null && store.HasFiles(parsed)
            ? new ForgottenRow
            {
                Path = path,
                Hash = row.Hash,
                RegistrationTime = row.RegistrationTime ?? 0,
                Deriver = row.Deriver,
                NarSize = row.NarSize,
                Ultimate = row.Ultimate,
                Signatures = row.Signatures,
                ContentAddress = row.ContentAddress,
                References = row.References,
                Outputs = store.LowerRows.FindOutputs(path),
            }
            : throw new NixStoreException("LowerPathGone", StoreErrorKind.NotFound, $"The lower store has '{path}' no more.", path,
                "Run Test-OverlayStore again; the lower store is being changed.");
    }
}
