using System.Management.Automation;
using System.Management.Automation.Language;
using NixStore.Engine.Roots;
using NixStore.Engine.Stores;

namespace NixStore.PowerShell.Completers;

/// <summary>Completes <c>-Link</c> of roots that can be removed, from the store that <c>-Store</c> names. Never throws.</summary>
public sealed class StoreRootCompleter : InStoreCompleter
{
    private const int MaximumResults = 50;
    private static readonly TimeSpan s_patience = TimeSpan.FromMilliseconds(500);

    /// <inheritdoc/>
    private protected override IReadOnlyList<CompletionResult> Complete(string word, StoreLocation store)
    {
        using var patience = new CancellationTokenSource(s_patience);
        return [.. new RootScanner(store, _ => true).FindPermanent(patience.Token).Where(root => RootRemover.Refusal(root) is null)
            .Where(root => root.Link.Contains(word, StringComparison.OrdinalIgnoreCase) || root.ToString().Contains(word, StringComparison.OrdinalIgnoreCase))
            .Take(MaximumResults)
            .Select(root => new CompletionResult($"'{CodeGeneration.EscapeSingleQuotedStringContent(root.Link)}'", root.Link,
                CompletionResultType.ParameterValue, root.ToString()))];
    }
}
