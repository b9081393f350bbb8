using NixStore.Catalog.DuckDB;

namespace NixStore.Catalog.Datasets;

/// <summary>
/// How the columns of a published narinfo dataset become those of the table: in the form with store_path, in that with hash and pname, and in those
/// between them, hashes as text or as bytes.
/// </summary>
internal sealed class DatasetColumns
{
    private const string Sri = "'sha256:' || ";

    private readonly Dictionary<string, string> _types = new(StringComparer.Ordinal);
    private readonly string _storeDirectory;

    /// <summary>Looks at the columns of a file.</summary>
    /// <exception cref="NixStoreException">DatasetNotRecognised; <see cref="DuckException"/></exception>
    internal DatasetColumns(DuckSession session, string path, string storeDirectory)
    {
        _storeDirectory = storeDirectory;
        using (var rows = session.Query($"SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM {DuckFiles.Parquet(path)})"))
        {
            while (rows.Read())
            {
                _types[rows.GetText(0)] = rows.GetText(1);
            }
        }

        if (!(Has("store_path") || (Has("hash") && Has("pname"))) || !Has("nar_hash") || !Has("nar_size") || !(Has("url") || Has("file_hash")))
        {
            throw new NixStoreException("DatasetNotRecognised", StoreErrorKind.InvalidData, $"'{path}' is no dataset of narinfos: it has the columns {string.Join(", ", _types.Keys)}.",
                path, "It needs store_path, or hash and pname; nar_hash and nar_size; url or file_hash.");
        }
    }

    /// <summary>The expressions, in the order of the table's columns.</summary>
    internal string Select => $"""
        {Hash} AS hash, {Name} AS pname, {Url} AS url, {Compression} AS compression, {FileHash} AS file_hash, {Number("file_size")} AS file_size,
        {NarHash} AS nar_hash, {Number("nar_size")} AS nar_size, {References} AS "references", {Deriver} AS deriver, {Text("system")} AS system,
        {ContentAddress} AS ca, {Signatures} AS signatures, {LastModified} AS last_modified_at, {Text("e_tag")} AS e_tag
        """;

    private string BaseName => $"CASE WHEN starts_with(store_path, {DuckSession.Quote(_storeDirectory + "/")}) THEN substr(store_path, {_storeDirectory.Length + 2}) ELSE store_path END";

    private string Hash => Has("hash") ? Hashed("hash") : $"left({BaseName}, 32)";

    private string Name => Has("pname") ? "pname" : $"CASE WHEN substr({BaseName}, 33, 1) = '-' THEN substr({BaseName}, 34) END";

    private string Compression => Has("compression") ? "CASE WHEN compression IS NULL OR compression = '' THEN 'bzip2' ELSE compression END" : "NULL::VARCHAR";

    // The form without URLs has only those that the hash gives: each file of Hydra is named by it.
    private string Url => Has("url") ? "url" : $"""
        'nar/' || {FileDigest} || '.nar' || CASE compression WHEN 'none' THEN '' WHEN '' THEN '' WHEN 'bzip2' THEN '.bz2' WHEN 'zstd' THEN '.zst' ELSE '.' || compression END
        """;

    private string FileDigest => IsBlob("file_hash") ? "nix32(file_hash)" : "replace(file_hash, 'sha256:', '')";

    private string FileHash => !Has("file_hash") ? "NULL::VARCHAR" : IsBlob("file_hash") ? Sri + "nix32(file_hash)" : Prefixed("file_hash");

    private string NarHash => IsBlob("nar_hash") ? Sri + "nix32(nar_hash)" : Prefixed("nar_hash");

    private string References => Has("reference_hashes") ? HashedList("reference_hashes") : Has("references") ? HashedList("references") : "[]::VARCHAR[]";

    private string Deriver => !Has("deriver") ? "NULL::VARCHAR"
        : IsBlob("deriver") ? $"CASE WHEN deriver IS NULL OR nullif({Text("deriver_pname")}, '') IS NULL THEN NULL ELSE nix32(deriver) || '-' || deriver_pname || '.drv' END"
        : $"nullif(nullif(replace(deriver, {DuckSession.Quote(_storeDirectory + "/")}, ''), ''), 'unknown-deriver')";

    private string ContentAddress => Has("ca") ? "nullif(ca, '')"
        : Has("ca_algo") && Has("ca_hash") ? "CASE WHEN nullif(ca_algo::VARCHAR, '') IS NULL THEN NULL ELSE ca_algo::VARCHAR || ':' || nix32(ca_hash) END" : "NULL::VARCHAR";

    private string Signatures => Has("signatures") ? "coalesce(signatures, [])::VARCHAR[]"
        : Has("signature_domains") && Has("signature_values") ? "list_transform(list_zip(signature_domains, signature_values), s -> s[1] || ':' || to_base64(s[2]))" : "[]::VARCHAR[]";

    private string LastModified => !Has("last_modified_at") ? "NULL::TIMESTAMP_MS"
        : _types["last_modified_at"] == "BIGINT" ? "epoch_ms(nullif(last_modified_at, 0))::TIMESTAMP_MS" : "last_modified_at::TIMESTAMP_MS";

    private string Hashed(string column) => IsBlob(column) ? $"nix32({column})" : column;

    private string HashedList(string column) => _types[column].StartsWith("BLOB", StringComparison.Ordinal) ? $"list_transform(coalesce(\"{column}\", []), r -> nix32(r))"
        : $"list_transform(coalesce(\"{column}\", []), r -> left(replace(r, {DuckSession.Quote(_storeDirectory + "/")}, ''), 32))";

    private string Text(string column) => Has(column) ? $"nullif({column}::VARCHAR, '')" : "NULL::VARCHAR";

    private string Number(string column) => Has(column) ? $"nullif({column}::BIGINT, 0)" : "NULL::BIGINT";

    private static string Prefixed(string column) => $"CASE WHEN {column} IS NULL OR {column} = '' THEN NULL WHEN contains({column}, ':') THEN {column} ELSE {Sri}{column} END";

    private bool Has(string column) => _types.ContainsKey(column);

    private bool IsBlob(string column) => _types[column] == "BLOB";
}
