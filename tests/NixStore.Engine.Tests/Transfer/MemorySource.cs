using System.Collections.Concurrent;
using System.Security.Cryptography;
using NixStore.Engine.Signatures;
using NixStore.Engine.Sources;
using NixStore.Engine.Tests.Support;

namespace NixStore.Engine.Tests.Transfer;

/// <summary>A source with whatever a test wants it to say. Paths are single files; hash parts are made of the names.</summary>
internal sealed class MemorySource : IContentSource
{
    private readonly ConcurrentDictionary<StorePath, (ValidPathInfo Info, byte[] Nar)> _paths = [];

    public string Name => "memory";

    /// <summary>Called before a NAR is given.</summary>
    public Action<StorePath>? OnOpen { get; set; }

    /// <summary>How often a NAR was given.</summary>
    public int Opened => _opened;

    private int _opened;

    public static StorePath PathOf(string name)
        => StorePath.FromParts(Nix32.Encode(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(name)).AsSpan(0, 20)), name);

    public StorePath Add(string name, params StorePath[] references) => Add(name, null, references);

    public StorePath Add(string name, NixSecretKey? key, params StorePath[] references)
    {
        var nar = NarText.Archive(NarText.File($"I am {name}"));
        var info = new ValidPathInfo
        {
            Path = PathOf(name),
            NarHash = new NixHash(NixHashAlgorithm.Sha256, SHA256.HashData(nar)),
            NarSize = nar.Length,
            References = [.. references.Order()],
            Ultimate = true,
        };
        Set(key is null ? info : info with { Signatures = [key.Sign(info, StoreDirectory.Default)] }, nar);
        return info.Path;
    }

    public void Set(ValidPathInfo info, byte[] nar) => _paths[info.Path] = (info, nar);

    public void Change(StorePath path, Func<ValidPathInfo, ValidPathInfo> change) => _paths[path] = (change(_paths[path].Info), _paths[path].Nar);

    public ValidPathInfo Info(StorePath path) => _paths[path].Info;

    public SourcePath? Find(StorePath path, CancellationToken cancellation)
        => _paths.TryGetValue(path, out var found) ? new SourcePath(found.Info, path.BaseName, found.Nar.Length) : null;

    public Stream OpenNar(SourcePath path, CancellationToken cancellation)
    {
        OnOpen?.Invoke(path.Info.Path);
        Interlocked.Increment(ref _opened);
        return new MemoryStream(_paths[path.Info.Path].Nar, writable: false);
    }

    public void Dispose()
    {
    }
}
