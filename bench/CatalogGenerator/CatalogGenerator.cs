using System.Buffers.Binary;
using System.Text;
using NixStore.Catalog.DuckDB;
using NixStore.Catalog.Feeding;
using NixStore.Catalog.Storage;

namespace NixStore.Bench.Catalogs;

/// <summary>Writes the catalog of a cache that never was: parts in the order of the hashes, as a first fetch by an inventory would make them.</summary>
public sealed class CatalogGenerator(SyntheticCache cache)
{
    private readonly byte[] _text = new byte[160];
    private readonly byte[] _hash = new byte[32];

    /// <summary>What is in the catalog, counted while it was made.</summary>
    public GeneratorAnswers Answers { get; } = new();

    /// <summary>Writes it.</summary>
    /// <param name="directory">Its folder; nothing may be there.</param>
    public void Write(string directory)
    {
        using var writer = CatalogWriter.Open(directory, new CatalogManifest { Cache = "https://cache.invalid" });
        var order = InHashOrder();
        for (var start = 0; start < order.Length; start += cache.Options.PartSize)
        {
            WritePart(writer, order.AsSpan(start, Math.Min(cache.Options.PartSize, order.Length - start)));
            Console.Error.Write($"\r{Math.Min(start + cache.Options.PartSize, order.Length):N0} narinfos");
        }

        Console.Error.WriteLine();
        SharedNars.Refresh(writer, CancellationToken.None);
        if (cache.Options.Objects || cache.Options.Inventory is not null)
        {
            WriteObjects(writer);
        }

        if (cache.Options.Inventory is { } inventory)
        {
            InventoryWriter.Write(writer, inventory);
        }
    }

    private int[] InHashOrder()
    {
        // By the first characters of the text: its last bytes.
        var keys = new ulong[cache.Options.Count];
        var order = new int[keys.Length];
        Span<byte> hash = stackalloc byte[20];
        for (var i = 0; i < keys.Length; i++)
        {
            cache.Hash(i, hash);
            keys[i] = BinaryPrimitives.ReadUInt64LittleEndian(hash[12..]);
            order[i] = i;
        }

        Array.Sort(keys, order);
        return order;
    }

    private void WritePart(CatalogWriter writer, ReadOnlySpan<int> paths)
    {
        writer.Session.Execute("CREATE OR REPLACE TEMP TABLE part AS FROM form.narinfos");
        using (var rows = new DuckAppender(writer.Session, "part"))
        {
            Span<long> references = stackalloc long[SyntheticCache.MaximumReferences];
            foreach (var path in paths)
            {
                Append(rows, path, references[..cache.References(path, references)]);
            }

            rows.Close();
        }

        var step = writer.BeginStep();
        step.Write(CatalogTable.NarInfos, "SELECT * FROM part ORDER BY hash");
        step.Commit();
        writer.Session.Execute("DROP TABLE part");
    }

