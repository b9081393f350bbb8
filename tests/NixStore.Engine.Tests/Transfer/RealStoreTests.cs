using System.Collections.Concurrent;
using NixStore.Engine.Database;
using NixStore.Engine.Signatures;
using NixStore.Engine.Sources;
using NixStore.Engine.Stores;
using NixStore.Engine.Tests.Laboratory;
using NixStore.Engine.Transfer;

namespace NixStore.Engine.Tests.Transfer;

/// <summary>Copies of stores that real Nix made, judged by real Nix.</summary>
public sealed class RealStoreTests : IDisposable
{
    private readonly TransferStore _store = new();

    public void Dispose() => _store.Dispose();

    [SkippableTheory]
    [MemberData(nameof(RealNix.Versions), MemberType = typeof(RealNix))]
    public void A_copy_of_a_whole_store_is_what_every_Nix_accepts(string version)
    {
        var nix = RealNix.Require(version);
        using var lab = LabStore.Signed();

        var failed = Copy(lab.Location, Trusted());

        Assert.Empty(failed);
        using var theirs = StoreDatabase.OpenForReading(lab.Location);
        using var ours = StoreDatabase.OpenForReading(_store.Location);
        Assert.Equal(theirs.CountPaths(), ours.CountPaths());
        foreach (var row in ours.ReadPaths().ToList())
        {
            Assert.Equal(Describe(theirs, row.Path), Describe(ours, row.Path));
        }

        nix.Verify(_store.Location);
    }

    [SkippableTheory]
    [InlineData(1)]
    [InlineData(2)]
    public void What_is_imported_while_a_collector_works_is_not_collected(int point)
    {
        var nix = RealNix.Require();
        _store.Work.File("in/before", "b");
        _store.Work.File("in/while", "w");
        var garbage = _store.Add(new FileImport(_store.In("before"))).Path;
        using var importer = PathImporter.Open(_store.Location, default);
        using var collector = new PausedCollector(nix, _store.Location, point, _store.Work.Path);

        // At point 1 the collector has no socket yet, so that the import must wait for it: it can go on only beside us.
        var importing = Task.Run(() => importer.Add(new FileImport(_store.In("while")), default));
        if (point == 2)
        {
            _ = importing.Wait(TimeSpan.FromMinutes(2));
            Assert.True(importing.IsCompletedSuccessfully);
        }

        collector.Finish();

        var added = importing.GetAwaiter().GetResult().Path;
        Assert.True(_store.IsIntact(added));
        Assert.Null(_store.Row(garbage));
    }

    [SkippableFact]
    public void Derivations_bring_their_outputs_and_nobody_elses()
    {
        using var lab = LabStore.Signed();
        using var source = LocalStoreSource.Open(lab.Location);
        using var database = StoreDatabase.OpenForReading(lab.Location);
        var row = database.ReadPaths().First(row => row.Path.EndsWith(".drv", StringComparison.Ordinal) && database.FindOutputs(row.Path).Count > 0);
        var path = _store.Directory.Parse(row.Path);
        Copy(lab.Location, ImportTrust.Everything, path);

        using var ours = StoreDatabase.OpenForReading(_store.Location);
        Assert.Equal(database.FindOutputs(row.Path), ours.FindOutputs(row.Path));

        // The same derivation, but with the outputs of another one.
        var text = File.ReadAllText(lab.Location.RealPathOf(path));
        var output = database.FindOutputs(row.Path).Values.First();
        var forged = text.Replace(output[11..43], new string('0', 32), StringComparison.Ordinal);
        Assert.Equal("DerivationOutputMismatch", ImportDerivation(forged, row.References));
        Assert.Equal("InvalidDerivation", ImportDerivation(text[..^10], row.References));
    }

    [SkippableFact]
    public void A_damaged_path_is_not_copied_nor_exported_nor_signed()
    {
        using var lab = LabStore.Signed();
        var path = _store.Directory.Parse(lab.PathOf("plain3.txt"));
        var file = lab.Location.RealPathOf(path);
        File.WriteAllText(file, "damaged");

        Assert.Equal("NarHashMismatch", Copy(lab.Location, ImportTrust.Everything, path)[path]);

        using var source = LocalStoreSource.Open(lab.Location);
        var found = source.Find(path, default)!;
        var nar = $"{_store.Work.Path}/x.nar";
        Assert.Equal("ContentsModified",
            Assert.Throws<NixStoreException>(() => new NarExporter(source).Write(found, nar, overwrite: false, default)).ErrorId);
        Assert.Empty(Directory.GetFiles(_store.Work.Path));

        using var key = NixSecretKey.Generate("k-1");
        using var signer = PathSigner.Open(lab.Location, default);
        Assert.Equal("ContentsModified", Assert.Throws<NixStoreException>(() => signer.Sign(path, [key], skipContentsCheck: false, default)).ErrorId);
        Assert.Equal(1, signer.Sign(path, [key], skipContentsCheck: true, default));
        Assert.Equal(0, signer.Sign(path, [key], skipContentsCheck: false, default));
    }

    private static ImportTrust Trusted()
        => new(TrustedKeys.Parse([File.ReadAllText($"{RealNix.LabDirectory}/keys/lab-1.pub").Trim()]));

    private ConcurrentDictionary<StorePath, string> Copy(StoreLocation from, ImportTrust trust, params StorePath[] paths)
    {
        using var source = LocalStoreSource.Open(from);
        using var database = StoreDatabase.OpenForReading(from);
        var wanted = paths.Length > 0 ? paths : [.. database.ReadPaths().Select(row => from.Directory.Parse(row.Path))];
        var failed = new ConcurrentDictionary<StorePath, string>();
        _store.Import(importer =>
        {
            new SourceImporter(importer, source, trust, 4).Import(wanted, true, _ => { }, (path, error) => failed[path] = error.ErrorId, default);
            return true;
        });
        return failed;
    }

    private string ImportDerivation(string text, IReadOnlyList<string> references)
    {
        var bytes = System.Text.Encoding.UTF8.GetBytes(text);
        var nar = Support.NarText.Archive(Support.NarText.File(text));
        var parsed = references.Select(_store.Directory.Parse).ToList();
        var address = new ContentAddress(ContentAddressMethod.Text, new NixHash(NixHashAlgorithm.Sha256, System.Security.Cryptography.SHA256.HashData(bytes)));
        var info = new ValidPathInfo
        {
            Path = new StorePathFactory(_store.Directory).FromContentAddress(address, "forged.drv", parsed, false),
            NarHash = new NixHash(NixHashAlgorithm.Sha256, System.Security.Cryptography.SHA256.HashData(nar)),
            NarSize = nar.Length,
            References = parsed,
            ContentAddress = address,
        };
        var error = Assert.ThrowsAny<NixStoreException>(() => _store.Import(
            importer => importer.Add(info, () => new MemoryStream(nar), new ImportTrust(TrustedKeys.None), "test", null, default)));
        Assert.Null(_store.Row(info.Path));
        return error.ErrorId;
    }

    private static string Describe(StoreDatabase database, string path)
    {
        var row = database.Find(path)!;
        return string.Join('|', row.Path, row.Hash, row.NarSize, row.Deriver, row.Signatures, row.ContentAddress,
            string.Join(' ', row.References), string.Join(' ', database.FindOutputs(path)));
    }
}
