using System.Collections.Concurrent;
using System.Text;
using NixStore.Engine.Archive;
using NixStore.Engine.Database;
using NixStore.Engine.Graph;
using NixStore.Engine.Liveness;
using NixStore.Engine.Native;

namespace NixStore.Engine.Collection;

/// <summary>
/// Refuses to delete what files of live paths name though the database has lost the reference, which no check of SQLite's finds: real Nix
/// deletes it (NIX-ON-DAMAGE, case g3). The name of a content-addressed path is made of its references, so they prove themselves; of all
/// others those are looked into that have no reference at all, since references are lost together with a page or by a path.
/// </summary>
internal sealed class ReferenceGuard
{
    private readonly StoreSurvey _survey;
    private readonly StoreGraph _graph;
    private readonly StorePathFactory _factory;
    private readonly HashSet<int> _selfReferring = [];
    private readonly Dictionary<int, string> _addresses = [];

    private ReferenceGuard(StoreSurvey survey)
    {
        _survey = survey;
        _graph = survey.Graph;
        _factory = new StorePathFactory(_graph.Store.Directory);
    }

    /// <summary>Refuses when a live path needs garbage.</summary>
    /// <param name="survey">What is alive and what is not.</param>
    /// <param name="database">The database that the survey is of.</param>
    /// <param name="workers">How many trees are read at once.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="NixStoreException">ReferencesMissing</exception>
    /// <exception cref="StoreDatabaseException"/>
    internal static void EnsureNoneMissing(StoreSurvey survey, StoreDatabaseWriter database, int workers, CancellationToken cancellation)
    {
        var guard = new ReferenceGuard(survey);
        var candidates = guard.FindCandidates();
        if (candidates.Count == 0)
        {
            return;
        }

        guard.ReadRows(database, cancellation);
        var options = new ParallelOptions { MaxDegreeOfParallelism = workers, CancellationToken = cancellation };
        var suspects = guard.FindSuspects(options);
        if (guard.Scan(suspects, candidates, options) is ({ } path, { } reference))
        {
            throw new NixStoreException("ReferencesMissing", StoreErrorKind.InvalidData,
                $"Nothing of {survey.Graph.Store.Url} is deleted: the files of '{path}' name '{reference}', which would be deleted, as the database "
                + $"has lost the reference.", path,
                "Mend the row of the path first (Repair-StorePath, Repair-StoreDatabase). Do not run Nix's own collection before that.");
        }
    }

    /// <summary>What would go. Leftovers have the hash part of what they are left from, which may be alive.</summary>
    private List<StorePath> FindCandidates()
    {
        var candidates = new List<StorePath>();
        var unregistered = new List<StorePath>();
        foreach (var item in _survey.Garbage.Items.Where(item => item.Kind is StoreGarbageKind.Dead or StoreGarbageKind.Unregistered))
        {
            if (StorePath.TryParse(ByteName.ToDisplay(item.FileName), out var path))
            {
                (item.Node >= 0 ? candidates : unregistered).Add(path);
            }
        }

        if (unregistered.Count > 0)
        {
            var live = LiveNodes().Select(node => Encoding.ASCII.GetString(_graph.NameOf(node)[..StorePath.HashPartLength])).ToHashSet(StringComparer.Ordinal);
            candidates.AddRange(unregistered.Where(path => !live.Contains(path.HashPart)));
        }

        return candidates;
    }

    /// <summary>The columns that the graph has no use for.</summary>
    private void ReadRows(StoreDatabaseWriter database, CancellationToken cancellation) => database.ReadConsistently(
        connection =>
        {
            using var address = new Statement(connection, "select id, ca from ValidPaths not indexed where ca is not null");
            while (address.Step())
            {
                if (_graph.FindRow(address.Int64(0)) is var node and >= 0)
                {
                    _addresses[node] = address.Text(1)!;
                }
            }

            using var self = new Statement(connection, "select referrer from Refs not indexed where referrer = reference");
            while (self.Step())
            {
                _selfReferring.Add(_graph.FindRow(self.Int64(0)));
            }

            return true;
        },
        cancellation);

