using NixStore.Engine.Archive;
using NixStore.Engine.Database;
using NixStore.Engine.Native;
using NixStore.Engine.Stores;
using NixStore.Engine.Tests.Support;
using NixStore.Engine.Transfer;

namespace NixStore.Engine.Tests.Transfer;

/// <summary>A store that does not exist before the first import, with a place beside it for files to import.</summary>
internal sealed class TransferStore : IDisposable
{
    public TransferStore()
    {
        Work.Folder("in");
        Location = StoreLocator.Locate($"{Work.Path}/root");
    }

    public WorkDirectory Work { get; } = new();

    public StoreLocation Location { get; }

    public StoreDirectory Directory => Location.Directory;

    /// <summary>A file to import.</summary>
    public string In(string name) => $"{Work.Path}/in/{name}";

    /// <summary>Imports by one importer.</summary>
    public T Import<T>(Func<PathImporter, T> import)
    {
        using var importer = PathImporter.Open(Location, default);
        return import(importer);
    }

    public ImportedPath Add(FileImport file) => Import(importer => importer.Add(file, default));

    /// <summary>What is in the store directory, but for the links.</summary>
    public IReadOnlyList<string> Entries()
        => [.. System.IO.Directory.EnumerateFileSystemEntries(Location.RealDirectory).Select(Path.GetFileName).Where(name => name != ".links").Order()!];

    public PathRow? Row(StorePath path)
    {
        using var database = StoreDatabase.OpenForReading(Location);
        return database.Find(Directory.Print(path));
    }

    /// <summary>True when the files are there as they are registered, with canonical metadata.</summary>
    public bool IsIntact(StorePath path)
    {
        using var verifier = new Engine.Verification.PathVerifier(Location, new Engine.Diagnosis.LinksIndex(Location));
        var verified = verifier.Verify(Row(path)!, default);
        return verified.HasRegisteredContents && verified.Info.Problems.Count == 0;
    }

    public byte[] Nar(string file)
    {
        using var parent = Posix.Open(Path.GetDirectoryName(file)!, OpenFlags.ReadOnly | OpenFlags.Directory);
        using var stream = new NarDumpStream(parent, ByteName.From(Path.GetFileName(file)), default);
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return bytes.ToArray();
    }

    public void Dispose() => Work.Dispose();
}
