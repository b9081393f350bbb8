namespace NixStore.Engine.Tests.Laboratory;

/// <summary>A directory of a test's own; it goes with everything in it, whatever the modes and names of the files.</summary>
public sealed class TemporaryDirectory : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("nixstore-test-").FullName;

    public string this[string name] => $"{Path}/{name}";

    public void Dispose() => Command.Run("/bin/sh", "-c", "chmod -R u+rwX \"$0\" 2>/dev/null; rm -rf \"$0\"", Path);
}