    private void Append(DuckAppender rows, long i, ReadOnlySpan<long> references)
    {
        var name = cache.Name(i);
        var compression = cache.Compression(i);
        var (fileSize, narSize) = (cache.FileSize(i), cache.NarSize(i));
        rows.Set(NarInfoColumn.Hash, HashText(i));
        rows.Set(NarInfoColumn.Name, name);
        cache.FileHash(i, _hash);
        var digest = Encode(_hash, "nar/"u8, compression switch { "xz" => ".nar.xz"u8, "bzip2" => ".nar.bz2"u8, _ => ".nar.zst"u8 });
        rows.Set(NarInfoColumn.Url, digest);
        rows.Set(NarInfoColumn.Compression, compression);
        rows.Set(NarInfoColumn.FileHash, Encode(_hash, "sha256:"u8, []));
        rows.Set(NarInfoColumn.FileSize, fileSize);
        _hash[0] ^= 1;
        rows.Set(NarInfoColumn.NarHash, Encode(_hash, "sha256:"u8, []));
        rows.Set(NarInfoColumn.NarSize, narSize);
        rows.BeginList(NarInfoColumn.References);
        foreach (var reference in references)
        {
            rows.Add(NarInfoColumn.References, HashText(reference));
        }

        var isFixed = cache.IsFixedOutput(i);
        rows.Set(NarInfoColumn.Deriver, $"{Encoding.ASCII.GetString(HashText(~i))}-{name}.drv");
        rows.Set(NarInfoColumn.System, cache.System(i));
        rows.Set(NarInfoColumn.ContentAddress, isFixed ? "fixed:r:" + Encoding.ASCII.GetString(Encode(_hash, "sha256:"u8, [])) : null);
        rows.BeginList(NarInfoColumn.Signatures);
        if (cache.Options.Signatures)
        {
            Span<byte> signature = stackalloc byte[64];
            for (var part = 0; part < 8; part++)
            {
                BinaryPrimitives.WriteUInt64LittleEndian(signature[(8 * part)..], cache.Random(i, 60 + part));
            }

            rows.Add(NarInfoColumn.Signatures, "cache.invalid-1:" + Convert.ToBase64String(signature));
        }

        rows.Set(NarInfoColumn.LastModified, cache.Time(i));
        rows.Set(NarInfoColumn.ETag, $"{cache.Random(i, 70):x16}{cache.Random(i, 71):x16}");
        rows.EndRow();

        Answers.Paths++;
        Answers.References += references.Length;
        Answers.NarSize += narSize;
        if (cache.NarOf(i) == i)
        {
            Answers.Nars++;
            Answers.FileSize += fileSize;
        }

        if (cache.IsImage(i))
        {
            Answers.Images++;
            Answers.ImageSize += fileSize;
        }

        Answers.FixedOutputs += isFixed ? 1 : 0;
    }

    private ReadOnlySpan<byte> HashText(long i)
    {
        Span<byte> hash = stackalloc byte[20];
        cache.Hash(i, hash);
        Nix32.Encode(hash, _text.AsSpan(0, 32));
        return _text.AsSpan(0, 32);
    }

    private ReadOnlySpan<byte> Encode(ReadOnlySpan<byte> hash, ReadOnlySpan<byte> before, ReadOnlySpan<byte> after)
    {
        var text = _text.AsSpan(32);
        before.CopyTo(text);
        Nix32.Encode(hash, text.Slice(before.Length, 52));
        after.CopyTo(text[(before.Length + 52)..]);
        return text[..(before.Length + 52 + after.Length)];
    }

    private static void WriteObjects(CatalogWriter writer)
    {
        var step = writer.BeginStep();
        foreach (var part in writer.ToCatalog().PathsOf(CatalogTable.NarInfos))
        {
            step.Write(CatalogTable.Objects, ObjectsSql(part, "hash || '.narinfo'", "700 + length(\"references\") * 60", "e_tag"));
        }

        foreach (var part in writer.ToCatalog().PathsOf(CatalogTable.NarInfos))
        {
            step.Write(CatalogTable.Objects, ObjectsSql(part, "url", "file_size", "md5(url)", "WHERE hash NOT IN (SELECT hash FROM shared)"));
        }

        step.Update(manifest => manifest.With(new CatalogImport { Source = "generated", Kind = CatalogImportKind.Listing, IsComplete = true }));
        step.Commit();
    }

    private static string ObjectsSql(string part, string key, string size, string tag, string condition = "") => $"""
        SELECT * FROM (FROM form.objects UNION ALL BY NAME
            SELECT {key} AS key, ({size})::BIGINT AS size, last_modified_at::TIMESTAMP_MS AS last_modified_date, {tag} AS e_tag,
                   CASE WHEN {size} < 131072 OR last_modified_at >= TIMESTAMP '2025-01-01' THEN 'STANDARD' ELSE 'STANDARD_IA' END AS storage_class
            FROM read_parquet({DuckSession.Quote(part)}) {condition})
        ORDER BY key
        """;
}
