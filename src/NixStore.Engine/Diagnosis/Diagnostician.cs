using NixStore.Engine.Archive;
using NixStore.Engine.Native;

namespace NixStore.Engine.Diagnosis;

/// <summary>
/// Finds out which files of a damaged tree are wrong, with what is at hand in the store: <c>.links</c> names, tell-tale contents and
/// metadata, and suppositions (without this entry, with that executable bit) that are tried by hashing.
/// </summary>
/// <param name="links">The store's links.</param>
/// <remarks>Not thread-safe; one for each worker.</remarks>
public sealed class Diagnostician(LinksIndex links) : IDisposable
{
    private const int MaximumUnsupported = 100;
    private const int MaximumSuppositions = 64;
    private const int MaximumListed = 20;

    /// <summary>Bytes that suppositions may hash in all, beyond a few readings of the tree.</summary>
    private const long HashingBudget = 256L << 20;

    private readonly NarHasher _hasher = new();

    /// <summary>Looks into a tree whose contents are not the registered ones, or cannot be archived.</summary>
    /// <param name="store">The open store directory.</param>
    /// <param name="name">Base name, NUL-terminated.</param>
    /// <param name="expected">The registered hash; null when it is not known either.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="StoreIOException"/>
    /// <exception cref="NarTreeException">TreeTooDeep, FileVanished, FileChanged</exception>
    public Explanation Explain(FileDescriptor store, ReadOnlySpan<byte> name, NixHash? expected, CancellationToken cancellation)
    {
        var problems = new List<StorePathProblem>();
        var foreign = new List<TreeEdit>();
        var (inventory, actual) = TakeInventory(store, name, foreign, problems, cancellation);
        if (inventory is null)
        {
            return new Explanation(problems, null, []);
        }

        if (expected is not null && actual.Hash.Equals(expected))
        {
            return new Explanation(problems, foreign, []);
        }

        if (expected is not null && FindEdits(store, name, expected, actual.Size, inventory, foreign, cancellation) is { } edits)
        {
            problems.AddRange(edits.Except(foreign).Select(edit => edit.ToProblem()));
            return new Explanation(problems, edits, []);
        }

        var suspects = FindSuspects(store, name, inventory, problems, cancellation);
        return new Explanation(problems, null, suspects);
    }

    /// <inheritdoc/>
    public void Dispose() => _hasher.Dispose();

    /// <summary>Reads the tree, leaving out what no archive can hold.</summary>
    private (TreeInventory? Inventory, NarHash Hash) TakeInventory(
        FileDescriptor store, ReadOnlySpan<byte> name, List<TreeEdit> foreign, List<StorePathProblem> problems, CancellationToken cancellation)
    {
        var without = new NarSubstitutions();
        for (; ; )
        {
            try
            {
                var inventory = new TreeInventory();
                return (inventory, _hasher.HashTree(store, name, inventory, without, cancellation));
            }
            catch (NarTreeException error) when (error.ErrorId == "UnsupportedFileType")
            {
                problems.Add(new StorePathProblem(StoreProblemKind.UnsupportedType, error.RelativePath.ToString(), Detail: error.Message));
                if (error.RelativePath.IsEmpty || foreign.Count == MaximumUnsupported)
                {
                    return (null, default);
                }

                foreign.Add(new TreeEdit(TreeEditKind.Remove, error.RelativePath));
                without.With(error.RelativePath.Span, new NarReplacement.Absent());
            }
        }
    }

    /// <summary>Tries suppositions: all foreign-looking entries gone, one entry gone, one executable bit turned.</summary>
    private List<TreeEdit>? FindEdits(
        FileDescriptor store, ReadOnlySpan<byte> name, NixHash expected, long size, TreeInventory inventory, List<TreeEdit> already,
        CancellationToken cancellation)
    {
        var left = Math.Max(HashingBudget, size * 4);
        foreach (var edits in Suppose(inventory).Take(MaximumSuppositions))
        {
            left -= size;
            if (left < 0)
            {
                return null;
            }

            var all = already.Concat(edits).ToList();
            var substitutions = new NarSubstitutions();
            foreach (var edit in all)
            {
                substitutions.With(edit.Path.Span, edit.ToReplacement());
            }

            if (_hasher.HashTree(store, name, null, substitutions, cancellation).Hash.Equals(expected))
            {
                return all;
            }
        }

        return null;
    }

