using System.Diagnostics;
using NixStore.Engine.Archive;
using NixStore.Engine.Database;
using NixStore.Engine.Diagnosis;
using NixStore.Engine.Locks;
using NixStore.Engine.Native;
using NixStore.Engine.Stores;
using NixStore.Engine.Verification;
using NixStore.Engine.Writing;

namespace NixStore.Engine.Repair;

/// <summary>
/// Repairs paths of one store, one after another, beside a live Nix. A path is protected and locked, looked at anew, then its contents, its
/// metadata and its row are mended, and at the end it is verified once more. What cannot be mended is left as it was.
/// </summary>
/// <remarks>Not thread-safe.</remarks>
public sealed class StoreRepairer : IDisposable
{
    private readonly WritableStore _store;
    private readonly RepairOptions _options;
    private readonly StoreDatabase _database;
    private readonly PathTester _tester;
    private readonly ReferenceCandidates _candidates;
    private readonly TrustedDescription _descriptions;
    private readonly ContentProof _proofs;
    private readonly ContentsMender _contents;
    private readonly RowMender _rows;
    private readonly NarHasher _hasher = new();
    private bool _isKnownNotToBeEmpty;

    private StoreRepairer(WritableStore store, StoreDatabase database, RepairOptions options)
    {
        _store = store;
        _options = options;
        _database = database;
        _candidates = new ReferenceCandidates(StoreDatabase.OpenForReading(store.Location));
        _tester = new PathTester(
            store.Location, new LinksIndex(store.Location), _candidates, new TrustCheck(options.TrustedKeys, store.Location.Directory), trust: null);
        _descriptions = new TrustedDescription(store.Location, options);
        _proofs = new ContentProof(store, _descriptions, options);
        _contents = new ContentsMender(store, options, database.Find);
        _rows = new RowMender(store.Location, database, options, _descriptions, _proofs);
        _isKnownNotToBeEmpty = options.AcceptEmptyStore;
    }

    /// <summary>Opens a store for repair.</summary>
    /// <exception cref="StoreDatabaseException"/>
    /// <exception cref="StoreIOException"/>
    /// <exception cref="NixStoreException">StoreReadOnly, StoreLocked</exception>
    public static StoreRepairer Open(StoreLocation location, RepairOptions options, CancellationToken cancellation)
    {
        var store = WritableStore.Open(location, cancellation);
        StoreDatabase? database = null;
        try
        {
            database = StoreDatabase.OpenForReading(location);
            return new StoreRepairer(store, database, options);
        }
        catch
        {
            database?.Dispose();
            store.Dispose();
            throw;
        }
    }

    /// <summary>Repairs one path.</summary>
    /// <param name="path">Full logical path.</param>
    /// <param name="cancellation">Ends it; the path is then as it was or already mended.</param>
    /// <exception cref="NixStoreException">
    /// PathNotRegistered, PathNotRepairable, StoreLocked, StoreDirectoryEmpty, InvalidStorePath
    /// </exception>
    /// <exception cref="StoreIOException">Writing to the store failed; nothing is worse than before.</exception>
    /// <exception cref="OperationCanceledException"/>
    public StorePathRepair Repair(string path, CancellationToken cancellation)
    {
        var attempt = Attempt(path, cancellation);
        return attempt.Error is null ? attempt.Report : throw attempt.Error;
    }

