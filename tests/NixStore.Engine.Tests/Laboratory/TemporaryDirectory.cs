namespace NixStore.Engine.Tests.Laboratory;

/// <summary>A directory of a test's own; it goes with everything in it, whatever the modes and names of the files.</summary>
/// <param name="below">Where it is made; below TMPDIR when null.</param>
public sealed class TemporaryDirectory(string? below = null) : IDisposable
{
    public string Path { get; } = below is null ? Directory.CreateTempSubdirectory("nixstore-test-").FullName
        : Directory.CreateDirectory($"{below}/nixstore-test-{Guid.NewGuid():n}").FullName;

    public string this[string name] => $"{Path}/{name}";

    public void Dispose() => Command.Run("/bin/sh", "-c", "chmod -R u+rwX \"$0\" 2>/dev/null; rm -rf \"$0\"", Path);
}
