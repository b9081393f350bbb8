using NixStore.Engine.Database;
using NixStore.Engine.Stores;

namespace NixStore.Engine.Verification;

/// <summary>Puts a row, its parsed fields and the problems found together into the object that pipelines carry.</summary>
internal static class StorePathInfoFactory
{
    internal static StorePathInfo Create(
        PathRow row, ParsedRow parsed, StoreLocation store, IReadOnlyList<StorePathProblem> problems, bool contentsChecked) => new()
        {
            Store = store.Url,
            Path = row.Path,
            RealPath = $"{store.RealDirectory}/{row.Path[(row.Path.LastIndexOf('/') + 1)..]}",
            StorePath = parsed.Path,
            NarHash = parsed.NarHash,
            NarSize = parsed.NarSize,
            RegistrationTime = parsed.RegistrationTime,
            Deriver = parsed.Deriver is null ? null : store.Directory.Print(parsed.Deriver),
            References = row.References,
            Signatures = parsed.Signatures,
            ContentAddress = parsed.ContentAddress,
            Ultimate = row.Ultimate is not null and not 0,
            Problems = problems,
            ContentsChecked = contentsChecked,
        };
}
