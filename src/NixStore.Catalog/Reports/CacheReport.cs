using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using NixStore.Catalog.DuckDB;
using NixStore.Catalog.Storage;
using NixStore.Engine.Native;
using NixStore.Engine.Writing;

namespace NixStore.Catalog.Reports;

/// <summary>
/// A report of a catalog: one HTML file with charts and tables that needs nothing else. Names and details in it are hostile: they are data of the page, which
/// makes text of them, never markup, and only the scripts that are meant to may run.
/// </summary>
public static partial class CacheReport
{
    private static readonly string[] s_scripts = ["vega", "vega-lite", "vega-embed", "report"];

    // Its encoder leaves no character that HTML could take for something else.
    private static readonly JsonSerializerOptions s_options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    /// <summary>Writes it; the file appears whole and durable, or not at all.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="path">The file; one that is there is replaced. Its directory exists.</param>
    /// <param name="options">What is to be in it.</param>
    /// <param name="report">Gets what is being asked of the catalog.</param>
    /// <param name="cancellation">Stops.</param>
    /// <exception cref="NixStoreException">PriceMissing; <see cref="StoreIOException"/>: it cannot be written; <see cref="DuckException"/></exception>
    public static void Write(CacheCatalog catalog, string path, ReportOptions options, Action<string>? report = null, CancellationToken cancellation = default)
    {
        using var reader = new ReportReader(catalog, options, report ?? (_ => { }), cancellation);
        var page = Encoding.UTF8.GetBytes(Page(reader.Read()));
        DurableFile.Write(path, stream => stream.Write(page));
    }

    /// <summary>The page.</summary>
    internal static string Page(ReportContents contents)
    {
        var scripts = s_scripts.ToDictionary(name => name, Script);
        var allowed = string.Join(' ', s_scripts.Select(name => $"'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(scripts[name])))}'"));

        // What takes a placeholder's place is not looked at again.
        return Placeholder().Replace(Text("report.html"), match => match.Groups[1].Value switch
        {
            "policy" => $"default-src 'none'; script-src {allowed}; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'",
            "title" => WebUtility.HtmlEncode(contents.Title),
            "style" => Text("report.css"),
            "data" => JsonSerializer.Serialize(contents, s_options),
            var name => scripts[name],
        });
    }

    // Its licence stands before what is not ours.
    private static string Script(string name)
        => name == "report" ? Text("report.js") : $"/*!\n{Text(name + ".LICENSE")}*/\n{Text(name + ".min.js")}";

    private static string Text(string name)
    {
        using var reader = new StreamReader(typeof(CacheReport).Assembly.GetManifestResourceStream("Reports/" + name)!);

        // As a browser reads it, for the digests.
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }

    [GeneratedRegex(@"\{\{([a-z-]+)\}\}")]
    private static partial Regex Placeholder();
}
