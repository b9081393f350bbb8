using NixStore.Caches.Compression;
using NixStore.Catalog.DuckDB;

namespace NixStore.Catalog.Hydra;

/// <summary>A file with rows of <c>buildstepoutputs</c>, as COPY has written it, with a line of names or without.</summary>
internal sealed class HydraDump
{
    private const int LongestFirstLine = 1 << 16;
    private static readonly string[] s_order = ["build", "stepnr", "name", "path", "system", "stoptime"];
    private static readonly string[] s_needed = ["build", "stepnr", "name", "path"];

    private readonly string _path;
    private readonly string? _compression;
    private readonly bool _isTabbed;
    private readonly bool _hasHeader;
    private readonly string[] _columns;

    private HydraDump(string path, string? compression, bool isTabbed, bool hasHeader, string[] columns)
    {
        _path = path;
        _compression = compression;
        _isTabbed = isTabbed;
        _hasHeader = hasHeader;
        _columns = columns;
    }

    private bool IsParquet => _compression is null;

    /// <summary>Looks at its name and first line, and whether all of it is there when it is compressed.</summary>
    /// <exception cref="NixStoreException">HydraDumpCorrupt; errors of reading.</exception>
    internal static HydraDump Open(string path, CancellationToken cancellation)
    {
        if (path.EndsWith(".parquet", StringComparison.OrdinalIgnoreCase))
        {
            return new HydraDump(path, null, false, true, []);
        }

        var line = FirstLine(path, cancellation);
        var isTabbed = line.Contains('\t', StringComparison.Ordinal);
        var fields = line.Split(isTabbed ? '\t' : ',').Select(field => field.Trim('"', '\r')).ToArray();
        var hasHeader = fields.Contains("path", StringComparer.OrdinalIgnoreCase);
        string[] columns = hasHeader ? [.. fields.Select(field => field.ToLowerInvariant())] : [.. s_order.Take(fields.Length)];
        if ((!hasHeader && (fields.Length < s_needed.Length || fields.Length > s_order.Length || !long.TryParse(fields[0], out _)))
            || s_needed.Any(name => !columns.Contains(name)) || columns.Distinct().Count() != columns.Length)
        {
            throw Corrupt(path, $"its first line is none of {string.Join(',', s_needed)}: '{(line.Length > 80 ? line[..80] + "…" : line)}'");
        }

        return new HydraDump(path, CompressedFile.NameOf(CompressedFile.CompressionOf(path)), isTabbed, hasHeader, columns);
    }

    /// <summary>The query for its rows (build, stepnr, name, path, system, stoptime).</summary>
    /// <exception cref="NixStoreException">HydraDumpCorrupt</exception>
    internal string Select(DuckSession session)
    {
        var (source, has) = IsParquet ? ($"read_parquet({DuckSession.Quote(_path)})", ParquetColumns(session)) : (CsvSource(), _columns);
        string Column(string name, string type) => has.Contains(name) ? $"CAST({name} AS {type}) AS {name}" : $"CAST(NULL AS {type}) AS {name}";
        return $"SELECT {Column("build", "BIGINT")}, {Column("stepnr", "INTEGER")}, {Column("name", "VARCHAR")}, {Column("path", "VARCHAR")}, "
            + $"{Column("system", "VARCHAR")}, {Column("stoptime", "BIGINT")} FROM {source} WHERE path IS NOT NULL";
    }

    /// <summary>What it means when its rows cannot be read.</summary>
    internal NixStoreException Explain(DuckException error) => Corrupt(_path, error.Message.Split('\n')[0], error);

    private string CsvSource()
    {
        var columns = string.Join(", ", _columns.Select(name => $"{DuckSession.Quote(name)}: 'VARCHAR'"));
        var form = _isTabbed ? "delim = '\t', quote = '', escape = '', nullstr = '\\N'" : "delim = ',', quote = '\"', escape = '\"', nullstr = ''";
        return $"read_csv({DuckSession.Quote(_path)}, auto_detect = false, header = {(_hasHeader ? "true" : "false")}, {form}, "
            + $"compression = {DuckSession.Quote(_compression!)}, null_padding = false, strict_mode = true, columns = {{{columns}}})";
    }

    private string[] ParquetColumns(DuckSession session)
    {
        var names = new List<string>();
        using (var rows = session.Query($"SELECT lower(column_name) FROM (DESCRIBE SELECT * FROM read_parquet({DuckSession.Quote(_path)}))"))
        {
            while (rows.Read())
            {
                names.Add(rows.GetText(0));
            }
        }

        var missing = s_needed.Where(name => !names.Contains(name)).ToList();
        return missing.Count == 0 ? [.. names] : throw Corrupt(_path, $"it has no column {string.Join(", ", missing)}");
    }

    private static string FirstLine(string path, CancellationToken cancellation)
    {
        try
        {
            var bytes = new byte[LongestFirstLine];
            var count = CompressedFile.Check(path, bytes, cancellation);
            var end = bytes.AsSpan(0, count).IndexOf((byte)'\n');
            return end >= 0 ? System.Text.Encoding.UTF8.GetString(bytes, 0, end) : throw Corrupt(path, "it has no line");
        }
        catch (CodecException error)
        {
            throw Corrupt(path, error.Message, error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new NixStoreException("HydraDumpUnreadable", error is UnauthorizedAccessException ? StoreErrorKind.PermissionDenied : StoreErrorKind.ReadError,
                $"'{path}' cannot be read: {error.Message}", path, null, error);
        }
    }

    private static NixStoreException Corrupt(string path, string reason, Exception? inner = null) => new("HydraDumpCorrupt", StoreErrorKind.InvalidData,
        $"'{path}' is no dump of buildstepoutputs: {reason}.", path, "Make it by \\copy buildstepoutputs to … csv header, and fetch it anew if it was cut off on the way.", inner);
}
