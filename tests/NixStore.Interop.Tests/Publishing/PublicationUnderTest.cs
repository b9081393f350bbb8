using NixStore.Engine.Database;
using NixStore.Engine.Overlay;
using NixStore.Engine.Overlay.Publishing;
using NixStore.Engine.Stores;
using NixStore.Engine.Verification;
using NixStore.Interop.Tests.Support;

namespace NixStore.Interop.Tests.Publishing;

/// <summary>How a publication is set up that is to be killed.</summary>
internal enum PublicationSetup
{
    /// <summary>Everything is copied; some files lie in the lower store already, one path is valid there.</summary>
    Copies,

    /// <summary>As that, and the upper copies are removed.</summary>
    Removes,

    /// <summary>As that, of an overlay that is not mounted.</summary>
    RemovesUnmounted,
}

/// <summary>An overlay store of a few paths, in a place of its own, with a publication of all of them that can be killed.</summary>
internal sealed class PublicationUnderTest : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly PublicationSetup _setup;
    private readonly OverlayLab _lab;
    private readonly string[] _names;

    internal PublicationUnderTest(PublicationSetup setup)
    {
        _setup = setup;
        var nix = RealNix.Require();
        Lower = StoreLocator.Locate(Directory.CreateDirectory(_directory["lower"]).FullName);
        StoreCreator.EnsureExists(Lower);

        // Somebody else's mount namespace, made while the overlay was mounted, has a copy of the mount, and wants a hook.
        _lab = OverlayLab.On(Lower, setup == PublicationSetup.RemovesUnmounted ? "&remount-hook=/bin/true" : "");
        try
        {
            _names = AddPaths(nix);
            if (setup == PublicationSetup.RemovesUnmounted)
            {
                _lab.Unmount();
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The lower store.</summary>
    internal StoreLocation Lower { get; }

    /// <summary>Below these is all that a publication changes.</summary>
    internal string[] Places => [_directory.Path, Path.GetDirectoryName(Upper)!];

    private string Upper => _lab.Upper;

    /// <summary>The command line of the publication.</summary>
    internal string[] CommandLine =>
    [
        RescueProgram.Path, "publish", "--jobs", "1", "--store", _lab.Location.Url, .. _setup == PublicationSetup.Copies ? (string[])[] : ["--remove-from-upper"], .. _names,
    ];

    /// <summary>
    /// What must hold whenever it was killed: both stores verify clean by real Nix, each path is where it was or where it should be; and the next
    /// run completes.
    /// </summary>
    internal void Verify(string where)
    {
        ExpectClean(Lower, where);
        if (_setup != PublicationSetup.RemovesUnmounted)
        {
            ExpectClean(_lab.Location, where);
        }

        var publication = Publish();
        Assert.True(publication.Errors.Count == 0, $"{where}: the next run failed: {string.Join('\n', publication.Errors.Select(error => error.Message))}");
        Assert.Equal(_names.Order(StringComparer.Ordinal), publication.Published.Where(path => path.IsRequested).Select(path => path.Path).Order(StringComparer.Ordinal));
        ExpectPublished(where);
    }

    public void Dispose()
    {
        _lab.Dispose();
        _directory.Dispose();
    }

    private string[] AddPaths(RealNix nix)
    {
        // A tree, a file, a derivation with an input, and what another one needs: of all kinds one.
        var tree = Directory.CreateDirectory(_directory["tree"]).FullName;
        Directory.CreateDirectory($"{tree}/bin");
        File.WriteAllText($"{tree}/bin/run", "run");
        File.SetUnixFileMode($"{tree}/bin/run", (UnixFileMode)0x1ed);
        File.CreateSymbolicLink($"{tree}/link", "bin/run");
        File.WriteAllText(_directory["file"], "file");
        var added = nix.Store(_lab.Location, "--add", tree, _directory["file"]).Split('\n');
        var derivation = nix.Instantiate(_lab.Location,
            $$"""derivation { name = "d"; system = "x"; builder = "/bin/sh"; args = [ (builtins.storePath {{added[1]}}) ]; }""", "--option", "restrict-eval", "false").Trim();
        File.WriteAllText(_directory["byhand"], "by hand");
        File.WriteAllText(_directory["present"], "present");
        var more = nix.Store(_lab.Location, "--add", _directory["byhand"], _directory["present"]).Split('\n');
        Command.Run("cp", "-a", Path.Combine(Upper, Path.GetFileName(more[0])), Lower.RealDirectory);
        nix.Store(Lower, "--add", _directory["present"]);
        return [.. added, derivation, .. more];
    }

    private (List<OverlayPublication> Published, List<NixStoreException> Errors) Publish()
    {
        var (published, errors) = (new List<OverlayPublication>(), new List<NixStoreException>());
        using var publisher = OverlayPublisher.Open(
            _lab.Location, new PublicationOptions { RemovesFromUpper = _setup != PublicationSetup.Copies }, published.Add,
            (_, error) => errors.Add(error), _ => { }, errors.Add, CancellationToken.None);
        publisher.Publish([.. _names.Select(Lower.Directory.Parse)], CancellationToken.None);
        return (published, errors);
    }

    private void ExpectPublished(string where)
    {
        using (var database = StoreDatabase.OpenForReading(Lower))
        {
            var found = new List<StorePathInfo>();
            ParallelVerifier.Verify(database, null, 1, path => found.Add(path.Info), new VerificationProgress(), CancellationToken.None);
            Assert.True(found.TrueForAll(path => path.State == StorePathState.Valid && path.Problems.Count == 0),
                $"{where}: {string.Join('\n', found.SelectMany(path => path.Problems))}");
            Assert.Equal(_names.Order(StringComparer.Ordinal), found.Select(path => path.Path).Order(StringComparer.Ordinal));
        }

        ExpectClean(Lower, where);
        const string rows = "select path, hash, narSize, deriver, sigs, ca from ValidPaths order by path; "
            + "select p.path, o.id, o.path from DerivationOutputs o join ValidPaths p on p.id = o.drv order by 1, 2;"
            + "select a.path, b.path from Refs r join ValidPaths a on a.id = r.referrer join ValidPaths b on b.id = r.reference order by 1, 2";
        Assert.Equal(Command.Run("sqlite3", _lab.Location.DatabasePath, rows), Command.Run("sqlite3", Lower.DatabasePath, rows));
        var left = Directory.EnumerateFileSystemEntries(Upper).Select(entry => Path.GetFileName(entry)).Where(name => !name.StartsWith("tmp-", StringComparison.Ordinal));
        Assert.True(_setup == PublicationSetup.Copies || !left.Any(), $"{where}: in the upper layer remain {string.Join(", ", left)}");
        if (_setup == PublicationSetup.RemovesUnmounted)
        {
            _lab.Mount();
        }

        ExpectClean(_lab.Location, where);
        _ = RealNix.Require().Store(_lab.Location, ["--check-validity", .. _names]);
    }

    private static void ExpectClean(StoreLocation store, string where)
    {
        var verified = Verify();

        // The table of mounts is read in pieces: while others on this machine mount and unmount, Nix can miss a line of it.
        for (var tries = 1; tries < 20 && verified.Error.Contains("mounted incorrectly", StringComparison.Ordinal) && OverlayMount.IsMounted(store); tries++)
        {
            verified = Verify();
        }

        Assert.True(verified.ExitCode == 0 && !verified.Error.Contains("modified", StringComparison.Ordinal)
            && !verified.Error.Contains("disappeared", StringComparison.Ordinal), $"{where}: Nix is not content with {store.Url}: {verified.Error}");

        CommandResult Verify() => RealNix.Require().TryStore(store, "--verify", "--check-contents");
    }
}
