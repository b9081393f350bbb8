using System.Management.Automation;
using NixStore.Engine.Stores;
using NixStore.Engine.Trash;

namespace NixStore.PowerShell.Completers;

/// <summary>Completes the collections that have something in the trash of the store that <c>-Store</c> names. Never throws.</summary>
public sealed class TrashIdCompleter : InStoreCompleter
{
    /// <inheritdoc/>
    private protected override IReadOnlyList<CompletionResult> Complete(string word, StoreLocation store)
        => [.. StoreTrash.List(store, _ => { })
            .GroupBy(item => item.Id).Where(collection => collection.Key.StartsWith(word, StringComparison.OrdinalIgnoreCase))
            .Select(collection => new CompletionResult(
                collection.Key, collection.Key, CompletionResultType.ParameterValue, $"{collection.Count()} things, {collection.Min(item => item.TrashedTime):u}"))];
}