    private List<int> FindSuspects(ParallelOptions options)
    {
        var suspects = new ConcurrentBag<int>();
        Parallel.ForEach(Partitioner.Create(0, Math.Max(_graph.Count, 1)), options, range =>
        {
            for (var node = range.Item1; node < Math.Min(range.Item2, _graph.Count); node++)
            {
                if (_survey.Live.Contains(node) && _survey.Directory.IsPresent(node) && !AreReferencesProved(node))
                {
                    suspects.Add(node);
                }
            }
        });
        return [.. suspects.Order()];
    }

    private bool AreReferencesProved(int node)
    {
        if (!ContentAddress.TryParse(_addresses.GetValueOrDefault(node), out var address))
        {
            return _graph.References[node].Length > 0 || _selfReferring.Contains(node);
        }

        var path = PathOf(node);
        var references = new List<StorePath>();
        foreach (var reference in _graph.References[node])
        {
            references.Add(PathOf(reference));
        }

        if (_selfReferring.Contains(node))
        {
            references.Add(path);
        }

        return _factory.Proves(path, address, references);
    }

    /// <summary>Reads what is suspected; gives the first that names a candidate.</summary>
    private (string? Path, string? Reference) Scan(List<int> suspects, List<StorePath> candidates, ParallelOptions options)
    {
        using var store = Posix.Open(_graph.Store.RealDirectory, OpenFlags.ReadOnly | OpenFlags.Directory | OpenFlags.NoAccessTime);
        var found = new ConcurrentDictionary<int, StorePath>();
        Parallel.ForEach(
            Partitioner.Create(suspects, EnumerablePartitionerOptions.NoBuffering), options, () => new TreeScanner(candidates),
            (node, _, scanner) =>
            {
                if (scanner.Scan(store, ByteName.From(_graph.NameOf(node)), options.CancellationToken) is { } reference && !MayDiscard(store, node))
                {
                    found[node] = reference;
                }

                return scanner;
            },
            scanner => scanner.Dispose());
        return found.IsEmpty ? (null, null) : (_graph.PathOf(found.Keys.Min()), _graph.Store.Directory.Print(found[found.Keys.Min()]));
    }

    /// <summary>A derivation may demand that references of its output be not registered: disk images have whole closures in them.</summary>
    private bool MayDiscard(FileDescriptor store, int node)
    {
        if (_graph.DeriverOf(node) is not (var deriver and >= 0))
        {
            return false;
        }

        using var file = Posix.TryOpenAt(
            store, ByteName.From(_graph.NameOf(deriver)), OpenFlags.ReadOnly | OpenFlags.NoFollow | OpenFlags.NoAccessTime | OpenFlags.NonBlocking, 0, out _);
        return file is not null && Posix.ReadAll(file).AsSpan().IndexOf("unsafeDiscardReferences"u8) >= 0;
    }

    private IEnumerable<int> LiveNodes() => Enumerable.Range(0, _graph.Count).Where(node => _survey.Live.Contains(node) && _graph.IsStorePath(node));

    private StorePath PathOf(int node) => _graph.Store.Directory.Parse(_graph.PathOf(node));

    /// <summary>Looks for hash parts in one tree after another.</summary>
    private sealed class TreeScanner(IEnumerable<StorePath> candidates) : IDisposable
    {
        private readonly NarDumper _dumper = new();
        private readonly ReferenceScanner _scanner = new(candidates);

        internal StorePath? Scan(FileDescriptor store, byte[] name, CancellationToken cancellation)
        {
            _scanner.Reset();
            try
            {
                _dumper.Dump(store, name, _scanner, cancellation: cancellation);
            }
            catch (Exception error) when (error is NarTreeException or StoreIOException)
            {
                // What cannot be read up to its end is verification's to tell; what was read of it counts.
            }

            _scanner.Flush();
            return _scanner.Found.FirstOrDefault();
        }

        public void Dispose() => _scanner.Dispose();
    }
}
