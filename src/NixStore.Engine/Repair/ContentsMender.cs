using NixStore.Engine.Archive;
using NixStore.Engine.Database;
using NixStore.Engine.Diagnosis;
using NixStore.Engine.Native;
using NixStore.Engine.Verification;
using NixStore.Engine.Writing;

namespace NixStore.Engine.Repair;

/// <summary>
/// Brings the contents of a path to a given NAR hash: from what is in the store itself, then from the sources, each tried only in a staging
/// directory and used only when the whole proves right.
/// </summary>
/// <remarks>Not thread-safe.</remarks>
internal sealed class ContentsMender : IDisposable
{
    private readonly WritableStore _store;
    private readonly RepairOptions _options;
    private readonly TwinFinder _twins;
    private readonly SharedInodes _shared;
    private readonly LayerMender? _layers;
    private readonly NarHasher _hasher = new();

    internal ContentsMender(WritableStore store, RepairOptions options, Func<string, PathRow?> findRow)
    {
        _store = store;
        _options = options;
        _twins = new TwinFinder(store);
        _shared = new SharedInodes(store, findRow);
        _layers = store.Location.Overlay is { } layers ? new LayerMender(store, layers) : null;
    }

    /// <summary>What was done.</summary>
    internal sealed record Outcome(string Source, IReadOnlyList<string> Files, long BytesWritten, IReadOnlyList<string> AlsoRepaired);

    /// <summary>Mends the contents of a locked path; null when nothing gave the wanted hash.</summary>
    /// <exception cref="StoreIOException">Writing to the store failed.</exception>
    internal Outcome? Mend(VerifiedPath path, NixHash wanted, RepairTrail trail, CancellationToken cancellation)
    {
        if (_layers?.Concerns(path.Parsed.Path!) == true)
        {
            return _layers.TryUncover(path.Parsed.Path!, wanted, _hasher, trail, cancellation)
                ? new Outcome(_store.Location.Overlay!.LowerUrl, [""], 0, []) : FromSources(path, wanted, trail, cancellation);
        }

        var isRegistered = wanted.Equals(path.Parsed.NarHash);
        return (isRegistered ? FromEdits(path) : null)
            ?? (isRegistered ? FromTwins(path, cancellation) : null)
            ?? FromLeftovers(path, wanted, trail, cancellation)
            ?? FromSources(path, wanted, trail, cancellation);
    }

