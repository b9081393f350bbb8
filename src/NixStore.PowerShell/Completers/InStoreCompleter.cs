using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using System.Management.Automation.Runspaces;
using NixStore.Engine.Stores;

namespace NixStore.PowerShell.Completers;

/// <summary>The base of what completes with things of the store that <c>-Store</c> names. Never throws.</summary>
public abstract class InStoreCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        try
        {
            return Complete((wordToComplete ?? "").Trim('\'', '"'), Locate(fakeBoundParameters?["Store"] as string));
        }
        catch (Exception)
        {
            // No store, no permission, no time: then there is nothing to propose, and nothing a prompt should say.
            return [];
        }
    }

    /// <summary>What fits; it may throw.</summary>
    /// <param name="word">What was typed, without quotes.</param>
    /// <param name="store">The store.</param>
    private protected abstract IReadOnlyList<CompletionResult> Complete(string word, StoreLocation store);

    /// <summary>Relative directories count from PowerShell's location, as in the cmdlets.</summary>
    private static StoreLocation Locate(string? store) => StoreLocator.Locate(
        store is ['.' or '~', ..] && Runspace.DefaultRunspace is { } runspace
            ? runspace.SessionStateProxy.Path.GetUnresolvedProviderPathFromPSPath(store) : store);
}
