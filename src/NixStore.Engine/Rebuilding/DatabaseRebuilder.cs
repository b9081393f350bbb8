using NixStore.Engine.Archive;
using NixStore.Engine.Native;
using NixStore.Engine.Stores;
using NixStore.Engine.Verification;

namespace NixStore.Engine.Rebuilding;

/// <summary>
/// Makes a store's database from nothing but the store directory, for when there is none any more, or none that can be believed. The store
/// is only read; nobody may change it meanwhile, so the caller holds the big lock.
/// </summary>
public static class DatabaseRebuilder
{
    /// <summary>Reads the whole store and writes a new database into a file of its own.</summary>
    /// <param name="store">The store.</param>
    /// <param name="file">Where to write: on the file system of the database, so that it can be renamed into its place.</param>
    /// <param name="options">How.</param>
    /// <param name="progress">Counts.</param>
    /// <param name="cancellation">Ends it; the file is gone then.</param>
    /// <exception cref="NixStoreException">StoreDirectoryEmpty: there is not one path in the store directory.</exception>
    /// <exception cref="Database.StoreDatabaseException">The file cannot be written.</exception>
    /// <exception cref="StoreIOException">The store directory cannot be read.</exception>
    /// <exception cref="OperationCanceledException"/>
    public static RebuiltDatabase Rebuild(
        StoreLocation store, string file, RebuildOptions options, VerificationProgress progress, CancellationToken cancellation)
    {
        var omitted = new List<StoreRowOmission>();
        var rows = ReadRows(store, options, omitted, progress, cancellation);
        NewDatabase.Write(file, [.. rows.Select(row => row.Row)], cancellation);
        return new RebuiltDatabase(
            file, [.. rows.Select(row => row.Certainty)], [.. omitted.OrderBy(entry => entry.Path, StringComparer.Ordinal)]);
    }

    /// <summary>The rows that the store directory gives, references first, without writing anything.</summary>
    /// <param name="store">The store.</param>
    /// <param name="options">How.</param>
    /// <param name="omitted">Gets the entries that give none.</param>
    /// <param name="progress">Counts.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <inheritdoc cref="Rebuild"/>
    public static IReadOnlyList<RebuiltRow> ReadRows(
        StoreLocation store, RebuildOptions options, ICollection<StoreRowOmission> omitted, VerificationProgress progress,
        CancellationToken cancellation)
    {
        var entries = StoreEntries.Read(store, cancellation);
        if (entries.Paths.Count == 0)
        {
            throw new NixStoreException("StoreDirectoryEmpty", StoreErrorKind.InvalidData,
                $"There is not one path in '{store.RealDirectory}': the directory is empty or not mounted.", store.RealDirectory,
                "Mount the file system with the store; of an empty directory no database can be made.");
        }

        progress.TotalPaths = entries.Paths.Count;
        var byKind = entries.Paths.ToLookup(path => path.IsDerivation);
        var derivations = DerivationIndex.Read(store, [.. byKind[true]], options.Workers, progress, cancellation);
        var scanned = Scan(store, entries, [.. byKind[false], .. derivations.Others], derivations, options, omitted, progress, cancellation);
        foreach (var entry in entries.Omitted.Concat(derivations.Omitted))
        {
            omitted.Add(entry);
        }

        var drafts = Decide(store.Directory, entries, derivations, scanned, options, omitted, cancellation);
        var sorted = RowOrder.Sort(drafts, store.Directory);
        var paths = sorted.Select(draft => draft.Path).ToHashSet();
        return [.. sorted.Select(draft => draft.Finish(store.Directory, paths.Contains))];
    }

    private static List<ScannedPath> Scan(
        StoreLocation store, StoreEntries entries, IReadOnlyList<StorePath> paths, DerivationIndex derivations, RebuildOptions options,
        ICollection<StoreRowOmission> omitted, VerificationProgress progress, CancellationToken cancellation)
    {
        // Of paths with the same hash part the one that is in the store counts, and not what was left behind of its making.
        var candidates = new ReferenceTable(
            derivations.Named.Concat(entries.Doubtful).Concat(entries.Paths.Where(path => !entries.Doubtful.Contains(path))));
        var scanned = new ScannedPath?[paths.Count];
        var errors = new NixStoreException?[paths.Count];
        InParallel.Run(paths.Count, options.Workers, () => new PathScanner(store, derivations, candidates), (scanner, i, stop) =>
        {
            try
            {
                scanned[i] = scanner.Scan(paths[i], stop);
                progress.Add(scanned[i]!.Nar.Size);
            }
            catch (NixStoreException error) when (error is NarTreeException or StoreIOException)
            {
                errors[i] = error;
            }
        }, cancellation);
        for (var i = 0; i < paths.Count; i++)
        {
            if (errors[i] is { } error)
            {
                var isLeftover = entries.Doubtful.Contains(paths[i]);
                omitted.Add(new(store.Directory.Print(paths[i]),
                    isLeftover ? StoreOmissionReason.Leftover : StoreOmissionReason.Unreadable, error.Message));
            }
        }

        return [.. scanned.OfType<ScannedPath>()];
    }

    private static List<RowDraft> Decide(
        StoreDirectory directory, StoreEntries entries, DerivationIndex derivations, IReadOnlyCollection<ScannedPath> scanned,
        RebuildOptions options, ICollection<StoreRowOmission> omitted, CancellationToken cancellation)
    {
        var rebuilder = new RowRebuilder(directory, derivations, entries.Doubtful);
        var voucher = new RowVoucher(directory, options.TrustedKeys);
        var drafts = new List<RowDraft>(entries.Paths.Count);
        foreach (var derivation in derivations.InOrder)
        {
            rebuilder.Know(derivation.Path, derivation.Derivation.References);
            Take(rebuilder.Rebuild(derivation));
        }

        foreach (var path in scanned)
        {
            rebuilder.Know(path.Path, path.Address?.References ?? path.Found);
        }

        foreach (var path in InOrder(derivations, scanned))
        {
            cancellation.ThrowIfCancellationRequested();
            var (draft, omission) = rebuilder.Rebuild(path);
            if (draft is not null)
            {
                Take(draft);
            }
            else
            {
                omitted.Add(omission!);
            }
        }

        return drafts;

        void Take(RowDraft draft)
        {
            if (options.Describe?.Invoke(draft.Path) is { } described)
            {
                voucher.Apply(draft, described);
                rebuilder.Know(draft.Path, draft.References);
            }

            drafts.Add(draft);
        }
    }

    /// <summary>What is in no derivation first, then the outputs, inputs before what was made of them.</summary>
    private static IEnumerable<ScannedPath> InOrder(DerivationIndex derivations, IReadOnlyCollection<ScannedPath> scanned)
    {
        var outputs = scanned.Where(path => derivations.MakersOf(path.Path).Count > 0).ToDictionary(path => path.Path);
        foreach (var path in scanned.Where(path => !outputs.ContainsKey(path.Path)))
        {
            yield return path;
        }

        foreach (var derivation in derivations.InOrder)
        {
            foreach (var output in derivation.Derivation.Outputs.Values)
            {
                if (output.Path is { } path && outputs.Remove(path, out var made))
                {
                    yield return made;
                }
            }
        }
    }
}
