using NixStore.Engine.Archive;
using NixStore.Engine.Diagnosis;
using NixStore.Engine.Native;
using NixStore.Engine.Verification;
using NixStore.Engine.Writing;

namespace NixStore.Engine.Repair;

/// <summary>
/// Looks in the store itself for an intact copy of a damaged file: under the hash that <c>.links</c> has for it, or a file of the same name
/// elsewhere (another version of a package, the source it was copied from). A candidate counts only when the archive of the damaged object
/// with the candidate put in has the registered hash.
/// </summary>
/// <param name="store">The store.</param>
/// <remarks>Not thread-safe.</remarks>
internal sealed class TwinFinder(WritableStore store) : IDisposable
{
    private const int MaximumSuspects = 8;
    private const int MaximumCandidates = 32;
    private const long HashingBudget = 512L << 20;
    private static readonly int s_flags = OpenFlags.ReadOnly | OpenFlags.NoFollow | OpenFlags.NoAccessTime | OpenFlags.NonBlocking;
    private static readonly int s_linkNameLength = Nix32.EncodedLength(32);
    private readonly NarHasher _hasher = new();

    /// <summary>Finds twins for the damaged files of an object and stages them; null when the registered hash cannot be reached so.</summary>
    /// <exception cref="StoreIOException"/>
    /// <exception cref="OperationCanceledException"/>
    internal TreePatch? Find(VerifiedPath path, StagingDirectory staging, CancellationToken cancellation)
    {
        var baseName = path.Parsed.Path!.BaseName;
        var suspects = ChooseSuspects(path.Explanation!.Suspects);
        if (suspects.Count == 0)
        {
            return null;
        }

        var names = suspects.Select(suspect => NameOf(suspect, path.Parsed.Path)).ToHashSet();
        var inodes = suspects.Select(suspect => suspect.Inode).ToHashSet();
        var files = StoreWalker.Find(store.Directory,
            (name, inode) => !inodes.Contains(inode) && (name.Length == s_linkNameLength || names.Contains(new ByteString(name))), cancellation);
        var budget = HashingBudget;
        var accepted = new NarSubstitutions();
        var changes = new List<TreeChange>();
        var written = 0L;
        foreach (var suspect in suspects)
        {
            foreach (var candidate in Candidates(suspect, path, files, suspects.Count == 1).Take(MaximumCandidates))
            {
                budget -= suspect.LinkName is null ? path.Actual?.Size ?? 0 : candidate.Size;
                if (budget < 0)
                {
                    return null;
                }

                var staged = Stage(candidate, suspect, staging, out var file);
                using (file)
                {
                    var trial = new NarSubstitutions().With(suspect.Path.Span, new NarReplacement.OpenFile(file, suspect.IsExecutable));
                    var whole = HashWith(baseName, trial, cancellation).Equals(path.Parsed.NarHash);
                    if (!whole && !IsLinkTarget(suspect, staging, staged, cancellation))
                    {
                        continue;
                    }

                    written += candidate.Size;
                    changes.Add(new TreeChange.Replace(suspect.Path, staged, StatusOf(baseName, suspect.Path)));
                    if (whole)
                    {
                        return new TreePatch([changes[^1]], candidate.Size, 0);
                    }
                }

                break;
            }
        }

        return changes.Count > 1 && HashOfPatched(baseName, changes, staging, accepted, cancellation).Equals(path.Parsed.NarHash)
            ? new TreePatch(changes, written, 0) : null;
    }

    /// <inheritdoc/>
    public void Dispose() => _hasher.Dispose();

    /// <summary>Files whose damage is proved or plain to see; when there are none, all, as long as they are few.</summary>
    private static List<SuspectFile> ChooseSuspects(IReadOnlyList<SuspectFile> suspects)
    {
        var proved = suspects.Where(suspect => suspect.IsProved).ToList();
        return proved.Count > 0 ? proved : suspects.Take(MaximumSuspects).ToList();
    }

