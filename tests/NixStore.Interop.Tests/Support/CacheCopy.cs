namespace NixStore.Interop.Tests.Support;

/// <summary>A copy of a cache for a test to damage.</summary>
internal sealed class CacheCopy : IDisposable
{
    internal CacheCopy(SignedCache original) => Cache = SignedCache.CopyOf(original);

    internal SignedCache Cache { get; }

    /// <summary>The file that has a path's archive.</summary>
    internal string NarFileOf(string path)
    {
        var narInfo = File.ReadAllLines($"{Cache.Directory}/{Path.GetFileName(path)[..32]}.narinfo");
        return $"{Cache.Directory}/{narInfo.Single(line => line.StartsWith("URL: ", StringComparison.Ordinal))[5..]}";
    }

    public void Dispose() => Cache.Dispose();
}
