namespace NixStore.Catalog.Tests.Support;

internal sealed class TemporaryDirectory : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("nixstore-test-").FullName;

    public static string operator /(TemporaryDirectory directory, string name) => System.IO.Path.Combine(directory.Path, name);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