    /// <summary>Mends from an archive whose origin has been found already.</summary>
    /// <exception cref="StoreIOException">Writing to the store failed.</exception>
    internal Outcome? MendFrom(
        VerifiedPath path, Func<Stream> open, string source, NixHash wanted, RepairTrail trail, CancellationToken cancellation)
    {
        using var staging = _store.Stage();
        try
        {
            using var nar = open();
            if (_layers?.Concerns(path.Parsed.Path!) == true)
            {
                if (_layers.TryReplace(path.Parsed.Path!, nar, wanted, staging, out var restored, cancellation))
                {
                    trail.BytesRead += restored.Size;
                    return new Outcome(source, [""], restored.Size, []);
                }

                trail.Add(source, $"its contents have the hash {restored.Hash}, not the one it promised");
                return null;
            }

            var patch = TreePatchBuilder.Build(nar, _store, path.Parsed.Path!.BaseName, staging, out var hash, cancellation);
            trail.BytesRead += patch.BytesRead;
            if (hash.Hash.Equals(wanted))
            {
                return Apply(path, patch, source, staging, cancellation);
            }

            trail.Add(source, $"its contents have the hash {hash.Hash}, not the one it promised");
            return null;
        }
        catch (NixStoreException error) when (error is not StoreIOException { Kind: StoreErrorKind.DiskFull or StoreErrorKind.PermissionDenied }
            && error.ErrorId != "OverlayNotRemounted")
        {
            trail.Add(source, error);
            return null;
        }
        catch (IOException error)
        {
            trail.Add(source, error.Message);
            return null;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _hasher.Dispose();
        _twins.Dispose();
        _shared.Dispose();
    }

    private Outcome? FromEdits(VerifiedPath path)
    {
        if (path.Explanation?.Edits is not { Count: > 0 } edits)
        {
            return null;
        }

        using var staging = _store.Stage();
        var changes = edits.Select(TreeChange (edit) => edit.Kind == TreeEditKind.Remove
            ? new TreeChange.Remove(edit.Path) : new TreeChange.SetMode(edit.Path, edit.Kind == TreeEditKind.SetExecutable)).ToList();
        TreePatcher.Apply(_store, path.Parsed.Path!.BaseName, new TreePatch(changes, 0, 0), staging);
        return new Outcome("the path itself", Names(changes), 0, []);
    }

    private Outcome? FromTwins(VerifiedPath path, CancellationToken cancellation)
    {
        if (path.Explanation is not { Suspects.Count: > 0 })
        {
            return null;
        }

        using var staging = _store.Stage();
        return _twins.Find(path, staging, cancellation) is { } patch ? Apply(path, patch, "twin in the store", staging, cancellation) : null;
    }

    /// <summary>An interrupted repair by Nix leaves the good contents under another name (STORE-SPEC §1; NIX-ON-DAMAGE, case k7).</summary>
    private Outcome? FromLeftovers(VerifiedPath path, NixHash wanted, RepairTrail trail, CancellationToken cancellation)
    {
        var baseName = path.Parsed.Path!.BaseName;
        foreach (var name in FindLeftovers(baseName))
        {
            var leftover = ByteName.ToDisplay(name);
            try
            {
                if (!_hasher.HashTree(_store.Directory, name, cancellation: cancellation).Hash.Equals(wanted))
                {
                    trail.Add(leftover, "has other contents");
                    continue;
                }
            }
            catch (NixStoreException error) when (error is NarTreeException or StoreIOException)
            {
                trail.Add(leftover, error);
                continue;
            }

            TakeUp(name, ByteName.From(baseName));
            return new Outcome(leftover, [""], 0, []);
        }

        return null;
    }

    /// <summary>
    /// One rename, never by way of the staging directory: it may be the only good copy, and what a crash leaves in a staging directory is
    /// anybody's rubbish.
    /// </summary>
    private void TakeUp(byte[] leftover, byte[] name)
    {
        if (!Posix.TryStatusAt(_store.Directory, name, out _, out _))
        {
            ImmutableFlag.Clear(_store.Directory, leftover);
            Posix.RenameNoReplaceAt(_store.Directory, leftover, _store.Directory, name);
            Posix.Fsync(_store.Directory);
            return;
        }

        ImmutableFlag.Clear(_store.Directory, name);
        ImmutableFlag.Clear(_store.Directory, leftover);
        Posix.ExchangeAt(_store.Directory, leftover, _store.Directory, name);
        Posix.Fsync(_store.Directory);
        try
        {
            new TreeRemover { ClearsImmutable = true }.RemoveTree(_store.Directory, leftover);
        }
        catch (StoreIOException)
        {
            // The path is whole; what is left of the bad copy has a name that every collector knows for rubbish.
        }
    }

    private Outcome? FromSources(VerifiedPath path, NixHash wanted, RepairTrail trail, CancellationToken cancellation)
    {
        foreach (var source in _options.Sources)
        {
            if (TrustedDescription.TryFind(source, path.Parsed.Path!, trail, cancellation) is not { } found)
            {
                continue;
            }

            if (!found.Info.NarHash.Equals(wanted))
            {
                trail.Add(source.Name, $"has other contents ({found.Info.NarHash})");
                continue;
            }

            if (MendFrom(path, () => source.OpenNar(found, cancellation), source.Name, wanted, trail, cancellation) is { } outcome)
            {
                return outcome;
            }
        }

        return null;
    }

    private Outcome Apply(VerifiedPath path, TreePatch patch, string source, StagingDirectory staging, CancellationToken cancellation)
    {
        var baseName = path.Parsed.Path!.BaseName;
        var replaced = patch.Changes.OfType<TreeChange.Replace>().ToList();
        var proved = _shared.MendLinks(replaced, staging, cancellation);
        TreePatcher.Apply(_store, baseName, patch, staging);
        var others = _shared.Spread(baseName, replaced, proved, staging, cancellation);
        return new Outcome(source, Names(patch.Changes), patch.BytesWritten, others);
    }

    private List<byte[]> FindLeftovers(string baseName)
    {
        var prefix = ByteName.Trim(ByteName.From(baseName + ".old-"));
        var found = new List<byte[]>();
        using var directory = Posix.OpenAt(_store.Directory, ".\0"u8, OpenFlags.ReadOnly | OpenFlags.Directory);
        using var entries = new DirectoryEntries(directory);
        while (entries.MoveNext())
        {
            if (entries.Name.StartsWith(prefix))
            {
                found.Add(entries.Name.ToArray());
            }
        }

        return found;
    }

    private static List<string> Names(IEnumerable<TreeChange> changes) => changes.Select(change => change.Path.ToString()).ToList();
}
