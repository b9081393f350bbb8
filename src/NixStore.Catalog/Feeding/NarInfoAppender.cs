using NixStore.Caches.Narinfo;
using NixStore.Catalog.DuckDB;

namespace NixStore.Catalog.Feeding;

/// <summary>Parses narinfos and puts them as rows into a table of a session, what is wrong with them into another. Any thread.</summary>
internal sealed class NarInfoAppender(DuckAppender narInfos, DuckAppender findings, StoreDirectory directory) : INarInfoSink
{
    private readonly Lock _lock = new();

    /// <summary>How many were answered.</summary>
    public long Count => narInfos.Count + findings.Count;

    /// <inheritdoc/>
    public void Add(CatalogObject source, ReadOnlySpan<byte> bytes)
    {
        NarInfo narInfo;
        try
        {
            narInfo = NarInfoReader.Parse(bytes, directory, source.Key);
        }
        catch (NarInfoCorruptException error)
        {
            AddFinding(source, FindingKinds.Corrupt, error.Line > 0 ? $"{error.Reason} at line {error.Line}" : error.Reason);
            return;
        }

        if (narInfo.Path.HashPart != source.HashPart)
        {
            AddFinding(source, FindingKinds.Mismatch, $"It is about '{narInfo.Path}'.");
            return;
        }

        if (narInfo.HasAbsoluteUrl)
        {
            AddFinding(source, FindingKinds.Corrupt, "The URL leads out of the cache.");
            return;
        }

        var system = SystemOf(bytes);
        lock (_lock)
        {
            Append(source, narInfo, system);
        }
    }

    /// <inheritdoc/>
    public void AddFinding(CatalogObject source, string kind, string detail)
    {
        lock (_lock)
        {
            findings.Set(0, source.Key);
            findings.Set(1, kind);
            findings.Set(2, detail);
            findings.Set(3, source.ETag);
            findings.EndRow();
        }
    }

    private void Append(CatalogObject source, NarInfo narInfo, string? system)
    {
        var info = narInfo.Info;
        narInfos.Set(NarInfoColumn.Hash, source.HashPart);
        narInfos.Set(NarInfoColumn.Name, info.Path.Name);
        narInfos.Set(NarInfoColumn.Url, narInfo.Url);
        narInfos.Set(NarInfoColumn.Compression, narInfo.Compression);
        narInfos.Set(NarInfoColumn.FileHash, narInfo.FileHash?.ToString());
        if (narInfo.FileSize is { } size)
        {
            narInfos.Set(NarInfoColumn.FileSize, size);
        }

        narInfos.Set(NarInfoColumn.NarHash, info.NarHash.ToString());
        narInfos.Set(NarInfoColumn.NarSize, info.NarSize);
        narInfos.BeginList(NarInfoColumn.References);
        foreach (var reference in info.References)
        {
            narInfos.Add(NarInfoColumn.References, reference.HashPart);
        }

        narInfos.Set(NarInfoColumn.Deriver, info.Deriver?.BaseName);
        narInfos.Set(NarInfoColumn.System, system);
        narInfos.Set(NarInfoColumn.ContentAddress, info.ContentAddress?.ToString());
        narInfos.BeginList(NarInfoColumn.Signatures);
        foreach (var signature in info.Signatures)
        {
            narInfos.Add(NarInfoColumn.Signatures, signature.ToString());
        }

        narInfos.SetMilliseconds(NarInfoColumn.LastModified, source.LastModified);
        narInfos.Set(NarInfoColumn.ETag, source.ETag);
        narInfos.EndRow();
    }

    /// <summary>The line that Hydra's narinfos have and Nix itself knows nothing of.</summary>
    private static string? SystemOf(ReadOnlySpan<byte> bytes)
    {
        var start = bytes.IndexOf("\nSystem: "u8);
        if (start < 0)
        {
            return null;
        }

        var value = bytes[(start + "\nSystem: ".Length)..];
        var end = value.IndexOfAny((byte)'\n', (byte)'\r');
        var system = end < 0 ? value : value[..end];
        return system.Length is > 0 and <= 64 && System.Text.Ascii.IsValid(system) ? System.Text.Encoding.ASCII.GetString(system) : null;
    }
}
