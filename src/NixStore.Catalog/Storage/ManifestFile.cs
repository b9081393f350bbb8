using System.Text.Json;
using System.Text.Json.Serialization;
using NixStore.Engine.Native;

namespace NixStore.Catalog.Storage;

/// <summary>Reads and replaces <c>catalog.json</c>.</summary>
internal static class ManifestFile
{
    private const int MaximumSize = 1 << 30;

    /// <summary>How a manifest is written.</summary>
    internal static JsonSerializerOptions Options { get; } = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
        WriteIndented = true,
        NewLine = "\n",
    };

    /// <summary>The manifest of a folder; null when it has none.</summary>
    /// <exception cref="NixStoreException">CatalogCorrupt, CatalogTooNew; errors of reading.</exception>
    internal static CatalogManifest? TryRead(string directory)
    {
        var path = Path.Combine(directory, CatalogManifest.FileName);
        using var file = Posix.TryOpenAt(FileDescriptor.WorkingDirectory, ByteName.From(path), OpenFlags.ReadOnly, 0, out var error);
        if (file is null)
        {
            return error is Errno.NoEntry or Errno.NotDirectory ? null : throw new StoreIOException("open", path, error);
        }

        CatalogManifest manifest;
        try
        {
            manifest = JsonSerializer.Deserialize<CatalogManifest>(Posix.ReadAll(file, MaximumSize), Options) ?? throw new JsonException("it is empty");
        }
        catch (JsonException inner)
        {
            throw new NixStoreException("CatalogCorrupt", StoreErrorKind.InvalidData, $"'{path}' is damaged: {inner.Message}", path,
                "Make the catalog anew in another folder, or restore the file from a backup.", inner);
        }

        return manifest.Format <= CatalogManifest.CurrentFormat ? manifest : throw new NixStoreException("CatalogTooNew", StoreErrorKind.NotSupported,
            $"The catalog '{directory}' is of format {manifest.Format}; this version knows formats up to {CatalogManifest.CurrentFormat}.", directory,
            "Use the version of NixStore that made it, or a newer one.");
    }

    /// <summary>CatalogUnfinished: a copy that is not complete is no catalog.</summary>
    internal static NixStoreException Unfinished(string location, string source) => new("CatalogUnfinished", StoreErrorKind.InvalidData,
        $"'{location}' is an unfinished copy of '{source[..Math.Max(0, source.LastIndexOf(' '))]}'.", location, "Run Copy-BinaryCacheCatalog again: what is copied already is not copied again.");

    /// <summary>Replaces the manifest; durable when this returns.</summary>
    /// <exception cref="StoreIOException"/>
    internal static void Write(FileDescriptor directory, CatalogManifest manifest)
    {
        var temporary = ByteName.From(CatalogManifest.FileName + ".new");
        using (var file = Posix.OpenAt(directory, temporary, OpenFlags.WriteOnly | OpenFlags.Create | OpenFlags.Truncate, 0b110_100_100))
        {
            Posix.WriteAll(file, JsonSerializer.SerializeToUtf8Bytes(manifest, Options));
            Posix.WriteAll(file, "\n"u8);
            Posix.Fsync(file);
        }

        Posix.RenameAt(directory, temporary, directory, ByteName.From(CatalogManifest.FileName));
        Posix.Fsync(directory);
    }
}
