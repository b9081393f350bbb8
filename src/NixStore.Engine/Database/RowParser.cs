using NixStore.Engine.Stores;

namespace NixStore.Engine.Database;

/// <summary>
/// Turns a row into what the pipelines carry: fields that parse, and a problem for each that does not. A malformed row aborts real
/// Nix's collection and verification (NIX-ON-DAMAGE, cases g5–g12); here it is one object with a problem.
/// </summary>
public static class RowParser
{
    private const int LongestQuote = 200;

    /// <summary>Parses a row of <paramref name="store"/>; problems are added to <paramref name="problems"/>.</summary>
    public static ParsedRow Parse(PathRow row, StoreLocation store, List<StorePathProblem> problems)
    {
        if (!store.Directory.TryParse(row.Path, out var path))
        {
            problems.Add(new(StoreProblemKind.RowPath, Actual: Quote(row.Path), Detail: $"'{Quote(row.Path)}' is not a path of this store"));
        }

        foreach (var (column, value) in row.MalformedColumns)
        {
            var kind = column == "narSize" ? StoreProblemKind.RowSize : StoreProblemKind.RowColumn;
            problems.Add(new(kind, Actual: Quote(value), Detail: $"column {column} holds '{Quote(value)}'"));
        }

        CheckReferences(row, problems);
        return new ParsedRow(
            path,
            ParseHash(row, problems),
            ParseSize(row, problems),
            ParseTime(row, problems),
            ParseDeriver(row, store, problems),
            ParseSignatures(row, problems),
            ParseContentAddress(row, problems),
            row.References,
            store.Directory);
    }

    private static NixHash? ParseHash(PathRow row, List<StorePathProblem> problems)
    {
        var ok = NixHash.TryParse(row.Hash, out var hash) && hash.Algorithm == NixHashAlgorithm.Sha256;
        if (!ok)
        {
            problems.Add(new(StoreProblemKind.RowHash, Actual: Quote(row.Hash), Detail: "the registered hash is malformed"));
            return null;
        }

        if (hash!.IsZero)
        {
            problems.Add(new(StoreProblemKind.RowHash, Actual: Quote(row.Hash), Detail: "the registered hash is all zero"));
            return null;
        }

        return hash;
    }

    private static long? ParseSize(PathRow row, List<StorePathProblem> problems)
    {
        if (row.NarSize > 0)
        {
            return row.NarSize;
        }

        if (!row.MalformedColumns.Any(column => column.Column == "narSize"))
        {
            problems.Add(new(StoreProblemKind.RowSize, Actual: row.NarSize?.ToString(System.Globalization.CultureInfo.InvariantCulture),
                Detail: "the registered size is missing"));
        }

        return null;
    }

    private static DateTimeOffset? ParseTime(PathRow row, List<StorePathProblem> problems)
    {
        const long year10000 = 253402300800;
        if (row.RegistrationTime is >= 0 and < year10000)
        {
            return DateTimeOffset.FromUnixTimeSeconds(row.RegistrationTime.Value);
        }

        if (row.RegistrationTime is { } seconds)
        {
            problems.Add(new(StoreProblemKind.RowColumn, Actual: seconds.ToString(System.Globalization.CultureInfo.InvariantCulture),
                Detail: "the registration time is out of range"));
        }

        return null;
    }

    private static StorePath? ParseDeriver(PathRow row, StoreLocation store, List<StorePathProblem> problems)
    {
        if (string.IsNullOrEmpty(row.Deriver))
        {
            return null;
        }

        if (store.Directory.TryParse(row.Deriver, out var deriver))
        {
            return deriver;
        }

        problems.Add(new(StoreProblemKind.RowDeriver, Actual: Quote(row.Deriver), Detail: $"the deriver '{Quote(row.Deriver)}' is malformed"));
        return null;
    }

    private static StoreSignature[] ParseSignatures(PathRow row, List<StorePathProblem> problems)
    {
        if (string.IsNullOrEmpty(row.Signatures))
        {
            return [];
        }

        var signatures = new List<StoreSignature>();
        foreach (var text in row.Signatures.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (StoreSignature.TryParse(text, out var signature))
            {
                signatures.Add(signature);
            }
            else
            {
                problems.Add(new(StoreProblemKind.RowSignature, Actual: Quote(text), Detail: $"the signature '{Quote(text)}' is malformed"));
            }
        }

        return [.. signatures];
    }

    private static ContentAddress? ParseContentAddress(PathRow row, List<StorePathProblem> problems)
    {
        if (string.IsNullOrEmpty(row.ContentAddress))
        {
            return null;
        }

        if (ContentAddress.TryParse(row.ContentAddress, out var address))
        {
            return address;
        }

        problems.Add(new(StoreProblemKind.RowContentAddress, Actual: Quote(row.ContentAddress),
            Detail: $"the content address '{Quote(row.ContentAddress)}' is malformed"));
        return null;
    }

    private static void CheckReferences(PathRow row, List<StorePathProblem> problems)
    {
        foreach (var id in row.DanglingReferences)
        {
            problems.Add(new(StoreProblemKind.DanglingReference, Detail: $"table Refs names the row {id}, which does not exist"));
        }
    }

    private static string? Quote(string? text) => text?.Length > LongestQuote ? text[..LongestQuote] + "…" : text;
}

/// <summary>The fields of a row that parse; null for those that are absent or do not.</summary>
public sealed record ParsedRow(
    StorePath? Path,
    NixHash? NarHash,
    long? NarSize,
    DateTimeOffset? RegistrationTime,
    StorePath? Deriver,
    IReadOnlyList<StoreSignature> Signatures,
    ContentAddress? ContentAddress,
    IReadOnlyList<string> ReferencePaths,
    StoreDirectory Directory)
{
    private IReadOnlyList<StorePath>? _references;

    /// <summary>The references that are paths of this store. Parsed when first asked for: a listing never does.</summary>
    public IReadOnlyList<StorePath> References => _references ??= Parse();

    private StorePath[] Parse()
    {
        var references = new List<StorePath>(ReferencePaths.Count);
        foreach (var text in ReferencePaths)
        {
            if (Directory.TryParse(text, out var reference))
            {
                references.Add(reference);
            }
        }

        return [.. references];
    }
}