    /// <summary>Repairs one path, and says also what was wrong with one that cannot be repaired.</summary>
    /// <param name="path">Full logical path.</param>
    /// <param name="cancellation">Ends it; the path is then as it was or already mended.</param>
    /// <exception cref="NixStoreException">
    /// PathNotRegistered, StoreLocked, StoreDirectoryEmpty, InvalidStorePath: the path could not even be looked at.
    /// </exception>
    /// <exception cref="OperationCanceledException"/>
    public RepairAttempt Attempt(string path, CancellationToken cancellation)
    {
        var start = Stopwatch.GetTimestamp();
        var storePath = _store.Location.Directory.Parse(path);
        using var held = new HeldPath(_store, storePath, cancellation);
        var before = Look(path, cancellation);
        var trail = new RepairTrail();
        if (!before.Info.Invalid)
        {
            return new RepairAttempt(Report(RepairOutcome.AlreadyValid, before, null, [], [], trail, start), before.Info, null);
        }

        try
        {
            return Mend(before, held, trail, start, cancellation);
        }
        catch (NixStoreException error) when (error is not StoreDirectoryEmptyException)
        {
            return new RepairAttempt(Report(RepairOutcome.Failed, before, null, [], [], trail, start), null, error);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _hasher.Dispose();
        _contents.Dispose();
        _tester.Dispose();
        _candidates.Dispose();
        _database.Dispose();
        _store.Dispose();
    }

    private RepairAttempt Mend(VerifiedPath before, HeldPath held, RepairTrail trail, long start, CancellationToken cancellation)
    {
        var path = before.Info.Path;
        var mended = MendContents(before, held, trail, cancellation);
        var metadata = MendMetadata(before.Parsed.Path!, cancellation);
        var after = Look(path, cancellation);
        var change = after.Actual is null ? new RowChange() : _rows.Plan(after, trail, cancellation);
        if (change.Columns.Count > 0)
        {
            _store.Database.Change(path, change);
            after = Look(path, cancellation);
        }

        EnsureRepaired(after, trail);
        return new RepairAttempt(Report(RepairOutcome.Repaired, before, mended, metadata, change.Columns, trail, start), after.Info, null);
    }

    private VerifiedPath Look(string path, CancellationToken cancellation)
        => _tester.Test(_database.Find(path) ?? throw new PathNotRegisteredException(path, _store.Location), cancellation);

    /// <summary>Sees to it that the files are right; null when they were already.</summary>
    private ContentsMender.Outcome? MendContents(VerifiedPath path, HeldPath held, RepairTrail trail, CancellationToken cancellation)
    {
        if (path.HasRegisteredContents || _proofs.Prove(path, trail, cancellation) is not null)
        {
            return null;
        }

        EnsureNotEmpty(path);
        var wanted = path.Parsed.NarHash ?? _descriptions.Find(path.Parsed.Path!, trail, cancellation)?.Path.Info.NarHash;
        if (wanted is not null)
        {
            var outcome = _contents.Mend(path, wanted, trail, cancellation)
                ?? (_options.Rebuild ? Rebuild(path, wanted, held, trail, cancellation) : null);
            if (outcome is not null)
            {
                return outcome;
            }
        }

        else if (_options.Rebuild)
        {
            // What its derivation makes is what the path is, whoever makes it.
            var outcome = Rebuild(path, null, held, trail, cancellation);
            if (outcome is not null)
            {
                return outcome;
            }
        }

        if (_options.AssumeContents && path.Actual is not null)
        {
            return null;
        }

        throw trail.ToError(path.Info.Path,
            wanted is null ? "the row does not say what it should be, and nothing that can be believed does" : "no source has the contents that are registered",
            path.Actual is null || wanted is not null
                ? "Name more sources (-Source: a binary cache, another store), or let it be built again (-Rebuild)."
                : "Name a source and its key (-Source, -TrustedPublicKey); -AssumeContents takes the files as they are, right or wrong.");
    }

    private ContentsMender.Outcome? Rebuild(
        VerifiedPath path, NixHash? wanted, HeldPath held, RepairTrail trail, CancellationToken cancellation)
    {
        // The build locks the path itself.
        held.Release();
        using var rebuilt = new Rebuilder(_store, _database).Rebuild(path.Parsed, trail, cancellation);
        held.Acquire(cancellation);
        return rebuilt is null ? null
            : _contents.MendFrom(Look(path.Info.Path, cancellation), () => rebuilt.OpenNar(cancellation), rebuilt.Name, wanted ?? rebuilt.Hash(_hasher, cancellation),
                trail, cancellation);
    }

    private IReadOnlyList<string> MendMetadata(StorePath path, CancellationToken cancellation)
    {
        if (_store.Upper?.ShowsLower(path) == true)
        {
            // A file of the lower store would be copied up, alone, into a directory of the same name.
            return [];
        }

        var mender = new MetadataMender(_store.Owner);
        try
        {
            _hasher.HashTree(_store.Directory, ByteName.From(path.BaseName), mender, null, cancellation);
        }
        catch (NarTreeException)
        {
            // What cannot be archived is reported when the path is verified again.
        }

        return mender.Changed;
    }

    private void EnsureNotEmpty(VerifiedPath path)
    {
        if (!_isKnownNotToBeEmpty && path.Info.State == StorePathState.Missing)
        {
            PathLister.EnsureNotEmpty(_database);
            _isKnownNotToBeEmpty = true;
        }
    }

    private void EnsureRepaired(VerifiedPath path, RepairTrail trail)
    {
        if (path.Info.Problems.FirstOrDefault(problem => problem.IsRepairable) is { } left)
        {
            throw trail.ToError(path.Info.Path, $"after the repair this is still wrong: {left}", _store.Upper?.ShowsLower(path.Parsed.Path!) == true
                ? $"The lower store has it so, and is not written to from here: Repair-StorePath -Store '{_store.Location.Overlay!.Lower.Url}' {path.Info.Path}"
                : "Name a source and its key (-Source, -TrustedPublicKey) that can tell what is right.");
        }
    }

    private StorePathRepair Report(
        RepairOutcome outcome, VerifiedPath before, ContentsMender.Outcome? contents, IReadOnlyList<string> metadata,
        IReadOnlyList<string> columns, RepairTrail trail, long start) => new()
        {
            Store = _store.Location.Url,
            Path = before.Info.Path,
            Outcome = outcome,
            Source = contents?.Source ?? (metadata.Count > 0 ? "metadata" : columns.Count > 0 ? "row" : null),
            Files = [.. (contents?.Files ?? []).Union(metadata)],
            Columns = columns,
            BytesWritten = contents?.BytesWritten ?? 0,
            BytesRead = trail.BytesRead,
            Problems = before.Info.Problems,
            AlsoRepaired = contents?.AlsoRepaired ?? [],
            Duration = Stopwatch.GetElapsedTime(start),
        };

    /// <summary>A path that is protected, and locked but for the time of a build.</summary>
    private sealed class HeldPath : IDisposable
    {
        private readonly WritableStore _store;
        private readonly StorePath _path;
        private PathLock? _lock;

        internal HeldPath(WritableStore store, StorePath path, CancellationToken cancellation)
        {
            _store = store;
            _path = path;
            Acquire(cancellation);
        }

        internal void Acquire(CancellationToken cancellation) => _lock = _store.Protect(_path, cancellation);

        internal void Release()
        {
            _lock?.Dispose();
            _lock = null;
        }

        public void Dispose() => Release();
    }
}
