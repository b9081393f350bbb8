using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using System.Management.Automation.Runspaces;
using NixStore.Engine.Roots;
using NixStore.Engine.Stores;

namespace NixStore.PowerShell.Completers;

/// <summary>Completes <c>-Link</c> of roots that can be removed, from the store that <c>-Store</c> names. Never throws.</summary>
public sealed class StoreRootCompleter : IArgumentCompleter
{
    private const int MaximumResults = 50;
    private static readonly TimeSpan s_patience = TimeSpan.FromMilliseconds(500);

    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        try
        {
            return Complete((wordToComplete ?? "").Trim('\'', '"'), fakeBoundParameters?["Store"] as string);
        }
        catch (Exception)
        {
            // No store, no permission, no time: then there is nothing to propose, and nothing a prompt should say.
            return [];
        }
    }

    private static List<CompletionResult> Complete(string word, string? storeName)
    {
        var store = StoreLocator.Locate(storeName is ['.' or '~', ..] && Runspace.DefaultRunspace is { } runspace
            ? runspace.SessionStateProxy.Path.GetUnresolvedProviderPathFromPSPath(storeName) : storeName);
        using var patience = new CancellationTokenSource(s_patience);
        return [.. new RootScanner(store, _ => true).FindPermanent(patience.Token).Where(root => RootRemover.Refusal(root) is null)
            .Where(root => root.Link.Contains(word, StringComparison.OrdinalIgnoreCase) || root.ToString().Contains(word, StringComparison.OrdinalIgnoreCase))
            .Take(MaximumResults)
            .Select(root => new CompletionResult($"'{CodeGeneration.EscapeSingleQuotedStringContent(root.Link)}'", root.Link,
                CompletionResultType.ParameterValue, root.ToString()))];
    }
}
