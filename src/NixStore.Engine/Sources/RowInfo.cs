using NixStore.Engine.Database;
using NixStore.Engine.Stores;

namespace NixStore.Engine.Sources;

/// <summary>What a row says of a path, as another store can take it over.</summary>
internal static class RowInfo
{
    /// <summary>Parses a row.</summary>
    /// <exception cref="NixStoreException">SourcePathMalformed: it has no hash by which contents could be known.</exception>
    internal static ValidPathInfo Of(PathRow row, StorePath path, StoreLocation store)
    {
        var problems = new List<StorePathProblem>(0);
        var parsed = RowParser.Parse(row, store, problems);
        if (parsed.NarHash is null)
        {
            throw new NixStoreException("SourcePathMalformed", StoreErrorKind.InvalidData,
                $"The row of '{row.Path}' in {store.Url} cannot be used: {problems.Find(p => p.Kind == StoreProblemKind.RowHash)?.Detail}.",
                row.Path, "Repair the path in that store, or take it from another source.");
        }

        return new ValidPathInfo
        {
            Path = path,
            NarHash = parsed.NarHash,
            NarSize = parsed.NarSize ?? 0,
            References = parsed.References,
            Deriver = parsed.Deriver,
            Signatures = parsed.Signatures,
            ContentAddress = parsed.ContentAddress,
            Ultimate = row.Ultimate is not null and not 0,
            RegistrationTime = parsed.RegistrationTime,
        };
    }
}
