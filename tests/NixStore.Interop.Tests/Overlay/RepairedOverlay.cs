using System.Security.Cryptography;
using Microsoft.Data.Sqlite;
using NixStore.Engine.Archive;
using NixStore.Engine.Native;
using NixStore.Engine.Stores;
using NixStore.Interop.Tests.Kills;
using NixStore.Interop.Tests.Support;

namespace NixStore.Interop.Tests.Overlay;

/// <summary>
/// An overlay store with something for almost every step of a repair to do, and with good trees that a repair has to leave alone; and what must
/// hold of it whenever a repair was killed.
/// </summary>
internal sealed class RepairedOverlay : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly RealNix _nix = RealNix.Require();
    private readonly OverlayLab _lab;
    private readonly SqliteConnection _reader;
    private readonly SortedDictionary<string, string> _lowerBefore;
    private readonly string _databaseBefore;
    private readonly string[] _good;
    private readonly SortedDictionary<string, string> _goodBefore;
    private readonly string[] _valid;
    private readonly string _deleted;

    internal RepairedOverlay()
    {
        Lower = StoreLocator.Locate(Directory.CreateDirectory(_directory["lower"]).FullName);
        StoreCreator.EnsureExists(Lower);
        _lab = OverlayLab.On(Lower, $"&remount-hook={_directory["remount.sh"]}");
        Directory.CreateDirectory(_directory["tree/bin"]);
        foreach (var name in (string[])["tree/bin/run", "tree/file", "hidden", "deleted", "rebuilt", "own"])
        {
            File.WriteAllText(_directory[name], name);
        }

        Tree = Add(Lower, "tree");
        var (hidden, rebuilt) = (Add(Lower, "hidden"), Add(Lower, "rebuilt"));
        _deleted = Add(Lower, "deleted");
        _nix.Store(Store, "--check-validity", Tree, hidden, rebuilt, _deleted);
        var own = Add(Store, "own");
        _nix.Store(Lower, "--delete", _deleted);

        // Built again, with other contents.
        File.WriteAllText(InUpper(rebuilt), "other");
        OverlayUnderTest.Shell("chmod 444 $1; touch -d @1 $1", InUpper(rebuilt));
        Register(rebuilt);
        _lab.Remount();
        OverlayUnderTest.Shell("rm -f $1; chmod -R u+w $2; rm -r $2/bin; echo > $2/added", InMerged(hidden), InMerged(Tree));

        // Rows that are in the log only, as long as somebody reads.
        _reader = new SqliteConnection($"Data Source={Lower.DatabasePath};Pooling=False");
        _reader.Open();
        using (var command = _reader.CreateCommand())
        {
            command.CommandText = "select count(*) from ValidPaths";
            command.ExecuteScalar();
        }

        using var below = new SmallStore(Lower);
        var logged = below.Full(below.Add("logged").Name);
        _good = [own, rebuilt];
        _valid = [Tree, hidden, rebuilt, own, logged];
        (_lowerBefore, _databaseBefore, _goodBefore) = (TreeStates.Read(Lower.RealDirectory), ReadDatabase(), ReadGood());
    }

    /// <summary>The overlay store.</summary>
    internal StoreLocation Store => _lab.Location;

    /// <summary>The lower store.</summary>
    internal StoreLocation Lower { get; }

    /// <summary>The full logical path of the tree of which the upper layer has a part.</summary>
    internal string Tree { get; }

    /// <summary>Below this is all that a repair may change.</summary>
    internal IReadOnlyList<string> Places => [_directory.Path, _lab.Root, _lab.Upper];

    /// <summary>Proves that nothing good was lost and the next run completes.</summary>
    internal void Verify(string where)
    {
        ExpectNothingLost(where);
        var steps = OverlayRepairProgram.Repair(Store);
        Assert.True(steps.TrueForAll(step => step.Outcome == StoreRepairStepOutcome.Done), $"{where}: the next run failed: {string.Join('\n', steps.Select(step => step.Error))}");
        Assert.Empty(OverlayRepairProgram.Repair(Store));
        ExpectNothingLost(where);

        var found = OverlayUnderTest.Look(Store).Where(finding => finding.Severity > StoreFindingSeverity.Information && finding.Kind != OverlayFindingKind.LowerRowInLog);
        Assert.Equal([OverlayFindingKind.DuplicateDiffers], found.Select(finding => finding.Kind));
        _nix.Store(Store, ["--check-validity", .. _valid]);
        Assert.True(_nix.TryStore(Store, "--check-validity", _deleted).ExitCode != 0, $"{where}: {_deleted} is valid, though nothing has its files");
        var verified = _nix.TryStore(Store, "--verify", "--check-contents");
        Assert.True(verified.ExitCode == 0 && !verified.Error.Contains("modified", StringComparison.Ordinal)
            && !verified.Error.Contains("disappeared", StringComparison.Ordinal), $"{where}: Nix is not content: {verified.Error}");
        Assert.False(Directory.Exists(InUpper(Tree)), where);
    }

    public void Dispose()
    {
        _reader.Dispose();
        _lab.Dispose();
        _directory.Dispose();
    }

    private void ExpectNothingLost(string where)
    {
        Assert.True(_lowerBefore.SequenceEqual(TreeStates.Read(Lower.RealDirectory)), $"{where}: the lower store's files were changed");
        Assert.True(_databaseBefore == ReadDatabase(), $"{where}: the lower store's database was changed");
        Assert.True(_goodBefore.SequenceEqual(ReadGood()), $"{where}: lost in the upper layer, of {string.Join(", ", _goodBefore)}");
    }

    private SortedDictionary<string, string> ReadGood()
    {
        var states = TreeStates.Read(_lab.Upper);
        return new(states.Where(state => _good.Any(path => Path.GetFileName(path) == state.Key.Split('/')[0])).ToDictionary(), StringComparer.Ordinal);
    }

    /// <summary>Bit for bit, and its log; the index of the log is memory of whoever reads.</summary>
    private string ReadDatabase() => string.Join(' ', new[] { "", "-wal" }.Select(suffix => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(Lower.DatabasePath + suffix)))));

    private string Add(StoreLocation store, string name) => _nix.Store(store, "--add", _directory[name]).Trim();

    private void Register(string path)
    {
        using var hasher = new NarHasher();
        var hash = hasher.HashTree(FileDescriptor.WorkingDirectory, ByteName.From(InUpper(path)));
        Command.Run("sqlite3", Store.DatabasePath, $"update ValidPaths set hash = '{hash.Hash.ToDatabaseString()}', narSize = {hash.Size} where path = '{path}'");
    }

    private string InUpper(string path) => $"{_lab.Upper}/{Path.GetFileName(path)}";

    private string InMerged(string path) => $"{Store.RealDirectory}/{Path.GetFileName(path)}";
}
