namespace NixStore.Engine.Tests.Signatures;

internal sealed class TemporaryDirectory : IDisposable
{
    private readonly string _path = Directory.CreateTempSubdirectory("nixstore-test-").FullName;

    public static string operator /(TemporaryDirectory directory, string name) => Path.Combine(directory._path, name);

    public void Dispose() => Directory.Delete(_path, recursive: true);
}
