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

            // What is no store path has no files: the text of a damaged row could lead to the store directory itself, or out of it.
            RealPath = parsed.Path is null ? "" : store.RealPathOf(parsed.Path),
            Layer = parsed.Path is null ? null : store.Overlay?.LayerOf(parsed.Path),
            StorePath = parsed.Path,
            NarHash = parsed.NarHash,
            NarSize = parsed.NarSize,
            RegistrationTime = parsed.RegistrationTime,
            Deriver = parsed.Deriver is null ? null : row.Deriver,
            References = row.References,
            Signatures = parsed.Signatures,
            ContentAddress = parsed.ContentAddress,
            Ultimate = row.Ultimate is not null and not 0,
            Problems = problems,
            ContentsChecked = contentsChecked,
        };
}
