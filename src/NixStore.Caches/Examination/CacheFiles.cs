using NixStore.Caches.BinaryCaches;

namespace NixStore.Caches.Examination;

/// <summary>The files of a cache, sorted by what their names say they are (STORE-SPEC §8).</summary>
internal sealed class CacheFiles
{
    /// <summary>Hash parts of the narinfos.</summary>
    public HashSet<string> NarInfos { get; } = new(StringComparer.Ordinal);

    /// <summary>What is in <c>nar/</c>, by name.</summary>
    public Dictionary<string, BinaryCacheFile> Nars { get; } = new(StringComparer.Ordinal);

    /// <summary><c>&lt;hash part&gt;.ls</c></summary>
    public List<BinaryCacheFile> Listings { get; } = [];

    /// <summary><c>log/&lt;derivation&gt;</c>, perhaps with the suffix of a compression.</summary>
    public List<BinaryCacheFile> Logs { get; } = [];

    /// <summary><c>debuginfo/&lt;build-id&gt;</c></summary>
    public List<BinaryCacheFile> DebugInfos { get; } = [];

    /// <summary><c>realisations/&lt;id&gt;.doi</c>, of Nix before 2.35.</summary>
    public List<BinaryCacheFile> Realisations { get; } = [];

    /// <summary><c>build-trace-v2/&lt;derivation&gt;/&lt;output&gt;.doi</c></summary>
    public List<BinaryCacheFile> BuildTraces { get; } = [];

    /// <summary><c>&lt;file&gt;.tmp.&lt;pid&gt;.&lt;counter&gt;</c>, which Nix renames when it is whole.</summary>
    public List<BinaryCacheFile> TemporaryFiles { get; } = [];

    /// <summary>All others.</summary>
    public List<BinaryCacheFile> Unknown { get; } = [];

    /// <summary>Lists a cache.</summary>
    public static CacheFiles Of(BinaryCache cache, BinaryCacheExaminationProgress progress, CancellationToken cancellation)
    {
        var files = new CacheFiles();
        foreach (var file in cache.List(cancellation: cancellation))
        {
            files.Add(file);
            progress.AddFile();
        }

        return files;
    }

    private void Add(BinaryCacheFile file)
    {
        var name = file.Name;
        if (TemporaryFile.IsNameOfOne(name))
        {
            TemporaryFiles.Add(file);
        }
        else if (BinaryCachePaths.TryParseName(name) is { } hashPart)
        {
            NarInfos.Add(hashPart);
        }
        else if (name.IndexOf('/') is var slash and > 0)
        {
            switch (name[..slash])
            {
                case "nar":
                    Nars[name] = file;
                    break;
                case "log":
                    Logs.Add(file);
                    break;
                case "debuginfo":
                    DebugInfos.Add(file);
                    break;
                case "realisations":
                    Realisations.Add(file);
                    break;
                case "build-trace-v2":
                    BuildTraces.Add(file);
                    break;
                default:
                    Unknown.Add(file);
                    break;
            }
        }
        else if (name.Length == StorePath.HashPartLength + 3 && name.EndsWith(".ls", StringComparison.Ordinal))
        {
            Listings.Add(file);
        }
        else if (name != NixCacheInfo.FileName)
        {
            Unknown.Add(file);
        }
    }
}
