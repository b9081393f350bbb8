using System.Globalization;
using NixStore.Catalog.Storage;

namespace NixStore.Catalog.Hydra;

/// <summary>Dumps of <c>buildstepoutputs</c>, a file a step.</summary>
internal sealed class HydraDumpSource : IHydraSource
{
    private readonly IReadOnlyList<string> _files;
    private readonly List<CatalogImportFile> _identities;

    /// <exception cref="NixStoreException">HydraDumpNotFound</exception>
    internal HydraDumpSource(IReadOnlyList<string> files)
    {
        _files = files;
        _identities = [.. files.Select(Identify)];
        Name = string.Join(' ', files);
    }

    private string Name { get; }

    /// <inheritdoc/>
    public bool IsContinuation(HydraProgress progress)
        => progress.Source == Name && progress.Files.Zip(_identities, IsSame).All(same => same);

    /// <inheritdoc/>
    public HydraProgress? Begin(HydraProgress? known, CancellationToken cancellation)
        => known is { IsComplete: true } && IsContinuation(known) && known.Files.Count == _files.Count ? null : new HydraProgress { Source = Name };

    /// <inheritdoc/>
    public HydraPiece? Next(HydraProgress progress, CancellationToken cancellation)
    {
        var place = progress.Files.Count;
        if (place == _files.Count)
        {
            return null;
        }

        var dump = HydraDump.Open(_files[place], cancellation);
        return new HydraPiece((before, rows) => before with { Files = [.. before.Files, _identities[place] with { Rows = rows }] }) { Select = dump.Select, Explain = dump.Explain };
    }

    /// <inheritdoc/>
    public HydraProgress Complete(HydraProgress progress) => progress;

    private static bool IsSame(CatalogImportFile one, CatalogImportFile other) => one.Key == other.Key && one.Digest == other.Digest;

    private static CatalogImportFile Identify(string path)
    {
        var file = new FileInfo(path);
        return file.Exists ? new CatalogImportFile(path, string.Create(CultureInfo.InvariantCulture, $"{file.Length}-{file.LastWriteTimeUtc.Ticks}"), 0)
            : throw new NixStoreException("HydraDumpNotFound", StoreErrorKind.NotFound, $"There is no file '{path}'.", path,
                "Make a dump by: psql hydra -c \"\\copy buildstepoutputs to stdout csv header\" | zstd > buildstepoutputs.csv.zst");
    }
}