    private IEnumerable<(StoreFile File, long Size)> Candidates(SuspectFile suspect, VerifiedPath path, List<StoreFile> files, bool isOnly)
    {
        var name = NameOf(suspect, path.Parsed.Path!);
        var missing = path.Parsed.NarSize - path.Actual?.Size;
        var seen = new HashSet<ulong>();
        foreach (var file in files)
        {
            var candidateName = file.Path.IsEmpty ? new ByteString(System.Text.Encoding.UTF8.GetBytes(file.BaseName[(StorePath.HashPartLength + 1)..]))
                : new ByteString(file.FileName);
            var mayFit = candidateName == name || (file.IsLink && isOnly && missing is not null);
            if (mayFit && seen.Add(file.Inode) && SizeOf(file) is { } size && FitsSize(size))
            {
                yield return (file, size);
            }
        }

        // When one file alone is wrong, the sizes of the two archives tell its size up to the padding.
        bool FitsSize(long size) => !isOnly || missing is null || Padded(size) == Padded(suspect.Size) + missing;
    }

    private byte[] Stage((StoreFile File, long Size) candidate, SuspectFile suspect, StagingDirectory staging, out FileDescriptor staged)
    {
        const int privateFile = 0b110_000_000;
        var name = staging.NewName();
        using var location = TreeLocation.Find(store.Directory, candidate.File.BaseName, candidate.File.Path);
        using var source = Posix.OpenAt(location.Directory, location.Name, s_flags);
        using (var target = Posix.OpenAt(staging.Directory, name, OpenFlags.WriteOnly | OpenFlags.Create | OpenFlags.Exclusive, privateFile))
        {
            Posix.CopyContents(source, target, candidate.Size);
            if (store.RestoreOptions.Owner is { } owner)
            {
                Posix.FchownAt(staging.Directory, name, owner.User, owner.Group);
            }

            NarRestorer.Finish(target, suspect.IsExecutable ? CanonicalMetadata.ExecutableMode : CanonicalMetadata.FileMode, NarSync.EachFile);
        }

        staged = Posix.OpenAt(staging.Directory, name, s_flags);
        return name;
    }

    private bool IsLinkTarget(SuspectFile suspect, StagingDirectory staging, byte[] staged, CancellationToken cancellation)
        => suspect.LinkName is { } link && _hasher.HashTree(staging.Directory, staged, cancellation: cancellation).Hash.ToNix32() == link;

    private NixHash HashOfPatched(
        string baseName, List<TreeChange> changes, StagingDirectory staging, NarSubstitutions substitutions, CancellationToken cancellation)
    {
        foreach (var change in changes.OfType<TreeChange.Replace>())
        {
            substitutions.With(change.Path.Span, new NarReplacement.Tree(staging.Directory, change.Staged));
        }

        return HashWith(baseName, substitutions, cancellation);
    }

    private NixHash HashWith(string baseName, NarSubstitutions substitutions, CancellationToken cancellation)
        => _hasher.HashTree(store.Directory, ByteName.From(baseName), null, substitutions, cancellation).Hash;

    private FileStatus StatusOf(string baseName, ByteString path)
    {
        using var location = TreeLocation.Find(store.Directory, baseName, path);
        return Posix.StatusAt(location.Directory, location.Name);
    }

    private long? SizeOf(StoreFile file)
    {
        try
        {
            using var location = TreeLocation.Find(store.Directory, file.BaseName, file.Path);
            return Posix.TryStatusAt(location.Directory, location.Name, out var status, out _) ? status.Size : null;
        }
        catch (StoreIOException)
        {
            return null;
        }
    }

    private static ByteString NameOf(SuspectFile suspect, StorePath path) => suspect.Path.IsEmpty
        ? ByteString.FromText(path.Name) : new ByteString(suspect.Path.Span[(suspect.Path.Span.LastIndexOf((byte)'/') + 1)..]);

    private static long Padded(long size) => (size + 7) & ~7;
}