    private static IEnumerable<List<TreeEdit>> Suppose(TreeInventory inventory)
    {
        var regular = inventory.Entries.Where(entry => entry.Status.Type == FileType.Regular).ToList();

        // A mode that Nix never gives (0000, 0644) says that somebody changed it: its executable bit may be gone with the rest.
        var wrongModes = regular.Where(entry => entry.Status.Mode != CanonicalMetadata.ModeOf(entry.Status)).ToList();
        var extra = inventory.Entries.Where(entry => entry.LooksForeign && entry.Status.Type != FileType.Directory && !entry.Path.IsEmpty).ToList();
        if (wrongModes.Count > 0)
        {
            yield return wrongModes.ConvertAll(Turned);
        }

        if (extra.Count > 0)
        {
            yield return extra.ConvertAll(Gone);
        }

        foreach (var entry in wrongModes.Count > 1 ? wrongModes : [])
        {
            yield return [Turned(entry)];
        }

        foreach (var entry in extra.Count > 1 ? extra : [])
        {
            yield return [Gone(entry)];
        }

        foreach (var entry in regular.Except(wrongModes))
        {
            yield return [Turned(entry)];
        }

        static TreeEdit Turned(TreeEntry entry)
            => new(entry.Status.IsExecutable ? TreeEditKind.ClearExecutable : TreeEditKind.SetExecutable, entry.Path);

        static TreeEdit Gone(TreeEntry entry) => new(TreeEditKind.Remove, entry.Path);
    }

    private List<SuspectFile> FindSuspects(
        FileDescriptor store, ReadOnlySpan<byte> name, TreeInventory inventory, List<StorePathProblem> problems, CancellationToken cancellation)
    {
        var suspects = new List<(int Rank, SuspectFile File)>();
        foreach (var entry in inventory.Entries.Where(entry => entry.Status.Type == FileType.Regular))
        {
            var linkName = entry.Status.LinkCount > 1 ? links.FindName(entry.Status.Inode) : null;
            var proved = linkName is not null && !HashOf(store, name, entry, cancellation).Equals(linkName, StringComparison.Ordinal);
            if (linkName is not null && !proved)
            {
                continue;
            }

            var rank = proved ? 0 : entry.Status.Size == 0 ? 1 : entry.IsNulFilled ? 2 : entry.LooksForeign ? 3 : 4;
            suspects.Add((rank, new SuspectFile(
                entry.Path, entry.Status.Inode, entry.Status.LinkCount, entry.Status.IsExecutable, entry.Status.Size, linkName, proved)));
            if (rank < 4 && problems.Count < MaximumListed)
            {
                problems.Add(ToProblem(entry, linkName, proved));
            }
        }

        return suspects.OrderBy(suspect => suspect.Rank).Select(suspect => suspect.File).ToList();
    }

    private string HashOf(FileDescriptor store, ReadOnlySpan<byte> name, TreeEntry entry, CancellationToken cancellation)
    {
        byte[] path = entry.Path.IsEmpty ? name.ToArray() : [.. ByteName.Trim(name), (byte)'/', .. entry.Path.Span, 0];
        return _hasher.HashTree(store, path, cancellation: cancellation).Hash.ToNix32();
    }

    private static StorePathProblem ToProblem(TreeEntry entry, string? linkName, bool proved)
    {
        var kind = entry.Status.Size == 0 ? StoreProblemKind.ZeroLength
            : entry.IsNulFilled ? StoreProblemKind.NulFilled
            : proved ? StoreProblemKind.LinkMismatch
            : StoreProblemKind.BytesChanged;
        var what = entry.Status.Size == 0 ? "is empty" : entry.IsNulFilled ? "is full of NUL bytes" : proved ? "was changed" : "was written by something else than Nix";
        return new StorePathProblem(kind, entry.Path.ToString(), linkName, null,
            proved ? $"{what}; .links knows it as {linkName}" : $"suspect: it {what}");
    }
}
