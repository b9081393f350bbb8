using System.Collections.Concurrent;
using NixStore.Engine.Database;
using NixStore.Engine.Signatures;
using NixStore.Engine.Transfer;

namespace NixStore.Engine.Tests.Transfer;

public sealed class SourceImporterTests : IDisposable
{
    private readonly TransferStore _store = new();
    private readonly MemorySource _source = new();
    private readonly ConcurrentBag<ImportedPath> _imported = [];
    private readonly ConcurrentDictionary<StorePath, string> _failed = [];

    public void Dispose() => _store.Dispose();

    [Fact]
    public void A_closure_comes_along_and_nothing_else()
    {
        var c = _source.Add("c");
        var b = _source.Add("b", c);
        var a = _source.Add("a", b, c);
        _source.Add("unrelated");

        Import([a]);

        Assert.Equal([a, b, c], _imported.Select(path => path.Path).OrderBy(path => path.Name));
        Assert.Equal([_store.Directory.Print(b), _store.Directory.Print(c)], _store.Row(a)!.References.OrderBy(path => path.Split('-')[1]));
        Assert.True(_store.IsIntact(a));
    }

    [Fact]
    public void What_is_valid_is_not_asked_for_and_not_fetched()
    {
        var c = _source.Add("c");
        var b = _source.Add("b", c);
        Import([b]);
        var a = _source.Add("a", b);
        var opened = _source.Opened;

        Import([a]);

        Assert.Equal(opened + 1, _source.Opened);
    }

    [Fact]
    public void A_requested_path_that_is_valid_is_told()
    {
        var a = _source.Add("a");
        Import([a]);
        _imported.Clear();

        Import([a]);

        Assert.True(Assert.Single(_imported).WasValid);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    public void Large_graphs_are_registered_in_order_whatever_the_threads(int threads)
    {
        // Chains and diamonds; the database refuses a row before those it refers to.
        var paths = new List<StorePath>();
        var random = new Random(1);
        for (var i = 0; i < 150; i++)
        {
            paths.Add(_source.Add($"p{i}", [.. Enumerable.Range(0, Math.Min(i, 4)).Select(_ => paths[random.Next(i)]).Distinct(), .. i > 0 ? [paths[i - 1]] : Array.Empty<StorePath>()]));
            _source.Change(paths[^1], info => info with { References = [.. info.References.Distinct()] });
        }

        Import([paths[^1]], threads: threads);

        Assert.Empty(_failed);
        Assert.Equal(150, _imported.Count);
        using var database = StoreDatabase.OpenForReading(_store.Location);
        Assert.Equal(150, database.CountPaths());
    }

    [Fact]
    public void One_bad_path_fails_those_that_need_it_and_no_others()
    {
        var bad = _source.Add("bad");
        var needsBad = _source.Add("needs-bad", bad);
        var top = _source.Add("top", needsBad);
        var good = _source.Add("good");
        var other = _source.Add("other", good);
        _source.Change(bad, info => info with { NarHash = new NixHash(NixHashAlgorithm.Sha256, new byte[32]) });

        Import([top, other]);

        Assert.Equal([good, other], _imported.Select(path => path.Path).OrderBy(path => path.Name));
        Assert.Equal("NarHashMismatch", _failed[bad]);
        Assert.Equal("ReferenceNotValid", _failed[needsBad]);
        Assert.Equal("ReferenceNotValid", _failed[top]);
        Assert.Equal([good.BaseName, other.BaseName], _store.Entries().OrderBy(name => name[33..]));
    }

    [Fact]
    public void A_source_that_fails_to_open_is_an_error_of_the_path()
    {
        var a = _source.Add("a");
        _source.OnOpen = _ => throw new NixStoreException("BinaryCacheFileMissing", StoreErrorKind.NotFound, "gone");

        Import([a]);

        Assert.Equal("BinaryCacheFileMissing", _failed[a]);
    }

    [Fact]
    public void A_path_that_the_source_lacks_is_an_error()
    {
        var a = _source.Add("a", MemorySource.PathOf("absent"));

        Import([a, MemorySource.PathOf("unknown")]);

        Assert.Equal("PathNotInSource", _failed[a]);
        Assert.Equal("PathNotInSource", _failed[MemorySource.PathOf("unknown")]);
        Assert.Empty(_imported);
    }

    [Fact]
    public void A_cycle_is_refused_before_anything_is_fetched()
    {
        var a = MemorySource.PathOf("a");
        var b = _source.Add("b", a);
        _source.Add("a", b);

        Import([a]);

        Assert.Equal("ReferenceCycle", _failed[a]);
        Assert.Equal(0, _source.Opened);
    }

    [Fact]
    public void A_long_chain_needs_no_deep_stack()
    {
        StorePath? last = null;
        for (var i = 0; i < 20_000; i++)
        {
            last = _source.Add($"p{i}", last is null ? [] : [last]);
        }

        var closure = new ClosureFinder(_source, StoreDirectory.Default, _ => false).Find(last!, default);

        Assert.Equal(20_000, closure.Count);
        Assert.Equal("p0", closure[0].Info.Path.Name);
    }

    [Fact]
    public void Signatures_are_required_of_every_part_of_a_closure()
    {
        using var key = NixSecretKey.Generate("k-1");
        var unsigned = _source.Add("unsigned");
        var signed = _source.Add("signed", key, unsigned);

        Import([signed], new ImportTrust(new TrustedKeys([key.PublicKey])));

        Assert.Equal("UntrustedPath", _failed[unsigned]);
        Assert.Equal("ReferenceNotValid", _failed[signed]);
    }

    [Fact]
    public void Without_closure_references_must_be_there_or_be_asked_for()
    {
        var c = _source.Add("c");
        var b = _source.Add("b", c);
        var a = _source.Add("a", b);

        Import([a], withClosure: false);
        Assert.Equal("ReferenceNotValid", _failed[a]);
        Assert.Equal(0, _source.Opened);

        // In any order.
        _failed.Clear();
        Import([a, b, c], withClosure: false);
        Assert.Empty(_failed);
        Assert.Equal(3, _imported.Count);
    }

    [Fact]
    public void Cancellation_keeps_what_is_complete()
    {
        var b = _source.Add("b");
        var a = _source.Add("a", b);
        using var cancellation = new CancellationTokenSource();
        _source.OnOpen = path =>
        {
            if (path.Equals(a))
            {
                cancellation.Cancel();
            }
        };

        Assert.ThrowsAny<OperationCanceledException>(() => Import([a], threads: 1, cancellation: cancellation.Token));

        Assert.Equal([b.BaseName], _store.Entries());
        Assert.True(_store.IsIntact(b));
    }

    [Fact]
    public void An_error_that_nobody_foresaw_ends_everything_and_is_thrown()
    {
        var a = _source.Add("a");
        _source.OnOpen = _ => throw new InvalidOperationException("a bug");

        Assert.Throws<InvalidOperationException>(() => Import([a]));
    }

    private void Import(
        StorePath[] paths, ImportTrust? trust = null, bool withClosure = true, int threads = 2, CancellationToken cancellation = default)
        => _store.Import(importer =>
        {
            var work = new SourceImporter(importer, _source, trust ?? ImportTrust.Everything, threads);
            work.Import(paths, withClosure, _imported.Add, (path, error) => _failed[path] = error.ErrorId, cancellation);
            return work.Progress;
        });
}
