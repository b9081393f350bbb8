using System.Text;
using NixStore.Caches.Narinfo;
using NixStore.Catalog.DuckDB;

namespace NixStore.Catalog.Feeding;

/// <summary>Parses narinfos and puts them as rows into a table of a session, what is wrong with them into another. Any thread.</summary>
internal sealed class NarInfoAppender(DuckAppender narInfos, DuckAppender findings, StoreDirectory directory) : INarInfoSink
{
    private readonly Lock _lock = new();
    private readonly byte[] _storePrefix = Encoding.UTF8.GetBytes(directory.Path + "/");

    /// <summary>How many were answered.</summary>
    public long Count => narInfos.Count + findings.Count + Skipped;

    /// <summary>How many could not be had this time.</summary>
    public long Skipped { get; private set; }

    /// <summary>Why the first of these could not be had.</summary>
    public NixStoreException? Error { get; private set; }

    /// <inheritdoc/>
    public void Add(CatalogObject source, ReadOnlySpan<byte> bytes)
    {
        if (NarInfoView.TryRead(bytes, _storePrefix, out var view) && Ascii.Equals(view.Hash, source.HashPart))
        {
            lock (_lock)
            {
                Append(source, view, bytes);
            }

            return;
        }

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

    /// <inheritdoc/>
    public void Skip(CatalogObject source, NixStoreException error)
    {
        lock (_lock)
        {
            Skipped++;
            Error ??= error;
        }
    }

    private void Append(CatalogObject source, in NarInfoView view, ReadOnlySpan<byte> bytes)
    {
        narInfos.Set(NarInfoColumn.Hash, view.Hash);
        narInfos.Set(NarInfoColumn.Name, view.Name);
        narInfos.Set(NarInfoColumn.Url, view.Url);
        narInfos.Set(NarInfoColumn.Compression, view.Compression);
        SetUnlessEmpty(NarInfoColumn.FileHash, view.FileHash);
        if (view.FileSize is { } size)
        {
            narInfos.Set(NarInfoColumn.FileSize, size);
        }

        narInfos.Set(NarInfoColumn.NarHash, view.NarHash);
        narInfos.Set(NarInfoColumn.NarSize, view.NarSize);
        narInfos.BeginList(NarInfoColumn.References);
        for (var rest = view.References; !rest.IsEmpty;)
        {
            narInfos.Add(NarInfoColumn.References, rest[..StorePath.HashPartLength]);
            var end = rest.IndexOf((byte)' ');
            rest = end < 0 ? default : rest[(end + 1)..];
        }

        SetUnlessEmpty(NarInfoColumn.Deriver, view.Deriver);
        SetUnlessEmpty(NarInfoColumn.System, view.System);
        SetUnlessEmpty(NarInfoColumn.ContentAddress, view.ContentAddress);
        narInfos.BeginList(NarInfoColumn.Signatures);
        for (var i = 0; i < view.SignatureCount; i++)
        {
            narInfos.Add(NarInfoColumn.Signatures, view.Signature(bytes, i));
        }

        End(source);
    }

    private void SetUnlessEmpty(int column, ReadOnlySpan<byte> text)
    {
        if (!text.IsEmpty)
        {
            narInfos.Set(column, text);
        }
    }

    private void End(CatalogObject source)
    {
        narInfos.SetMilliseconds(NarInfoColumn.LastModified, source.LastModified);
        narInfos.Set(NarInfoColumn.ETag, source.ETag);
        narInfos.EndRow();
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

        End(source);
    }

    /// <summary>The line that Hydra's narinfos have and Nix itself knows nothing of.</summary>
    internal static string? SystemOf(ReadOnlySpan<byte> bytes)
    {
        var start = bytes.IndexOf("\nSystem: "u8);
        if (start < 0)
        {
            return null;
        }

        var value = bytes[(start + "\nSystem: ".Length)..];
        var end = value.IndexOfAny((byte)'\n', (byte)'\r');
        var system = end < 0 ? value : value[..end];
        return system.Length is > 0 and <= 64 && Ascii.IsValid(system) ? Encoding.ASCII.GetString(system) : null;
    }
}
